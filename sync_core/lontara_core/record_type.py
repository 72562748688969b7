"""What a record type is: its fields with their merge rules, groups and graph. The types themselves are generated
from `schema/records/` into `record_types`; nothing here knows any of them by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

Rule: TypeAlias = Literal["server_order", "latest", "union", "state", "immutable", "server_only", "manual"]
Authority: TypeAlias = Literal["author", "supervisor", "server"]


@dataclass(frozen=True)
class Field:
    """One field: its wire type, merge rule (sync_protocol.md §8) and the atomic group that it moves with."""

    name: str
    kind: str
    rule: Rule
    group: str | None = None
    nullable: bool = False
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class RecordType:
    """A record type: fields by name, groups, who may write it, how it is deleted, and its state graph."""

    name: str
    fields: Mapping[str, Field]
    groups: Mapping[str, tuple[str, ...]]
    written_by: frozenset[str]
    delete: Literal["void", "never"]
    transitions: Mapping[str, Mapping[str, Mapping[str, tuple[str, ...]]]] = field(default_factory=dict)
    initial: Mapping[str, str] = field(default_factory=dict)
    final: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def group_of(self, name: str) -> tuple[str, ...]:
        """All fields that move together with `name`, itself among them, in the schema's order."""
        group = self.fields[name].group
        return (name,) if group is None else self.groups[group]

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The fields that no create may leave out, in the schema's order."""
        return tuple(name for name, spec in self.fields.items() if spec.required)

    @cached_property
    def not_the_authors(self) -> frozenset[str]:
        """The fields that a create of an author may not hold, or only with one value."""
        return frozenset(name for name, spec in self.fields.items() if spec.rule in ("server_only", "state"))

    @cached_property
    def dates(self) -> tuple[str, ...]:
        """The fields that hold a day of the calendar."""
        return tuple(name for name, spec in self.fields.items() if spec.kind == "date")

    @cached_property
    def judged_fields(self) -> tuple[str, ...]:
        """The fields that a person judges: all that the server does not write by itself, sorted."""
        return tuple(sorted(name for name, spec in self.fields.items() if spec.rule != "server_only"))
