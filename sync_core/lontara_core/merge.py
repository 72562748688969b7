"""Field merge: what becomes of one `set` on a record, by the rules that the schema names (sync_protocol.md §8).

Pure: values in, a verdict out. Who may write at all, and rules across records, do not live here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from lontara_core.canonical import Json, encode
from lontara_core.clock import Hlc
from lontara_core.operations import Refused, minutes_between
from lontara_core.record_type import Authority, RecordType, Rule

NO_STAMP: Final[Hlc] = (0, 0)


@dataclass(frozen=True)
class Clash:
    """One field that no rule decides: what the author saw, what the server holds, what the author wants."""

    base: Json
    server: Json
    device: Json


@dataclass(frozen=True)
class Current:
    """The server's side of a merge.

    stamps: hybrid clock of the last writer of each `latest` field.
    contested: fields that already wait in an open conflict; a later edit of them joins it.
    final: reviewed for good, or in a locked period; then nothing applies by itself.
    """

    fields: Mapping[str, Json]
    stamps: Mapping[str, Hlc] = field(default_factory=dict)
    contested: frozenset[str] = frozenset()
    final: bool = False


@dataclass(frozen=True)
class Wish:
    """The author's side of a merge: new values, the values seen before, hybrid clock and authority."""

    fields: Mapping[str, Json]
    was: Mapping[str, Json]
    hlc: Hlc
    authority: Authority = "author"


@dataclass
class Merged:
    """What a merge says. `former` has the replaced value of each change; `decided` names the fields where a rule
    chose between two values, `lost` holds the author's values that such a choice put aside."""

    changes: dict[str, Json] = field(default_factory=dict)
    former: dict[str, Json] = field(default_factory=dict)
    decided: set[str] = field(default_factory=set)
    lost: dict[str, Json] = field(default_factory=dict)
    clashes: dict[str, Clash] = field(default_factory=dict)
    stamps: dict[str, Hlc] = field(default_factory=dict)


@dataclass(frozen=True)
class Unit:
    """What one rule looks at: the fields that move together, on each of the three sides."""

    names: tuple[str, ...]
    base: dict[str, Json]
    server: dict[str, Json]
    device: dict[str, Json]

    @property
    def clean(self) -> bool:
        """Every field is as the author saw it, or already as the author wants it."""
        return all(self.server[name] in (self.base[name], self.device[name]) for name in self.names)

    @property
    def differing(self) -> tuple[str, ...]:
        return tuple(name for name in self.names if self.server[name] != self.device[name])


def merge_set(record_type: RecordType, current: Current, wish: Wish) -> Merged:
    """Merge a `set` into the server's fields; total for every `set` of good form.

    Raises Refused where the fields are not the author's to set: then nothing of the operation applies.
    """
    merged = Merged()
    for unit in _units(record_type, current, wish):
        rule = record_type.fields[unit.names[0]].rule
        if unit.base == unit.device:
            continue
        if wish.authority != "server" and current.contested & set(unit.names):
            # Also a wish that the server's value meets: it takes the place of the same author's earlier candidate.
            _ask(unit, merged, (*unit.differing, *(current.contested & set(wish.fields) & set(unit.names))))
        elif not unit.differing:
            continue
        elif rule in ("immutable", "server_only"):
            _refuse_unless_server(rule, unit, wish, merged)
        elif wish.authority != "server" and current.final:
            _ask(unit, merged, unit.differing)
        else:
            RULES[rule](record_type, unit, current, wish, merged)
    return merged


def _units(record_type: RecordType, current: Current, wish: Wish) -> list[Unit]:
    groups = dict.fromkeys(record_type.group_of(name) for name in sorted(wish.fields))
    return [_unit(names, current, wish) for names in groups]


def _unit(names: tuple[str, ...], current: Current, wish: Wish) -> Unit:
    base = {name: wish.was.get(name) for name in names}
    device = {**base, **{name: wish.fields[name] for name in names if name in wish.fields}}
    if device.get("start_time") and device.get("end_time"):
        # An entry's times tell its duration; the author's older figure is no wish of its own.
        device["duration_minutes"] = minutes_between(device["start_time"], device["end_time"])
    return Unit(names, base, {name: current.fields.get(name) for name in names}, device)


def _apply(unit: Unit, merged: Merged) -> None:
    for name in unit.differing:
        merged.changes[name] = unit.device[name]
        merged.former[name] = unit.server[name]


def _ask(unit: Unit, merged: Merged, names: Sequence[str]) -> None:
    for name in names:
        merged.clashes[name] = Clash(unit.base[name], unit.server[name], unit.device[name])


def _refuse_unless_server(rule: Rule, unit: Unit, wish: Wish, merged: Merged) -> None:
    if rule == "immutable":
        raise Refused("immutable_field", f"{unit.names[0]} is set once, by the create", unit.names[0])
    if wish.authority != "server":
        raise Refused("server_field", f"{unit.names[0]} is written by the server only", unit.names[0])
    _apply(unit, merged)


