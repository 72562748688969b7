"""A file of plans, read into plans with their work results, indicators and actions; every fault named by its cell.

One row tells an indicator, an action, or both, of the work result and plan that it names; rows of the same plan, work
result or indicator belong together. Nothing is looked up or written here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

from lontara_core.problems import Problem
from lontara_core.typed_fields import date_typed
from lontara_server.services.file_faults import Fault
from lontara_server.services.nips import nip_error, repaired_nip
from lontara_server.services.plan_drafts import (
    KINDS,
    TITLE_MAX,
    ActionDraft,
    IndicatorDraft,
    action_draft,
    indicator_draft,
    plan_figure,
    text_typed,
    title_key,
)
from lontara_server.services.table_file import Table, TableRow

REQUIRED: Final = ("nip", "year", "work_result")
YEARS: Final = range(2000, 2201)
_KINDS: Final = {"main": "main", "utama": "main", "additional": "additional", "tambahan": "additional", "": "main"}
_ASPECTS: Final = {
    "quantity": "quantity", "kuantitas": "quantity", "": "quantity", "quality": "quality", "kualitas": "quality",
    "time": "time", "waktu": "time", "cost": "cost", "biaya": "cost",
}  # fmt: skip
_DIRECTIONS: Final = {
    "higher": "higher", "naik": "higher", "maksimal": "higher", "positif": "higher", "": "higher",
    "lower": "lower", "turun": "lower", "minimal": "lower", "negatif": "lower",
}  # fmt: skip
_QUARTERS: Final = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "1": "1", "2": "2", "3": "3", "4": "4"}
_QUARTER_WORDS: Final = ("triwulan", "kuartal", "tw", "q")
_T = TypeVar("_T")


@dataclass(frozen=True)
class FileIndicator:
    """An indicator of the file; `realisation` is what somebody has measured, where the file says so."""

    draft: IndicatorDraft
    realisation: str | None
    row: int


@dataclass
class FileResult:
    """A work result of the file. supports: the title of a superior's; supports_nip: whose, where the file says so."""

    title: str
    kind: str
    supports: str | None
    supports_nip: str | None
    row: int
    indicators: dict[str, FileIndicator] = field(default_factory=dict)
    actions: dict[tuple[int, str], ActionDraft] = field(default_factory=dict)


@dataclass
class FilePlan:
    """A plan of the file; days and assessor None: the file does not say."""

    nip: str
    year: int
    valid_from: date | None
    valid_to: date | None
    assessor_nip: str | None
    row: int
    rows: list[int] = field(default_factory=list)
    results: dict[str, FileResult] = field(default_factory=dict)


def read_plans(table: Table) -> tuple[list[FilePlan], list[Fault]]:
    """The plans of the file in its order, and every fault. table: its columns already under the fields' names."""
    reader = _Reader(table)
    for row in table.rows:
        reader.read(row)
    return list(reader.plans.values()), reader.faults


