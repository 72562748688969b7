"""The client runs on Windows, macOS and Linux; text files are UTF-8 wherever they are opened.

A guard such as `if sys.platform == "linux":` opens the door for what it guards.
"""

import ast
from collections.abc import Iterator

import pytest

from house.tree import (
    Source,
    all_sources,
    assert_none,
    calls,
    dotted,
    each,
    imports,
    is_within,
    product_sources,
)

ON_EVERY_DESKTOP = ("lontara", "lontara_core")

POSIX_ONLY_MODULES = {
    "curses": "rich",
    "fcntl": "the locks of SQLite",
    "grp": "platformdirs",
    "posix": "os",
    "pty": "subprocess",
    "pwd": "platformdirs",
    "readline": "click",
    "resource": "a limit of our own",
    "syslog": "logging",
    "termios": "click",
    "tty": "click",
}
POSIX_ONLY_NAMES = {
    "os.fork": "subprocess or threading",
    "os.forkpty": "subprocess",
    "os.getuid": "platformdirs",
    "os.geteuid": "platformdirs",
    "os.getgid": "platformdirs",
    "os.getpgid": "subprocess",
    "os.killpg": "Popen.terminate()",
    "os.kill": "Popen.terminate()",
    "os.setsid": "subprocess",
    "os.chown": "the mode given to os.open",
    "os.mkfifo": "a loopback socket",
    "os.uname": "platform.system()",
    "os.statvfs": "shutil.disk_usage()",
    "os.sysconf": "os.cpu_count() or a constant",
    "os.nice": "nothing: the system schedules",
    "os.rename": "os.replace(): rename fails on Windows where the target exists",
    "os.O_DIRECTORY": "os.fsync() on the file itself",
    "signal.SIGKILL": "Popen.kill()",
    "signal.SIGHUP": "signal.SIGTERM",
    "signal.SIGUSR1": "a file or a socket",
    "signal.SIGUSR2": "a file or a socket",
    "signal.SIGALRM": "a deadline in the call itself",
    "signal.alarm": "a deadline in the call itself",
    "signal.pause": "threading.Event.wait()",
    "socket.AF_UNIX": "a loopback socket",
    "time.tzset": "zoneinfo",
    "time.clock_gettime": "time.monotonic(), or a guard on sys.platform",
}


def unguarded(node: ast.AST) -> Iterator[ast.AST]:
    """Every node below, except what stands under a test of `sys.platform`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and any(
            isinstance(part, ast.Attribute) and dotted(part) == "sys.platform" for part in ast.walk(child.test)
        ):
            continue
        yield child
        yield from unguarded(child)


def posix_only_parts(source: Source) -> list[str]:
    findings = [
        f"{source.path}:{line}: {name} exists on POSIX alone and is banned in the client, use {instead}"
        for line, name in imports(source)
        for banned, instead in (POSIX_ONLY_MODULES | POSIX_ONLY_NAMES).items()
        if is_within(name, banned)
    ]
    for node in unguarded(source.syntax):
        if isinstance(node, ast.Attribute) and (instead := POSIX_ONLY_NAMES.get(dotted(node))):
            findings.append(f"{source.path}:{node.lineno}: {dotted(node)} is banned in the client, use {instead}")
    return findings


def texts_without_encoding(source: Source) -> list[str]:
    return [
        f"{source.path}:{call.lineno}: {name}() without an encoding is banned, use encoding='utf-8'"
        for call, name in calls(source.syntax)
        if _opens_text(call, name) and not any(keyword.arg in {"encoding", None} for keyword in call.keywords)
    ]


def _opens_text(call: ast.Call, name: str) -> bool:
    method = name.rpartition(".")[2]
    if method == "read_text":
        return not call.args
    if method == "write_text":
        return len(call.args) < 2
    if name in {"open", "io.open", "os.fdopen"}:
        return "b" not in _mode(call, position=1)
    # `Path.open` takes the mode first; an `open` of another kind seldom takes a mode alone.
    return (
        method == "open" and len(call.args) == 1 and _mode(call, position=0) in {"r", "w", "a", "x", "r+", "rt", "wt"}
    )


def _mode(call: ast.Call, *, position: int) -> str:
    named = [keyword.value for keyword in call.keywords if keyword.arg == "mode"]
    given = named or call.args[position : position + 1]
    return given[0].value if given and isinstance(given[0], ast.Constant) and isinstance(given[0].value, str) else ""


CLIENT_SOURCES = tuple(
    source for source in product_sources() if any(is_within(source.module, package) for package in ON_EVERY_DESKTOP)
)


@pytest.mark.parametrize("source", each(CLIENT_SOURCES))
def test_the_client_uses_nothing_that_windows_lacks(source: Source) -> None:
    assert_none(posix_only_parts(source))


@pytest.mark.parametrize("source", each(all_sources()))
def test_a_text_file_is_opened_with_its_encoding_named(source: Source) -> None:
    assert_none(texts_without_encoding(source))


@pytest.mark.parametrize("line", ["import fcntl", "from os import fork", "os.getuid()", "kill(pid, signal.SIGKILL)"])
def test_a_posix_only_line_is_reported(line: str) -> None:
    source = Source("a.py", "lontara.store", line)

    findings = posix_only_parts(source)

    assert len(findings) == 1


def test_a_line_guarded_by_the_platform_is_allowed() -> None:
    source = Source("a.py", "lontara.store", "if sys.platform == 'linux':\n    os.getuid()")

    findings = posix_only_parts(source)

    assert findings == []


@pytest.mark.parametrize(
    ("line", "is_reported"),
    [
        ("open(name)", True),
        ("open(name, 'w')", True),
        ("path.read_text()", True),
        ("path.write_text(text)", True),
        ("path.open('w')", True),
        ("open(name, 'rb')", False),
        ("open(name, encoding='utf-8')", False),
        ("path.read_text('utf-8')", False),
        ("Client.open(folder)", False),
    ],
)
def test_a_text_opened_without_encoding_is_reported(*, line: str, is_reported: bool) -> None:
    source = Source("a.py", "lontara.store", line)

    findings = texts_without_encoding(source)

    assert bool(findings) is is_reported
