"""Every word of the wire is in `sync_protocol.md`, and every problem code in a test that names it.

The words come from the code itself: its tables, the codes it raises and the routes it declares.
"""

import ast
import re
from functools import cache

import pytest

from house.tree import ROOT, all_sources, calls, is_within, product_sources
from lontara_core import merge, messages, operations, problems

SPECIFICATION = ROOT / "sync_protocol.md"
PARAMETER = r"<[^>]+>"
METHODS = {"get", "post", "put", "patch", "delete", "head"}


@cache
def specification() -> str:
    return SPECIFICATION.read_text(encoding="utf-8") if SPECIFICATION.exists() else ""


@cache
def text_of_tests() -> str:
    """What the tests say; the house's own excepted."""
    paths = [source for source in all_sources() if source.path.startswith("tests/")]
    return "\n".join(source.text for source in paths if not source.path.startswith("tests/house/"))


def is_described(word: str) -> bool:
    return f"`{word}" in specification()


def is_named_by_a_test(code: str) -> bool:
    return re.search(rf"\b{code}\b", text_of_tests()) is not None


def literal_first_argument(call: ast.Call) -> str | None:
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def raised_codes(*callables: str) -> set[str]:
    """The codes that the product's source gives to these exceptions."""
    return {
        code
        for source in product_sources()
        for call, name in calls(source.syntax)
        if name.rpartition(".")[2] in callables and (code := literal_first_argument(call))
    }


def declared_routes() -> set[str]:
    """`POST /v1/sync` and its like, from the decorators of the web layer; each parameter as `{name}`."""
    return {
        f"{name.rpartition('.')[2].upper()} {re.sub(PARAMETER, '{name}', path)}"
        for source in product_sources()
        if is_within(source.module, "lontara_server.web")
        for call, name in calls(source.syntax)
        if name.rpartition(".")[2] in METHODS and (path := literal_first_argument(call) or "").startswith("/v1/")
    }


def test_the_specification_is_in_the_tree() -> None:
    assert SPECIFICATION.is_file()


@pytest.mark.parametrize("code", sorted(set(problems.STATUSES) | raised_codes("Refused")))
def test_a_problem_of_the_wire_is_in_the_specification(code: str) -> None:
    assert is_described(f"{code}`"), f"describe `{code}` in sync_protocol.md"


@pytest.mark.parametrize(
    "word",
    sorted(
        {*messages.VERDICTS, *messages.BATCH_STATES, *operations.KINDS, *operations.CHOICES}
        | {*operations.VERDICTS_OF_REVIEW, *merge.RULES}
    ),
)
def test_a_verdict_state_kind_choice_or_rule_is_in_the_specification(word: str) -> None:
    assert is_described(f"{word}`"), f"describe `{word}` in sync_protocol.md"


@pytest.mark.parametrize("route", sorted(declared_routes()))
def test_a_route_of_the_wire_is_in_the_specification(route: str) -> None:
    assert is_described(route), f"describe `{route}` in sync_protocol.md"


@pytest.mark.parametrize("code", sorted({*problems.STATUSES, *problems.WORDS} | raised_codes("Problem", "Refused")))
def test_every_problem_has_a_test_that_names_it(code: str) -> None:
    assert is_named_by_a_test(code), f"write a test in which the problem {code!r} comes up"
