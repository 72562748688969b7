"""What a document keeps of a month's inputs makes the same month again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given

from lontara_server.performance.attendance import AttendanceRecap
from lontara_server.performance.kept_inputs import kept_document, with_kept
from lontara_server.performance.month import MonthInput
from lontara_server.performance.placement import Placement
from server.performance.test_score_properties import whole_months


@given(whole_months())
def test_inputs_come_back_from_a_document_as_they_were(work: MonthInput) -> None:
    placement = Placement(date(2026, 2, 1), None, "u", "Seksi", 6, Decimal("4000000"))
    work = replace(
        work, placements=(*work.placements, placement), attendance_recap=AttendanceRecap(3, 4, 1, 0, {"leave": 2}),
        waiting_review=4,
    )  # fmt: skip
    text = json.dumps(kept_document(work))
    changed = replace(
        work, attendance=(), placements=(), holidays=frozenset(), behaviour={}, quality=None, budget_absorption=None,
        attendance_recap=None, waiting_review=0,
    )  # fmt: skip

    again = with_kept(changed, json.loads(text))

    assert again == replace(work, attendance=tuple(sorted(work.attendance, key=lambda each: each.day)))


def test_a_document_from_before_there_were_any_keeps_entries_and_holidays_alone() -> None:
    work = MonthInput("e", "2026-02", (), frozenset({date(2026, 2, 3)}), 0, 0, quality=Decimal(80))

    again = with_kept(work, None)

    assert (again.quality, again.holidays) == (None, work.holidays)
