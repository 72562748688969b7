"""The scores of a month as a list: JSON and CSV for machines, XLSX for people."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import IO, Any, Final

from lontara_server.services.orgs import org_named
from lontara_server.services.outputs import formats
from lontara_server.services.outputs.formats import Language
from lontara_server.services.outputs.people_of import Wanted, placed_people
from lontara_server.services.outputs.score_rows import ScoreOfPerson, columns_of_parts, parts_of_month, scored_people
from lontara_server.services.outputs.sheets import Book, Column, Kind
from lontara_server.services.score_inputs import edges_of
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit

COLUMNS: Final = (
    "nip", "full_name", "unit", "position", "grade", "period", "value", "rating", "provisional", "reasons",
    "coverage_percent", "allowance", "policy_id", "policy_version", "computed_at",
)  # fmt: skip


def score_rows(connection: Connection, org_id: int, period: str, wanted: Wanted) -> Iterator[dict[str, Any]]:
    """Yield the stored scores of the people meant, by name, each with the keys of COLUMNS and its `parts`.

    Raises Problem invalid_field, not_found.
    """
    first, last = edges_of(period)
    people = placed_people(connection, org_id, first, last, wanted)
    return (_row(score, period) for score in scored_people(connection, org_id, period, people))


def csv_row(row: dict[str, Any]) -> list[object]:
    """A row of the CSV: the values of COLUMNS, reasons with a blank between them."""
    return [" ".join(row[name]) if name == "reasons" else _flat(row[name]) for name in COLUMNS]


def note_export(
    connection: Connection, org_id: int, period: str, wanted: Wanted, form: str, *, by: str, now_ms: int, rows: int
) -> None:  # fmt: skip
    """Note in the audit trail that this list was given out. To be called last in a transaction."""
    facts = {**wanted.facts(), "form": form, "rows": rows}
    add_audit(connection, org_id, "export.scores", by=by, now_ms=now_ms, subject=period, facts=facts)


def write_scores(
    connection: Connection, org_id: int, period: str, wanted: Wanted, target: IO[bytes], language: Language, *, by: str,
    now_ms: int,
) -> int:  # fmt: skip
    """Write the list as XLSX into a file, note it in the audit trail, and return how many it names."""
    first, last = edges_of(period)
    people = placed_people(connection, org_id, first, last, wanted)
    parts = parts_of_month(connection, org_id, period, people)
    org = org_named(connection, org_id)
    title = f"{'Nilai' if language == 'id' else 'Scores'} {formats.month(period, language)}"
    words = {
        "id": ("NIP", "Nama", "Unit kerja", "Jabatan", "Nilai", "Predikat", "Keadaan", "Keterangan"),
        "en": ("NIP", "Name", "Unit", "Position", "Score", "Rating", "State", "Remarks"),
    }[language]
    kinds: tuple[Kind, ...] = ("text", "long", "long", "long", "number", "text", "text", "long")
    widths = (20, 28, 26, 26, 9, 16, 12, 60)
    fixed = [Column(*each) for each in zip(words, kinds, widths, strict=True)]
    of_parts = [Column(each, "number", 14) for each in columns_of_parts(parts, language)]
    book = Book(target, title=f"{title} - {org.name}")
    columns = [*fixed[:5], *of_parts, *fixed[5:]]
    sheet = book.sheet("Nilai" if language == "id" else "Scores", columns, lead=[title, org.name], held=2)
    count = 0
    for score in scored_people(connection, org_id, period, people):
        count += 1
        person, placed = score.placed.employee, score.placed
        points: list[Decimal | None] = [score.points(part) for part, _ in parts]
        state = {"id": ("Lengkap", "Sementara"), "en": ("Complete", "Provisional")}[language][score.head.provisional]
        sheet.add(
            [
                person.nip, person.full_name, placed.unit_name, placed.position, score.value, *points,
                score.rating(language), state, score.reasons(language),
            ]
        )  # fmt: skip
    book.close()
    note_export(connection, org_id, period, wanted, "xlsx", by=by, now_ms=now_ms, rows=count)
    return count


def _row(score: ScoreOfPerson, period: str) -> dict[str, Any]:
    person, placed = score.placed.employee, score.placed
    return {
        "nip": person.nip,
        "full_name": person.full_name,
        "unit": placed.unit_name,
        "position": placed.position,
        "grade": person.grade,
        "period": period,
        "value": score.head.value,
        "rating": score.head.rating,
        "provisional": score.head.provisional,
        "reasons": list(score.document["reasons"]),
        "coverage_percent": score.document["coverage"]["percent"],
        "allowance": None if score.amount is None else format(score.amount, "f"),
        "policy_id": score.head.policy_id,
        "policy_version": score.head.policy_version,
        "computed_at": formats.utc(score.head.computed_at),
        "parts": list(score.document["parts"]),
    }


def _flat(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value