def manual(_type: RecordType, unit: Unit, _current: Current, _wish: Wish, merged: Merged) -> None:
    """Apply what is clean; anything else waits for a person, and the server's value stays."""
    if unit.clean:
        _apply(unit, merged)
    else:
        _ask(unit, merged, unit.differing)


def server_order(_type: RecordType, unit: Unit, _current: Current, _wish: Wish, merged: Merged) -> None:
    """The operation that the server takes last wins."""
    if not unit.clean:
        merged.decided.update(unit.differing)
    _apply(unit, merged)


def latest(_type: RecordType, unit: Unit, current: Current, wish: Wish, merged: Merged) -> None:
    """The later hybrid clock wins, the greater bytes where clocks are equal; who saw the other value comes after it.

    Of writes that did not see each other the same one wins in every order of arrival.
    """
    name = unit.names[0]
    stored = current.stamps.get(name, NO_STAMP)
    if unit.server[name] == unit.base[name]:
        merged.stamps[name] = wish.hlc if wish.hlc > stored else (stored[0], stored[1] + 1)
        _apply(unit, merged)
        return
    merged.decided.add(name)
    if (wish.hlc, encode(unit.device[name])) > (stored, encode(unit.server[name])):
        merged.stamps[name] = wish.hlc
        _apply(unit, merged)
    else:
        merged.lost[name] = unit.device[name]


def union(_type: RecordType, unit: Unit, _current: Current, _wish: Wish, merged: Merged) -> None:
    """Keep what either side added, drop what either side removed; sorted."""
    name = unit.names[0]
    kept = union_of_lists(unit.base[name], unit.server[name], unit.device[name])
    before = sorted(unit.server[name] or ())
    if kept != before:
        merged.changes[name] = kept or None
        merged.former[name] = unit.server[name]
    if kept != sorted(unit.device[name] or ()):
        merged.decided.add(name)


def union_of_lists(base: Json, server: Json, device: Json) -> list[str]:
    """What both sides make of a set that both started from `base`."""
    old, here, there = set(base or ()), set(server or ()), set(device or ())
    return sorted((old & here & there) | ((here | there) - old))


def state(record_type: RecordType, unit: Unit, _current: Current, wish: Wish, merged: Merged) -> None:
    """Move along the graph, by the author's authority; a move that the graph allows from where the server is now
    holds although the author saw another place, and one that it allowed only from there waits for a person."""
    name = unit.names[0]
    graph = record_type.transitions.get(name, {}).get(wish.authority, {})
    if wish.authority == "server" or unit.device[name] in graph.get(unit.server[name], ()):
        if not unit.clean:
            merged.decided.add(name)
        _apply(unit, merged)
    elif not unit.clean and unit.device[name] in graph.get(unit.base[name], ()):
        _ask(unit, merged, unit.differing)
    else:
        raise Refused("state_not_allowed", f"{unit.server[name]} does not lead to {unit.device[name]}", name)


RuleFunction = Callable[[RecordType, Unit, Current, Wish, Merged], None]
RULES: Final[Mapping[str, RuleFunction]] = {
    "manual": manual,
    "server_order": server_order,
    "latest": latest,
    "union": union,
    "state": state,
}


def check_create(record_type: RecordType, fields: Mapping[str, Json], authority: Authority) -> None:
    """Raise Refused when a create sets what only the server may, or starts a state elsewhere than at its beginning."""
    if authority == "server":
        return
    for name in sorted(record_type.not_the_authors & fields.keys()):
        spec = record_type.fields[name]
        if spec.rule == "server_only":
            raise Refused("server_field", f"{name} is written by the server only", name)
        if spec.rule == "state" and fields[name] != record_type.initial.get(name):
            raise Refused("state_not_allowed", f"{name} starts as {record_type.initial.get(name)}", name)


def is_final(record_type: RecordType, fields: Mapping[str, Json]) -> bool:
    """Whether a state of the record is one that an author's edit never changes by itself."""
    return any(fields.get(name) in states for name, states in record_type.final.items())


def join_candidates(
    clashes: Mapping[str, Json], added: Mapping[str, Clash], *, device: str, by: str | None, at: int
) -> dict[str, Json]:
    """The clashes of an open conflict with one device's wishes added: one candidate per device and field."""
    joined = {name: dict(clash) for name, clash in clashes.items()}
    for name, clash in added.items():
        entry = joined.setdefault(name, {"base": clash.base, "server": clash.server, "candidates": []})
        others: Sequence[Json] = [each for each in entry["candidates"] if each["device"] != device]
        mine = {"at": at, "by": by, "device": device, "value": clash.device}
        entry["server"] = clash.server
        entry["candidates"] = sorted([*others, mine], key=lambda each: str(each["device"]))
    return joined
