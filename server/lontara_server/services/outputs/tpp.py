"""The table of allowances (TPP) of a month as XLSX: what each score comes to. It pays nothing and cuts nothing by itself.

A person whose base or score is not known has no amount, and never 0; who has no score is on a sheet of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO, Final

from lontara_server.services.orgs import org_named
from lontara_server.services.outputs import formats
from lontara_server.services.outputs.formats import Language
from lontara_server.services.outputs.people_of import Placed, Wanted, placed_people
from lontara_server.services.outputs.score_rows import ScoreOfPerson, columns_of_parts, parts_of_month, scored_people
from lontara_server.services.outputs.sheets import Book, Cell, Column, Formula, Sheet, column_letter
from lontara_server.services.score_inputs import edges_of
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit

_NO_BASE: Final[dict[Language, str]] = {"id": "Dasar TPP belum ada.", "en": "There is no base of the allowance yet."}
_NO_VALUE: Final[dict[Language, str]] = {"id": "Nilai belum ada.", "en": "There is no score yet."}
_WHOLE: Final[dict[Language, str]] = {
    "id": "Dihitung dari nilai seluruhnya.", "en": "Counted from the score as a whole.",
}  # fmt: skip
_PROVISIONAL: Final[dict[Language, str]] = {"id": "Sementara", "en": "Provisional"}
_FINAL: Final[dict[Language, str]] = {"id": "Lengkap", "en": "Complete"}
_BEFORE_PARTS: Final = 8


@dataclass
class Told:
    """What a table holds, for whoever asked for it."""

    people: int = 0
    without_amount: int = 0
    without_score: int = 0
    provisional: int = 0
    total: Decimal = field(default_factory=Decimal)

    def document(self) -> dict[str, int | str]:
        return {**vars(self), "total": format(self.total, "f")}


def write_tpp(
    connection: Connection, org_id: int, period: str, wanted: Wanted, target: IO[bytes], language: Language, *, by: str,
    now_ms: int,
) -> Told:  # fmt: skip
    """Write the month's table into a file, and note it in the audit trail. Raises Problem invalid_field, not_found."""
    first, last = edges_of(period)
    people = placed_people(connection, org_id, first, last, wanted)
    parts = parts_of_month(connection, org_id, period, people)
    org, told, scored = org_named(connection, org_id), Told(), set()
    title = f"TPP {formats.month(period, language)}"
    lead = [title, org.name, _told_when(now_ms, org.time_zone, language)]
    book = Book(target, title=f"{title} - {org.name}")
    sheet = book.sheet("TPP", _columns(parts, language), lead=lead, held=3)
    totals = [Decimal(0)] * (len(parts) + 3)
    for score in scored_people(connection, org_id, period, people):
        scored.add(score.placed.employee.id)
        _add(sheet, score, parts, totals, told, language)
    _add_totals(sheet, totals, told, language)
    missing = [each for each in people.values() if each.employee.active and each.employee.id not in scored]
    if missing:
        _add_missing(book, missing, language)
    told.without_score, told.total = len(missing), totals[-1]
    book.close()
    add_audit(
        connection, org_id, "export.tpp", by=by, now_ms=now_ms, subject=period,
        facts={**wanted.facts(), "people": told.people},
    )  # fmt: skip
    return told


def _told_when(now_ms: int, zone: str, language: Language) -> str:
    day = formats.long_day(formats.local_day(now_ms, zone), language)
    return {
        "id": f"Dibuat {day}. Bahan keputusan, bukan keputusan; nilai sementara dapat berubah.",
        "en": f"Made on {day}. For a decision, and none itself; provisional scores may change.",
    }[language]


