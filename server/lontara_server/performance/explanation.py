"""The explanation of a score: a tree of figures that anybody can add up again.

A node's value is the last row of its level: its children are the rows above it, and `rule` says how they make
it. A child without a value (a part that has no data) is shown and not counted. Words are in `wording`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import reduce
from typing import Literal, cast

import msgspec

Rule = Literal["given", "sum", "product", "percent_of", "share", "portion", "lowest", "mean", "cell"]
Unit = Literal["points", "percent", "minutes", "days", "rupiah", "amount"]
KeyPath = tuple[str | int, ...]
Param = str | int | bool | None
Json = str | int | bool | None | list["Json"] | dict[str, "Json"]

# Enough digits for any month; the host's decimal context must not change a score.
ARITHMETIC = Context(prec=28, rounding=ROUND_HALF_UP)
# A quotient of minutes lies on a rounding edge of up to 4 places exactly, or over 1e-9 away from it (a month
# has at most 31 x 1,440 minutes): rounding it again, from 10 places, can never fall to the other side.
QUOTIENT_STEP = Decimal("1e-10")


class _PlainDecimal(Decimal):
    """A figure that `str` would write with an exponent: the encoder asks how it is written."""


def _plain(value: Decimal) -> Decimal:
    return _PlainDecimal(value) if "E" in str(value) else value


class Node(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One row of the explanation.

    rule: given (no children), sum, product, lowest; mean of the children that have a value, to 10 places;
        percent_of: first child / second x 100, to 10 places; share: first x second / 100;
        portion: first / second x third, to 10 places; cell: no figure, the row's words say what its children make.
    params: what the row's words name: dates, times, counts, codes.
    entry_ids: the entries that the row itself speaks of.
    attendance_days: the days of attendance that the row itself speaks of, "YYYY-MM-DD".
    policy_path: keys of the policy document, from the top, whose number the row rests on.
    """

    code: str
    # What most rows are is left out of a stored document.
    rule: Rule = "given"
    value: Decimal | None = None
    unit: Unit = "minutes"
    params: Mapping[str, Param] = {}
    children: tuple[Node, ...] = ()
    entry_ids: tuple[str, ...] = ()
    attendance_days: tuple[str, ...] = ()
    policy_path: KeyPath = ()


def given(
    code: str,
    value: Decimal | int | None,
    unit: Unit,
    params: Mapping[str, Param] | None = None,
    entry_ids: tuple[str, ...] = (),
    *,
    attendance_days: tuple[str, ...] = (),
    policy_path: KeyPath = (),
) -> Node:
    """Return a row that rests on no other row."""
    figure = None if value is None else _plain(Decimal(value))
    return Node(code, "given", figure, unit, params or {}, (), entry_ids, attendance_days, policy_path)


def combined(
    code: str,
    rule: Rule,
    unit: Unit,
    children: tuple[Node, ...],
    params: Mapping[str, Param] | None = None,
    *,
    policy_path: KeyPath = (),
) -> Node:
    """Return a row whose value is made of its children by the rule."""
    value = value_by_rule(rule, children)
    figure = None if value is None else _plain(value)
    return Node(code, rule, figure, unit, params or {}, children, policy_path=policy_path)


def value_by_rule(rule: Rule, children: tuple[Node, ...]) -> Decimal | None:
    """Return what the children make; None where a part of it has no value, or it would be divided by 0."""
    values = [child.value for child in children if child.value is not None]
    if rule == "sum":
        # No rows at all are 0 minutes; rows that have all no value make no value.
        return sum(values, Decimal(0)) if values or not children else None
    if rule == "mean":
        return _quotient(sum(values, Decimal(0)), Decimal(len(values)))
    if rule == "cell" or len(values) < len(children):
        return None
    if rule == "lowest":
        return min(values)
    if rule == "product":
        return reduce(ARITHMETIC.multiply, values, Decimal(1))
    if rule == "share":
        return ARITHMETIC.multiply(values[0], values[1]).scaleb(-2)
    if rule == "portion":
        return _quotient(ARITHMETIC.multiply(values[0], values[2]), values[1])
    return _quotient(ARITHMETIC.multiply(values[0], Decimal(100)), values[1])


def _quotient(dividend: Decimal, divisor: Decimal) -> Decimal | None:
    if divisor == 0:
        return None
    return ARITHMETIC.divide(dividend, divisor).quantize(QUOTIENT_STEP, context=ARITHMETIC)


def rows_that_do_not_add_up(node: Node) -> list[str]:
    """Return the codes of rows whose value is not what their children make; none in a sound tree."""
    wrong = [code for child in node.children for code in rows_that_do_not_add_up(child)]
    if node.rule != "given" and node.value != value_by_rule(node.rule, node.children):
        wrong.append(node.code)
    return wrong


def encode_document(document: Mapping[str, object]) -> bytes:
    """Return the canonical bytes of a document in which nodes stand as they are; their empty keys are left out."""
    return _encoder.encode(document)


def node_document(node: Node) -> dict[str, Json]:
    """Return the node in JSON types, keys always in the same order; the days and the policy's keys where it has any."""
    document: dict[str, Json] = {
        "code": node.code,
        "rule": node.rule,
        "value": decimal_text(node.value),
        "unit": node.unit,
        "params": dict(sorted(node.params.items())),
        "entry_ids": list(node.entry_ids),
        "children": [node_document(child) for child in node.children],
    }
    if node.attendance_days:
        document["attendance_days"] = list(node.attendance_days)
    if node.policy_path:
        document["policy_path"] = list(node.policy_path)
    return document


def node_from_document(document: Mapping[str, Json]) -> Node:
    """Return the node that `node_document` or `encode_document` wrote. For documents of our own store only."""
    value = document.get("value")
    children = cast("list[dict[str, Json]]", document.get("children", ()))
    return Node(
        code=str(document["code"]),
        rule=cast(Rule, document.get("rule", "given")),
        value=None if value is None else Decimal(str(value)),
        unit=cast(Unit, document.get("unit", "minutes")),
        params=cast("dict[str, Param]", document.get("params", {})),
        children=tuple(node_from_document(child) for child in children),
        entry_ids=tuple(cast("list[str]", document.get("entry_ids", ()))),
        attendance_days=tuple(cast("list[str]", document.get("attendance_days", ()))),
        policy_path=tuple(cast("list[str | int]", document.get("policy_path", ()))),
    )


def decimal_text(value: Decimal | None) -> str | None:
    """Return a decimal as plain digits, never with an exponent."""
    return None if value is None else format(value, "f")


_encoder = msgspec.json.Encoder(order="sorted", enc_hook=decimal_text)
