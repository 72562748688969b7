"""Attendance days: what is known of a person's day. Who reads machines and recaps, and how, is not known here.

A workday without an attendance day has no feed: nothing is known of it, and nothing is held against anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

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