def _columns(parts: Sequence[tuple[str, Decimal]], language: Language) -> list[Column]:
    words = {
        "id": ("No.", "NIP", "Nama", "Golongan", "Jabatan", "Unit kerja", "Nilai", "Dasar TPP (Rp)"),
        "en": ("No.", "NIP", "Name", "Grade", "Position", "Unit", "Score", "Base (Rp)"),
    }[language]
    after = {
        "id": ("Potongan (Rp)", "Jumlah (Rp)", "Keadaan", "Keterangan"),
        "en": ("Deductions (Rp)", "Amount (Rp)", "State", "Remarks"),
    }[language]
    return [
        Column(words[0], "whole", 5), Column(words[1], "text", 20), Column(words[2], "long", 28), Column(words[3], "text", 10),
        Column(words[4], "long", 26), Column(words[5], "long", 26), Column(words[6], "number", 9),
        Column(words[7], "money", 14),
        *(Column(f"{each}, Rp", "money", 14) for each in columns_of_parts(parts, language)),
        Column(after[0], "money", 14), Column(after[1], "money", 14), Column(after[2], "text", 12),
        Column(after[3], "long", 50),
    ]  # fmt: skip


def _add(
    sheet: Sheet, score: ScoreOfPerson, parts: Sequence[tuple[str, Decimal]], totals: list[Decimal], told: Told,
    language: Language,
) -> None:  # fmt: skip
    told.people += 1
    told.provisional += score.head.provisional
    told.without_amount += score.amount is None
    weights = {each["part"]: Decimal(each["weight"]) for each in score.document["parts"]}
    of_parts = [score.of_parts.get(part) if weights.get(part) == weight else None for part, weight in parts]
    deductions: Cell = None
    if score.base is not None and score.amount is not None:
        # What is not paid of the base; a base that the policy gives more than 100 points of has none.
        base_at, amount_at = column_letter(_BEFORE_PARTS - 1), column_letter(_BEFORE_PARTS + len(parts) + 1)
        deductions = Formula(f"={base_at}{sheet.next_row}-{amount_at}{sheet.next_row}", score.base - score.amount)
        counted = [score.base, *(each or Decimal(0) for each in of_parts), score.base - score.amount, score.amount]
        totals[:] = [total + each for total, each in zip(totals, counted, strict=True)]
    person = score.placed.employee
    base = score.base if score.amount is not None else None
    sheet.add(
        [
            told.people, person.nip, person.full_name, person.grade, score.placed.position, score.placed.unit_name,
            score.value, base, *of_parts, deductions, score.amount,
            _PROVISIONAL[language] if score.head.provisional else _FINAL[language], _remarks(score, of_parts, language),
        ]
    )  # fmt: skip


def _remarks(score: ScoreOfPerson, of_parts: Sequence[Decimal | None], language: Language) -> str:
    said = []
    if score.value is None:
        said.append(_NO_VALUE[language])
    elif score.amount is None:
        said.append(_NO_BASE[language])
    elif not any(each is not None for each in of_parts):
        said.append(_WHOLE[language])
    return " ".join([*said, score.reasons(language)]).strip()


def _add_totals(sheet: Sheet, totals: Sequence[Decimal], told: Told, language: Language) -> None:
    first, last = sheet.first_row + 1, sheet.next_row - 1
    sums: list[Cell] = [
        Formula(f"=SUM({letter}{first}:{letter}{last})", total) if told.people else 0
        for total, letter in zip(totals, (column_letter(_BEFORE_PARTS - 1 + at) for at in range(len(totals))), strict=True)
    ]
    words = {"id": "Jumlah", "en": "Total"}[language]
    sheet.add([None, None, words, None, None, None, None, *sums, None, None], is_total=True)


def _add_missing(book: Book, missing: Sequence[Placed], language: Language) -> None:
    words: Mapping[Language, tuple[str, ...]] = {
        "id": ("Tanpa nilai", "NIP", "Nama", "Golongan", "Jabatan", "Unit kerja"),
        "en": ("No score", "NIP", "Name", "Grade", "Position", "Unit"),
    }
    name, *titles = words[language]
    columns = [Column(title, "long", width) for title, width in zip(titles, (20, 28, 10, 26, 26), strict=True)]
    sheet = book.sheet(name, columns)
    for each in missing:
        person = each.employee
        sheet.add([person.nip, person.full_name, person.grade, each.position, each.unit_name])
