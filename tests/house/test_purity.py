"""`lontara_core` and `lontara_server.performance` hold no I/O, no clock and no randomness.

The simulator replays a schedule from its seed; one hidden clock or socket in the rules would make that a lie.
"""

import sys

import pytest

from house.tree import Source, assert_none, calls, each, imports, is_within, product_sources

PURE = ("lontara_core", "lontara_server.performance")

# Modules of the standard library that compute and do nothing else.
PURE_MODULES = {
    *("__future__", "abc", "base64", "binascii", "bisect", "calendar", "collections", "copy", "dataclasses"),
    *("datetime", "decimal", "difflib", "enum", "fractions", "functools", "gzip", "hashlib", "heapq", "hmac"),
    *("itertools", "json", "math", "numbers", "operator", "re", "statistics", "string", "struct", "textwrap"),
    *("types", "typing", "unicodedata", "uuid", "zlib"),
}
PURE_LIBRARIES = {"msgspec", "cryptography", "rapidfuzz"}

BANNED_CALLS = {
    "open": "a value passed in by the caller",
    "print": "a returned value",
    "input": "an argument",
    "eval": "a function",
    "exec": "a function",
    "hash": "hashlib: hash() differs from process to process",
    "datetime.now": "an argument `now`",
    "datetime.utcnow": "an argument `now`",
    "datetime.today": "an argument `now`",
    "date.today": "an argument `today`",
    "uuid1": "an id passed in",
    "uuid4": "an id passed in",
    "generate": "a key passed in",
}


def impure_parts(source: Source) -> list[str]:
    findings = []
    for line, name in imports(source):
        top = name.partition(".")[0]
        if not (top in PURE_MODULES or top in PURE_LIBRARIES or top.startswith("lontara")):
            kind = "standard library" if top in sys.stdlib_module_names else "library"
            findings.append(
                f"{source.path}:{line}: {top} is banned in a pure module, use a value passed in "
                f"(or, if this {kind} does no I/O and reads no clock, name it in {__name__})"
            )
    for call, name in calls(source.syntax):
        for banned, instead in BANNED_CALLS.items():
            if name == banned or name.endswith("." + banned):
                findings.append(f"{source.path}:{call.lineno}: {name}() is banned in a pure module, use {instead}")
    return findings


PURE_SOURCES = tuple(
    source for source in product_sources() if any(is_within(source.module, package) for package in PURE)
)


@pytest.mark.parametrize("source", each(PURE_SOURCES))
def test_a_pure_module_reads_no_clock_no_chance_and_no_file(source: Source) -> None:
    assert_none(impure_parts(source))


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "from time import monotonic",
        "import random",
        "import sqlite3",
        "import httpx",
        "open('a')",
        "datetime.datetime.now(datetime.UTC)",
        "date.today()",
        "uuid.uuid4()",
    ],
)
def test_an_impure_line_is_reported(line: str) -> None:
    source = Source("a.py", "lontara_core.merge", line)

    findings = impure_parts(source)

    assert len(findings) == 1
