"""Attendance days: what is known of a person's day. Who reads machines and recaps, and how, is not known here.

A workday without an attendance day has no feed: nothing is known of it, and nothing is held against anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

STATUSES: Final = (
    "present",
    "official_travel",
    "work_from_home",
    "study",
    "leave",
    "sick",
    "sick_with_letter",
    "permission",
    "half_day",
    "absent_unexcused",
)
# Neither there nor absent without a word: what such a day costs is a number of the policy.
EXCUSED: Final = ("leave", "sick", "sick_with_letter", "permission", "half_day")


@dataclass(frozen=True)
class AttendanceDay:
    """One day of one person, as the daily recap holds it.

    status: one of STATUSES; official_travel, work_from_home and study count as present.
    late_minutes, early_leave_minutes: whole minutes; count only where the status is present.
    has_check_in, has_check_out: whether such a punch is known; count only where the status is present.
    """

    day: date
    status: str
    late_minutes: int = 0
    early_leave_minutes: int = 0
    has_check_in: bool = True
    has_check_out: bool = True


@dataclass(frozen=True)
class AttendanceRecap:
    """A month of one person of which only a recap is known: sums of minutes, and how many days had each status.

    days: by status; a status that the recap does not name has none. How many were present may be left out.
    """

    late_minutes: int = 0
    early_leave_minutes: int = 0
    missing_check_ins: int = 0
    missing_check_outs: int = 0
    days: Mapping[str, int] = field(default_factory=dict)

    def count(self, status: str) -> int:
        """How many days had this status."""
        return self.days.get(status, 0)


def recap_document(recap: AttendanceRecap) -> dict[str, int | dict[str, int]]:
    """The recap in JSON types."""
    return {**vars(recap), "days": dict(sorted(recap.days.items()))}


def recap_from_document(held: Mapping[str, Any]) -> AttendanceRecap:
    """The recap that `recap_document` made a document of."""
    return AttendanceRecap(**held)
