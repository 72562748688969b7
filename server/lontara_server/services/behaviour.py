"""Behaviour: the seven BerAKHLAK values of a person's period as the assessor rates them.

A period is a month (YYYY-MM) or a year (YYYY). Each rating is told in the audit trail with what it was before, and the
score of the period is computed anew. Nobody rates themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from lontara_core.problems import Problem
from lontara_core.typed_fields import figure_typed
from lontara_server.performance.behaviour import BERAKHLAK
from lontara_server.performance.explanation import decimal_text
from lontara_server.performance.rounding import Rounding
from lontara_server.services.assessors import Officer, assesses, check_assesses
from lontara_server.services.people import today_in
from lontara_server.services.plans import plan_on
from lontara_server.services.policies import policy_for, year_policy_for
from lontara_server.storage import marks as store
from lontara_server.storage import periods, scores
from lontara_server.storage.engine import Connection
from lontara_server.storage.marks import RatedValue
from lontara_server.storage.orgs import add_audit
from lontara_server.storage.people import EmployeeRow
from lontara_server.storage.plans import AuditRow, PlanRow, audit_about

NOTE_MAX: Final = 2000
# The codes of the seven values, in the order in which they are shown.
VALUES: Final = BERAKHLAK
# As people say them, beside the codes.
NAMES: Final[Mapping[str, str]] = {
    "berorientasi-pelayanan": "service_oriented",
    "pelayanan": "service_oriented",
    "akuntabel": "accountable",
    "kompeten": "competent",
    "harmonis": "harmonious",
    "adaptif": "adaptive",
    "kolaboratif": "collaborative",
}
_PERIOD: Final = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2]))?\Z")
_TWO_PLACES: Final = Rounding("ROUND_HALF_UP", 2)


@dataclass(frozen=True)
class Behaviour:
    """A person's ratings of one period, the mean once all seven are there, and who may rate."""

    employee: EmployeeRow
    period: str
    scale_max: int
    ratings: Mapping[str, RatedValue]
    mean: str | None
    may_rate: bool
    trail: tuple[AuditRow, ...]


def rate(
    connection: Connection,
    org_id: int,
    employee: EmployeeRow,
    period: str,
    given: Mapping[str, str],
    officer: Officer,
    now_ms: int,
    *,
    note: str | None = None,
) -> None:
    """Write the ratings that are given (by code, each from 1 to the policy's best); other values stay as they are.

    Raises Problem not_permitted, invalid_field, missing_field, no_policy.
    """
    first, _ = days_of_period(period)
    today = today_in(connection, org_id, now_ms)
    if first > today:
        raise _invalid("period", "The period has not begun.")
    check_rater(connection, org_id, employee.id, period, officer, now_ms)
    check_open(connection, org_id, period)
    if not given:
        raise Problem("missing_field", "value is missing. Nothing was changed.", {"field": "value"},
                      "Fill it in and save again.")  # fmt: skip
    if note is not None and len(note) > NOTE_MAX:
        raise _invalid("note", f"A note has at most {NOTE_MAX} characters.")
    scale_max = scale_of(connection, org_id, period)
    wanted = {value: _rating(value, typed, scale_max) for value, typed in given.items()}
    scores.mark_dirty(connection, org_id, marked_periods(employee.id, period), now_ms)
    known = store.ratings_of(connection, org_id, employee.id, period)
    changed = {
        value: rating
        for value, rating in wanted.items()
        if value not in known or (known[value].rating, known[value].note) != (rating, note)
    }
    if not changed:
        return
    store.put_ratings(connection, org_id, employee.id, period, changed, note=note, by=officer.login, at=now_ms)
    values = {
        value: {"was": known[value].rating if value in known else None, "now": rating}
        for value, rating in changed.items()
    }
    facts = {"period": period, "values": values} | ({"note": note} if note else {})
    add_audit(
        connection, org_id, "behaviour.rate", by=officer.login, now_ms=now_ms, subject=employee.id, facts=facts
    )  # fmt: skip


def behaviour_of(
    connection: Connection, org_id: int, employee: EmployeeRow, period: str, officer: Officer, now_ms: int
) -> Behaviour:
    """A person's ratings of a period with their history. Raises Problem invalid_field, no_policy."""
    days_of_period(period)
    ratings = store.ratings_of(connection, org_id, employee.id, period)
    plan, day = _judged_on(connection, org_id, employee.id, period, now_ms)
    trail = tuple(
        row
        for row in audit_about(connection, org_id, employee.id)
        if row.action in ("behaviour.rate", "mark.set", "mark.remove") and row.facts.get("period") == period
    )
    return Behaviour(
        employee, period, scale_of(connection, org_id, period), ratings, mean_of(ratings),
        assesses(connection, org_id, officer, employee.id, plan, day), trail,
    )  # fmt: skip


