"""Stored scores of a month as rows, read a hundred people at a time, with the allowance that each comes to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import msgspec

from lontara_server.performance.explanation import Node, node_from_document
from lontara_server.performance.wording import reason_sentence
from lontara_server.services.outputs import formats
from lontara_server.services.outputs.formats import Language
from lontara_server.services.outputs.people_of import Placed
from lontara_server.storage import scores as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.scores import ScoreHead

PEOPLE_AT_ONCE: Final = 100
PARTS: Final[dict[Language, dict[str, str]]] = {
    "id": {
        "productivity": "Produktivitas",
        "discipline": "Disiplin",
        "behaviour": "Perilaku",
        "budget_absorption": "Serapan anggaran",
        "static": "Tetap",
    },
    "en": {
        "productivity": "Productivity",
        "discipline": "Discipline",
        "behaviour": "Behaviour",
        "budget_absorption": "Budget absorption",
        "static": "Static",
    },
}


@dataclass(frozen=True)
class ScoreOfPerson:
    """A stored score with its person. base, amount, of_parts: rupiah; None and nothing where they are not known."""

    placed: Placed
    head: ScoreHead
    document: Mapping[str, Any]
    base: Decimal | None
    amount: Decimal | None
    of_parts: Mapping[str, Decimal]

    @property
    def value(self) -> Decimal | None:
        return None if self.head.value is None else Decimal(self.head.value)

    def rating(self, language: Language) -> str:
        """What the policy calls the score's band; nothing where it has none."""
        return str(self.document["explanation"].get("params", {}).get(f"rating_{language}") or "")

    def points(self, part: str) -> Decimal | None:
        """The points of a part; None where it has no data, or the policy no such part."""
        return next(
            (Decimal(each["points"]) for each in self.document["parts"] if each["part"] == part and each["points"]), None
        )

    def reasons(self, language: Language) -> str:
        """Why the score is provisional, in sentences."""
        return " ".join(reason_sentence(code, language) for code in self.document["reasons"])


def scored_people(
    connection: Connection, org_id: int, period: str, people: Mapping[str, Placed]
) -> Iterator[ScoreOfPerson]:
    """Yield the stored scores of these people, in their order. Who has none is left out."""
    employees = list(people)
    for start in range(0, len(employees), PEOPLE_AT_ONCE):
        part = employees[start : start + PEOPLE_AT_ONCE]
        heads = store.heads_of(connection, org_id, part, period)
        documents = store.documents_of(connection, org_id, part, period)
        for employee in part:
            if employee in heads:
                yield _score(people[employee], heads[employee], msgspec.json.decode(documents[employee]))


def parts_of_month(
    connection: Connection, org_id: int, period: str, people: Mapping[str, Placed]
) -> tuple[tuple[str, Decimal], ...]:
    """The parts that these scores are made of, each with its weight, in the policy's order."""
    parts: dict[tuple[str, Decimal], None] = {}
    for head in store.all_scores(connection, org_id, period):
        if head.employee in people and head.summary is not None:
            for part in msgspec.json.decode(head.summary)["parts"]:
                parts.setdefault((part["part"], Decimal(part["weight"])))
    return tuple(parts)


def part_title(part: str, weight: Decimal, language: Language) -> str:
    """`Produktivitas (60)`."""
    return f"{PARTS[language].get(part, part)} ({formats.number(weight.normalize(), language)})"


def _score(placed: Placed, head: ScoreHead, document: Mapping[str, Any]) -> ScoreOfPerson:
    allowance = document.get("allowance")
    if allowance is None:
        return ScoreOfPerson(placed, head, document, None, None, {})
    tree = node_from_document(allowance["explanation"])
    amount = None if allowance["amount"] is None else Decimal(allowance["amount"])
    base = _first(tree, "allowance_base")
    parts = {
        row.code.removeprefix("allowance_"): row.value
        for row in tree.children
        if row.value is not None and row.code not in ("allowance_of_score", "allowance_unknown")
    }
    return ScoreOfPerson(placed, head, document, None if base is None else base.value, amount, parts)


def _first(node: Node, code: str) -> Node | None:
    """The first row with this code, at whatever depth."""
    if node.code == code:
        return node
    found = (_first(child, code) for child in node.children)
    return next((each for each in found if each is not None), None)


def columns_of_parts(parts: Sequence[tuple[str, Decimal]], language: Language) -> tuple[str, ...]:
    """The headings of the parts."""
    return tuple(part_title(part, weight, language) for part, weight in parts)
