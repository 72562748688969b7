"""Words and shape that every file keeps: names of modules, docstrings, exceptions; nothing of one machine."""

import ast
import re
from pathlib import Path

import pytest

from house.tree import ROOT, Source, all_sources, assert_none, calls, dotted, each, files_under, is_within

BANNED_MODULE_NAMES = dict.fromkeys(
    ("util", "utils", "helper", "helpers", "manager", "managers", "data", "info", "misc", "common"),
    "a noun for what it holds",
)

# The outermost loops, where one failure must not end everything: they log and go on.
MAY_CATCH_EVERYTHING = ("lontara_server.app", "lontara.engine")

OF_ONE_MACHINE = {
    r"/(?:wor[k]|far[m]|roo[t])/\w": "a path of one machine",
    r"/hom[e]/[a-z]\w*/": "a path of one machine",
    r"/User[s]/[A-Za-z]\w*/": "a path of one machine",
    r"[A-Z]:\\\\?User[s]\\": "a path of one machine",
    r"pyp[i]\.org|pythonhoste[d]\.org|registry\.npm[j]s\.org|deb\.debia[n]\.org": "a package registry's host",
}


def findings_in_name(source: Source) -> list[str]:
    return [
        f"{source.path}: a module named {part} is banned, use {BANNED_MODULE_NAMES[part]}"
        for part in source.module.split(".")
        if part in BANNED_MODULE_NAMES
    ]


def findings_in_docstring(source: Source) -> list[str]:
    words = (ast.get_docstring(source.syntax) or "").split()
    if len(words) >= 4:
        return []
    return [f"{source.path}:1: a module without a docstring is banned, say what lives here and what must not"]


def broad_excepts(source: Source) -> list[str]:
    if any(is_within(source.module, place) for place in MAY_CATCH_EVERYTHING):
        return []
    findings = []
    for node in ast.walk(source.syntax):
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            names = ["" if kind is None else dotted(kind) for kind in caught]
            if {"", "Exception", "BaseException"} & set(names):
                findings.append(f"{source.path}:{node.lineno}: a blind except is banned, use the exceptions meant")
    return findings


def sleeps(source: Source) -> list[str]:
    return [
        f"{source.path}:{call.lineno}: {name}() is banned in tests, wait for the event itself with a deadline"
        for call, name in calls(source.syntax)
        if name in {"time.sleep", "sleep"}
    ]


def traces_of_one_machine(path: str, text: str) -> list[str]:
    return [
        f"{path}:{number}: {match.group()} is banned: {why}"
        for number, line in enumerate(text.splitlines(), start=1)
        for pattern, why in OF_ONE_MACHINE.items()
        for match in re.finditer(pattern, line)
    ]


def text_of(path: Path) -> str:
    """The file's text, or nothing where it is no text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@pytest.mark.parametrize("source", each(all_sources()))
def test_a_module_is_named_by_what_it_holds(source: Source) -> None:
    assert_none(findings_in_name(source))


@pytest.mark.parametrize("source", each(all_sources()))
def test_a_module_says_what_lives_in_it(source: Source) -> None:
    assert_none(findings_in_docstring(source))


@pytest.mark.parametrize("source", each(all_sources()))
def test_no_except_catches_more_than_it_means(source: Source) -> None:
    assert_none(broad_excepts(source))


@pytest.mark.parametrize("source", each(tuple(each for each in all_sources() if each.path.startswith("tests/"))))
def test_no_test_sleeps(source: Source) -> None:
    assert_none(sleeps(source))


def test_no_file_names_one_machine_or_a_registry() -> None:
    paths = list(files_under(ROOT))

    findings = [
        line for path in paths for line in traces_of_one_machine(path.relative_to(ROOT).as_posix(), text_of(path))
    ]

    assert_none(findings)


@pytest.mark.parametrize(
    ("rule", "module", "text"),
    [
        (findings_in_name, "lontara.utils", ""),
        (findings_in_docstring, "lontara.store", "import json"),
        (broad_excepts, "lontara.store", "try:\n    f()\nexcept:\n    pass"),
        (broad_excepts, "lontara.store", "try:\n    f()\nexcept (OSError, Exception):\n    pass"),
        (sleeps, "core.test_clock", "time.sleep(1)"),
    ],
)
def test_a_broken_rule_is_reported(rule, module: str, text: str) -> None:  # type: ignore[no-untyped-def]
    findings = rule(Source("a.py", module, text))

    assert len(findings) == 1


@pytest.mark.parametrize("line", ["see /wor" + "k/main/a", "C:\\Use" + "rs\\siti", "from py" + "pi.org"])
def test_a_trace_of_one_machine_is_reported(line: str) -> None:
    findings = traces_of_one_machine("a.md", line)

    assert len(findings) == 1