def behaviour_document(held: Behaviour) -> dict[str, Any]:
    """Ratings in JSON types; figures as texts, None where a value is not rated."""
    rated = {value: held.ratings.get(value) for value in BERAKHLAK}
    return {
        "nip": held.employee.nip,
        "full_name": held.employee.full_name,
        "period": held.period,
        "scale_max": held.scale_max,
        "values": {value: None if row is None else row.rating for value, row in rated.items()},
        "mean": held.mean,
        "notes": sorted({row.note for row in rated.values() if row is not None and row.note}),
    }


def check_rater(
    connection: Connection, org_id: int, employee: str, period: str, officer: Officer, now_ms: int
) -> None:
    """Raise Problem not_permitted for who may not judge this person's period."""
    plan, day = _judged_on(connection, org_id, employee, period, now_ms)
    check_assesses(connection, org_id, officer, employee, plan, day)


def may_rate(
    connection: Connection, org_id: int, employee: str, period: str, officer: Officer, now_ms: int
) -> bool:
    """Whether the officer may judge this person's period."""
    plan, day = _judged_on(connection, org_id, employee, period, now_ms)
    return assesses(connection, org_id, officer, employee, plan, day)


def check_open(connection: Connection, org_id: int, period: str) -> None:
    """Raise Problem state_not_allowed for a month that is locked: what was published changes only after it is opened."""
    held = {row.month: row.state for row in periods.periods_of(connection, org_id)}
    if held.get(period) == "locked":
        raise Problem(
            "state_not_allowed",
            f"{period} is locked. Nothing was changed.",
            {"period": period},
            f"Open it first: `lontara-server period unlock {period}`.",
        )


def mean_of(ratings: Mapping[str, RatedValue]) -> str | None:
    """The mean of the seven values to two places; None while one is missing."""
    if not set(BERAKHLAK) <= ratings.keys():
        return None
    total = sum((Decimal(ratings[value].rating) for value in BERAKHLAK), Decimal(0))
    return decimal_text(_TWO_PLACES.apply(total / len(BERAKHLAK)))


def scale_of(connection: Connection, org_id: int, period: str) -> int:
    """The best rating that the policy of this period knows; a month whose policy rates none takes the year's.

    Raises Problem no_policy.
    """
    year = int(period[:4])
    is_month = len(period) > len("YYYY")
    of_month = policy_for(connection, org_id, period).behaviour_scale_max if is_month else None
    return of_month or year_policy_for(connection, org_id, year).behaviour.scale_max


def value_named(typed: str) -> str:
    """The code of a value, of its Indonesian name too. Raises Problem invalid_field."""
    wanted = typed.strip().lower().replace(" ", "-")
    code = NAMES.get(wanted, wanted.replace("-", "_"))
    if code not in BERAKHLAK:
        raise Problem(
            "invalid_field",
            f"{typed!r} is none of the seven values. Nothing was changed.",
            {"field": "value", "values": list(BERAKHLAK)},
            f"Values: {', '.join(BERAKHLAK)}.",
        )
    return code


def days_of_period(period: str) -> tuple[date, date]:
    """The first and last day of a month or a year. Raises Problem invalid_field."""
    if not _PERIOD.match(period) or period.startswith("0000"):
        raise Problem(
            "invalid_field",
            f"{period!r} is not a period. Nothing was changed.",
            {"field": "period", "value": period},
            "Write a month as YYYY-MM or a year as YYYY.",
        )
    year = int(period[:4])
    if len(period) == len("YYYY"):
        return date(year, 1, 1), date(year, 12, 31)
    first = date(year, int(period[5:]), 1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def marked_periods(employee: str, period: str) -> list[scores.PersonMonth]:
    """Whose score is computed anew: that of the month, or of a year the rating."""
    return [scores.PersonMonth(employee, period)]


def _judged_on(
    connection: Connection, org_id: int, employee: str, period: str, now_ms: int
) -> tuple[PlanRow | None, date]:
    """The plan that held at the end of the period, or today while it goes on, and that day."""
    _, last = days_of_period(period)
    day = min(last, today_in(connection, org_id, now_ms))
    return plan_on(connection, org_id, employee, day), day


def _rating(value: str, typed: str, scale_max: int) -> str:
    if value not in BERAKHLAK:
        raise _invalid("value", "It is none of the choices.")
    rating = figure_typed(typed.strip(), value)
    if not 1 <= Decimal(rating) <= scale_max or len(rating.partition(".")[2]) > _TWO_PLACES.places:
        raise Problem(
            "invalid_field",
            f"A value is rated from 1 to {scale_max}, with at most 2 places. Nothing was changed.",
            {"field": value, "value": typed, "scale_max": scale_max},
            "Correct it and save again.",
        )
    return rating


def _invalid(name: str, why: str) -> Problem:
    return Problem("invalid_field", f"{why} Nothing was changed.", {"field": name}, "Correct it and save again.")


