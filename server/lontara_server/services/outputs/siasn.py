"""Ratings of years in the shapes that SIASN takes: `/skp22/save` and `/kinerjaperiodik/save`. Nothing is sent from here.

A rating of which something is not known is left out and told with the reason; no value is made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

import msgspec

from lontara_core.problems import Problem
from lontara_server.services.file_faults import Fault, refusal
from lontara_server.services.nips import nip_error, repaired_nip
from lontara_server.services.outputs.people_of import Placed, Wanted, placed_people
from lontara_server.services.table_file import read_table
from lontara_server.services.years import check_year
from lontara_server.storage import plans as plan_store
from lontara_server.storage import scores as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit
from lontara_server.storage.plans import PlanRow
from lontara_server.storage.scores import YearRow

Shape = Literal["skp22", "kinerjaperiodik"]
SHAPES: Final[tuple[Shape, ...]] = ("skp22", "kinerjaperiodik")
# Codes of SIASN's own reference lists (perilakuDanKinerja, kuadranNilai, golonganPns). They are SIASN's to change:
# docs/exports.md says how to compare them.
LEVELS: Final[Mapping[str, int]] = {"above": 1, "meets": 2, "below": 3}
QUADRANTS: Final[Mapping[str, int]] = {
    "very_good": 1, "good": 2, "needs_improvement": 3, "poor_misconduct": 4, "very_poor": 5,
}  # fmt: skip
GRADES: Final[Mapping[str, str]] = {
    f"{roman}/{letter}": f"{group}{place}"
    for group, roman in enumerate(("I", "II", "III", "IV"), 1)
    for place, letter in enumerate("abcde" if roman == "IV" else "abcd", 1)
}


@dataclass(frozen=True)
class LeftOut:
    """Whose rating is not in the file, and why, in codes."""

    nip: str
    full_name: str
    reasons: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        return {"nip": self.nip, "full_name": self.full_name, "reasons": list(self.reasons)}


@dataclass(frozen=True)
class SiasnFile:
    """The rows of one shape, and who is not among them."""

    shape: Shape
    year: int
    rows: tuple[dict[str, Any], ...]
    left_out: tuple[LeftOut, ...]

    def document(self) -> dict[str, Any]:
        return {
            "shape": f"/{self.shape}/save",
            "tahun": self.year,
            "rows": list(self.rows),
            "left_out": [each.document() for each in self.left_out],
        }


def siasn_file(
    connection: Connection, org_id: int, year: int, shape: Shape, wanted: Wanted, ids: Mapping[str, str], *, by: str,
    now_ms: int, with_provisional: bool = False,
) -> SiasnFile:  # fmt: skip
    """Make the rows of everybody meant who is active or rated, and note it in the audit trail.

    ids: SIASN's own id of a person, by NIP. Raises Problem invalid_field, not_found.
    """
    check_year(year)
    people = placed_people(connection, org_id, date(year, 1, 1), date(year, 12, 31), wanted)
    everybody = placed_people(connection, org_id, date(year, 1, 1), date(year, 12, 31), Wanted())
    ratings = store.year_ratings_of(connection, org_id, people, year)
    plans: dict[str, list[PlanRow]] = {}
    for plan in plan_store.plans_of_year(connection, org_id, year):
        plans.setdefault(plan.owner, []).append(plan)
    rows, left_out = [], []
    for employee, placed in people.items():
        rating = ratings.get(employee)
        if rating is None and not placed.employee.active:
            continue
        held = sorted(plans.get(employee, ()), key=lambda plan: plan.valid_from)
        made, reasons = _row(placed, rating, held, everybody, ids, shape, with_provisional=with_provisional)
        if made is None:
            left_out.append(LeftOut(placed.employee.nip, placed.employee.full_name, reasons))
        else:
            rows.append(made)
    facts = {**wanted.facts(), "shape": shape, "rows": len(rows)}
    add_audit(connection, org_id, "export.siasn", by=by, now_ms=now_ms, subject=str(year), facts=facts)
    return SiasnFile(shape, year, tuple(rows), tuple(left_out))


def read_ids(content: bytes, file_name: str) -> dict[str, str]:
    """SIASN's ids by NIP, from a CSV or XLSX with the columns `nip` and `pns_id`.

    Raises Problem import_refused, which names the rows, and missing_column.
    """
    table = read_table(content, file_name)
    missing = [name for name in ("nip", "pns_id") if name not in table.header]
    if missing:
        raise Problem(
            "missing_column",
            f"The file has no column {', '.join(missing)}. Nothing was written.",
            {"columns": missing},
            "Give the file the columns nip and pns_id.",
        )
    found: dict[str, str] = {}
    faults = []
    for row in table.rows:
        nip = repaired_nip(row.cells.get("nip", ""))
        error = nip_error(nip)
        if error is not None:
            faults.append(Fault(row.number, "nip", error))
        elif row.cells.get("pns_id", "").strip():
            found[nip] = row.cells["pns_id"].strip()
    if faults:
        raise refusal(faults)
    return found


def _row(
    placed: Placed, rating: YearRow | None, plans: list[PlanRow], everybody: Mapping[str, Placed], ids: Mapping[str, str],
    shape: Shape, *, with_provisional: bool,
) -> tuple[dict[str, Any] | None, tuple[str, ...]]:  # fmt: skip
    """The row, or why there is none."""
    if rating is None:
        return None, ("not_rated",)
    held = msgspec.json.decode(rating.document)
    assessor = everybody.get(_assessor(placed, plans) or "")
    values: dict[str, Any] = {
        "no_pns_id": ids.get(placed.employee.nip),
        "no_work_result_level": LEVELS.get(held.get("work_result_level") or ""),
        "no_behaviour_level": LEVELS.get(held.get("behaviour_level") or ""),
        "no_quadrant": QUADRANTS.get(rating.rating or ""),
        "no_assessor": assessor,
        "no_assessor_position": assessor and assessor.position,
        "no_assessor_unit": assessor and assessor.unit_name,
        "no_assessor_grade": assessor and GRADES.get(assessor.employee.grade or ""),
    }
    if shape == "kinerjaperiodik":
        values["no_plan"] = plans or None
    reasons = [code for code, value in values.items() if value is None]
    if rating.provisional and not with_provisional:
        reasons.append("provisional")
    if reasons or assessor is None:
        return None, tuple(reasons)
    row: dict[str, Any] = {
        "tahun": rating.year,
        "pnsDinilaiOrang": values["no_pns_id"],
        "hasilKinerjaNilai": values["no_work_result_level"],
        "perilakuKerjaNilai": values["no_behaviour_level"],
        "kuadranKinerjaNilai": values["no_quadrant"],
        "penilaiNipNrp": assessor.employee.nip,
        "penilaiNama": assessor.employee.full_name,
        "penilaiJabatan": assessor.position,
        "penilaiGolongan": values["no_assessor_grade"],
        "penilaiUnorNama": assessor.unit_name,
        # Whoever assesses here is an employee of the org.
        "statusPenilai": "ASN",
    }
    if shape == "kinerjaperiodik":
        first, last = plans[0].valid_from, max(plan.valid_to for plan in plans)
        row |= {
            "bulanMulaiPenilaian": first.month,
            "bulanSelesaiPenilaian": last.month,
            "tahunMulai": first.year,
            "tahunSelesai": last.year,
        }
    return row, ()


def _assessor(placed: Placed, plans: list[PlanRow]) -> str | None:
    """Whom the last plan names; else whoever supervised last in the year."""
    named = next((plan.assessor for plan in reversed(plans) if plan.assessor is not None), None)
    if named is not None or placed.assignment is None:
        return named
    return placed.assignment.supervisor