class _Reader:
    """Rows, one after the other, into the plans that they belong to."""

    def __init__(self, table: Table) -> None:
        self.plans: dict[tuple[str, int, date | None], FilePlan] = {}
        self.faults: list[Fault] = []
        self._table = table

    def read(self, row: TableRow) -> None:
        before = len(self.faults)
        cells = {name: value.strip() for name, value in row.cells.items()}
        plan = self._plan(row.number, cells)
        told = cells.get("work_result", "")
        title = self._cell(row.number, "work_result", lambda: text_typed(told, "work_result", TITLE_MAX))
        if plan is None or title is None or len(self.faults) > before:
            return
        result = self._result(row.number, cells, plan, title)
        if cells.get("indicator") or cells.get("target"):
            self._indicator(row.number, cells, result)
        if cells.get("action") or cells.get("quarter"):
            self._action(row.number, cells, result)
        if len(self.faults) == before:
            plan.rows.append(row.number)

    def _plan(self, number: int, cells: Mapping[str, str]) -> FilePlan | None:
        nip, assessor = (self._nip(number, cells, name) for name in ("nip", "assessor_nip"))
        if not cells.get("nip"):
            self._fault(number, "nip", "the cell is empty")
        year_text = cells.get("year", "")
        year = int(year_text) if year_text.isascii() and year_text.isdecimal() and len(year_text) == 4 else 0
        if year not in YEARS:
            self._fault(number, "year", "it is no year")
        first, last = (self._day(number, cells, name) for name in ("valid_from", "valid_to"))
        if not nip or year not in YEARS:
            return None
        plan = self.plans.setdefault((nip, year, first), FilePlan(nip, year, first, last, assessor, number))
        if plan.valid_to != last or (assessor and plan.assessor_nip != assessor):
            self._fault(number, "nip", f"row {plan.row} says otherwise of the same plan")
        return plan

    def _result(self, number: int, cells: Mapping[str, str], plan: FilePlan, title: str) -> FileResult:
        kind = self._choice(number, "kind", cells, _KINDS) or KINDS[0]
        supports = cells.get("supports") or None
        supports_nip = self._nip(number, cells, "supports_nip")
        key = title_key(title)
        result = plan.results.setdefault(key, FileResult(title, kind, supports, supports_nip, number))
        if cells.get("kind") and result.kind != kind:
            self._fault(number, "kind", f"row {result.row} says otherwise of the same work result")
        if supports and title_key(supports) != title_key(result.supports or ""):
            self._fault(number, "supports", f"row {result.row} says otherwise of the same work result")
        return result

    def _indicator(self, number: int, cells: Mapping[str, str], result: FileResult) -> None:
        aspect = self._choice(number, "aspect", cells, _ASPECTS)
        direction = self._choice(number, "direction", cells, _DIRECTIONS)
        if aspect is None or direction is None:
            return
        draft = self._cell(
            number, "indicator",
            lambda: indicator_draft(
                None, title=cells.get("indicator", ""), aspect=aspect, target=cells.get("target", ""),
                unit=cells.get("unit", ""), direction=direction, cap=cells.get("cap", ""),
            ),
        )  # fmt: skip
        told = cells.get("realisation", "")
        realisation = self._cell(number, "realisation", lambda: plan_figure(told, "realisation")) if told else None
        if draft is None:
            return
        known = result.indicators.setdefault(title_key(draft.title), FileIndicator(draft, realisation, number))
        if known.draft != draft or known.realisation != realisation:
            self._fault(number, "indicator", f"row {known.row} says otherwise of the same indicator")

    def _action(self, number: int, cells: Mapping[str, str], result: FileResult) -> None:
        quarter = cells.get("quarter", "").casefold()
        for word in _QUARTER_WORDS:
            quarter = quarter.removeprefix(word).strip()
        draft = self._cell(
            number, "action",
            lambda: action_draft(
                None, quarter=_QUARTERS.get(quarter, ""), title=cells.get("action", ""),
                target=cells.get("action_target", ""), unit=cells.get("action_unit", ""),
            ),
        )  # fmt: skip
        if draft is None:
            return
        known = result.actions.setdefault((draft.quarter, title_key(draft.title)), draft)
        if known != draft:
            self._fault(number, "action", "another row says otherwise of the same action")

    def _nip(self, number: int, cells: Mapping[str, str], name: str) -> str | None:
        text = cells.get(name, "")
        if not text:
            return None
        nip = repaired_nip(text)
        why = nip_error(nip)
        if why:
            self._fault(number, name, why)
            return None
        return nip

    def _day(self, number: int, cells: Mapping[str, str], name: str) -> date | None:
        text = cells.get(name, "")
        return self._cell(number, name, lambda: date.fromisoformat(date_typed(text, name))) if text else None

    def _choice(self, number: int, name: str, cells: Mapping[str, str], known: Mapping[str, str]) -> str | None:
        found = known.get(cells.get(name, "").casefold())
        if found is None:
            self._fault(number, name, "it is none of the choices")
        return found

    def _cell(self, number: int, name: str, read: Callable[[], _T]) -> _T | None:
        """What the cell says; a Problem becomes a fault of the column that it names."""
        try:
            return read()
        except Problem as problem:
            named = str(problem.facts.get("field", name))
            column = named if named in self._table.letters else name
            why = "the cell is empty" if problem.code == "missing_field" else "the value cannot be used"
            self._fault(number, column, why)
            return None

    def _fault(self, number: int, column: str, why: str) -> None:
        self.faults.append(Fault(number, column, why, self._table.cell(number, column)))
