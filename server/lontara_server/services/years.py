"""Ratings of years: from agreed plans with what approved entries realise of them, and from behaviour.

A rating is made when somebody asks for it, and kept up from then on: a month that is computed anew marks the year of
who has one. Each function works in the transaction that it is given; the arithmetic lives in `performance.year`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from lontara_core.problems import Problem
from lontara_server.performance.explanation import decimal_text, encode_document, node_document, node_from_document
from lontara_server.performance.policy import YearPolicy
from lontara_server.performance.year import YearInput, rate_year, year_facts
from lontara_server.services.orgs import org_named
from lontara_server.services.plans import year_results
from lontara_server.services.policies import OrgPolicies, no_policy, policies_of
from lontara_server.services.score_inputs import decimal_or_none, devices_told, heard_from
from lontara_server.storage import score_inputs as inputs
from lontara_server.storage import scores as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.scores import PersonMonth, YearRow

NEW_IDEA: Final = "new_idea"
SURVEY: Final = "survey"
PROVEN_KEYS: Final = ("value", "rating", "policy", "explanation", "work_result", "behaviour")
YEARS: Final = (2000, 2200)


@dataclass(frozen=True)
class YearDifference:
    """A stored rating that is not what a fresh one would be."""

    employee_id: str
    period: str
    kind: Literal["differs"]
    stored: str | None
    fresh: str | None


def check_year(year: int) -> None:
    """Raise Problem invalid_field for what is no year that plans have."""
    if not YEARS[0] <= year <= YEARS[1]:
        raise Problem(
            "invalid_field",
            f"{year} is not a year. Nothing was changed.",
            {"field": "year", "value": year},
            f"Write a year from {YEARS[0]} to {YEARS[1]}.",
        )


def rate(connection: Connection, org_id: int, employee: str, year: int, now_ms: int) -> dict[str, Any]:
    """Rate a person's year, store the rating and return its document. Raises Problem invalid_field, no_policy."""
    check_year(year)
    policies = policies_of(connection, org_id)
    if policies.of_year(year) is None:
        raise no_policy(str(year))
    month = PersonMonth(employee, f"{year:04}")
    store.mark_dirty(connection, org_id, [month], now_ms)
    store.remove_marks(connection, org_id, [month])
    compute_years(connection, org_id, [month], policies, now_ms)
    row = store.year_ratings_of(connection, org_id, [employee], year)[employee]
    held: dict[str, Any] = msgspec.json.decode(row.document)
    held["explanation"] = node_document(node_from_document(held["explanation"]))
    at = datetime.fromtimestamp(row.computed_at / 1000, UTC).isoformat().replace("+00:00", "Z")
    return {**held, "computed_at": at}


def compute_years(
    connection: Connection, org_id: int, years: Sequence[PersonMonth], policies: OrgPolicies, now_ms: int
) -> None:
    """Write the ratings of these persons' years. A year that no policy rates has none."""
    rows = []
    for each in years:
        policy = policies.of_year(int(each.period))
        if policy is not None:
            rows.append(fresh_rating(connection, org_id, each.employee, int(each.period), policy, now_ms)[1])
    store.write_year_ratings(connection, org_id, rows)


def mark_rated_years(connection: Connection, org_id: int, months: Sequence[PersonMonth], now_ms: int) -> None:
    """Mark the years of these months whose rating is stored: it rests on the same entries."""
    marked: list[PersonMonth] = []
    for year in sorted({month.period[:4] for month in months}):
        employees = sorted({month.employee for month in months if month.period.startswith(year)})
        rated = store.year_ratings_of(connection, org_id, employees, int(year))
        marked += [PersonMonth(employee, year) for employee in rated]
    store.mark_dirty(connection, org_id, marked, now_ms)


def check_years(connection: Connection, org_id: int, now_ms: int) -> tuple[int, tuple[YearDifference, ...]]:
    """Rate every rated year from scratch; how many, and which stored ratings differ. Writes nothing."""
    policies, differences, checked = policies_of(connection, org_id), [], 0
    for each in store.rated_years(connection, org_id):
        year = int(each.period)
        policy = policies.of_year(year)
        if policy is None:
            continue
        checked += 1
        stored = store.year_ratings_of(connection, org_id, [each.employee], year)[each.employee]
        raw, fresh = fresh_rating(connection, org_id, each.employee, year, policy, now_ms)
        old, new = msgspec.json.decode(stored.document), msgspec.json.decode(raw)
        columns = (stored.value, stored.rating) == (fresh.value, fresh.rating)
        if not columns or any(old[key] != new[key] for key in PROVEN_KEYS):
            differences.append(YearDifference(each.employee, each.period, "differs", stored.value, fresh.value))
    return checked, tuple(differences)


def fresh_rating(
    connection: Connection, org_id: int, employee: str, year: int, policy: YearPolicy, now_ms: int
) -> tuple[bytes, YearRow]:
    """Rate a year; returns the rating's canonical document and its row. Stores nothing."""
    rating = rate_year(year_input(connection, org_id, employee, year, now_ms), policy)
    raw = encode_document({**year_facts(rating), "explanation": rating.explanation})
    row = YearRow(
        employee=employee,
        year=year,
        value=decimal_text(rating.value),
        rating=rating.rating,
        provisional=rating.provisional,
        policy_id=rating.policy_id,
        policy_version=rating.policy_version,
        document=raw.decode(),
        computed_at=now_ms,
    )
    return raw, row


def year_input(connection: Connection, org_id: int, employee: str, year: int, now_ms: int) -> YearInput:
    """Read what a person's year is rated from."""
    period, people = f"{year:04}", [employee]
    results, entries = year_results(connection, org_id, employee, year)
    first, last = date(year, 1, 1), date(year, 12, 31)
    ratings = inputs.ratings_of(connection, org_id, people, period).get(employee, {})
    marks = inputs.marks_of(connection, org_id, people, period).get(employee, {})
    conflicts = inputs.open_conflicts_of(connection, org_id, people, first, last).get(employee, ())
    devices = inputs.devices_of(connection, org_id, people).get(employee, ())
    zone = ZoneInfo(org_named(connection, org_id).time_zone)
    numbers = {value: decimal_or_none(rating) for value, rating in ratings.items()}
    new_idea = marks.get(NEW_IDEA)
    return YearInput(
        employee_id=employee,
        year=year,
        results=results,
        entries=entries,
        behaviour={value: number for value, number in numbers.items() if number is not None},
        has_new_idea=None if new_idea is None else new_idea.value == "yes",
        has_survey=SURVEY in marks and marks[SURVEY].value == "yes",
        open_conflicts=len({each.record for each in conflicts}),
        **devices_told(devices, heard_from(last, zone, now_ms)),
    )
