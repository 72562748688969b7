"""Scores: computed from merged data, stored with what they rest on, shown, and proven against a fresh computation.

A locked month keeps the policy and the inputs that its stored score was computed with, beside its entries: what is
learned later changes a published score by nobody's silence, and is told by `drift`. Each function works in the
transaction that it is given. The arithmetic lives in `performance`, reading in `score_inputs`, the SQL in `storage`.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final, Literal

import msgspec

from lontara_core.problems import Problem
from lontara_server.performance.allowance import allowance_of
from lontara_server.performance.explanation import decimal_text, node_document, node_from_document
from lontara_server.performance.kept_inputs import KEPT, kept_document, with_kept
from lontara_server.performance.month import MonthInput
from lontara_server.performance.policy import MonthPolicy
from lontara_server.performance.score import Score, encoded_score, score_month
from lontara_server.services.policies import OrgPolicies, no_policy, policies_of
from lontara_server.services.score_feed import feed_scores, summary_of, write_scores
from lontara_server.services.score_inputs import OrgMonth, edges_of, inputs_of, locked_months, org_month
from lontara_server.services.years import compute_years, mark_rated_years
from lontara_server.storage import scores as store
from lontara_server.storage.scores import Connection, PersonMonth, ScoreRow
from lontara_server.storage.server_log import FeedLine

# What a score is proven on. Coverage is not among it: devices report between two computations, and what they
# report changes what is known to be missing, never what an entry is worth.
PROVEN_KEYS: Final = ("value", "rating", "policy", "explanation", "allowance")
# So many people are read, computed and written in one go: what is in memory at once.
PEOPLE_AT_ONCE: Final = 100
_YEAR_LENGTH: Final = len("YYYY")


@dataclass(frozen=True)
class Computed:
    """A fresh score: its row for the store, and its document as JSON values."""

    row: ScoreRow
    raw: bytes

    @property
    def document(self) -> dict[str, Any]:
        """The document; rows of the explanation leave out what is empty."""
        held: dict[str, Any] = msgspec.json.decode(self.raw)
        return held


@dataclass(frozen=True)
class Difference:
    """A stored score that is not what a fresh computation gives. waiting: its dirty mark says so already."""

    employee_id: str
    nip: str | None
    period: str
    kind: Literal["missing", "differs"]
    stored: str | None
    fresh: str | None
    waiting: bool

    def document(self) -> dict[str, Any]:
        return dict(vars(self))


@dataclass(frozen=True)
class Proof:
    """How many stored scores were computed again, and which of them differ."""

    checked: int
    differences: tuple[Difference, ...]


def compute_period(
    connection: Connection, org_id: int, period: str, now_ms: int, employee: str | None = None
) -> list[PersonMonth]:
    """Compute and store the month's score of one employee (an id), or of everybody who has one.

    Doing it twice changes nothing but the time of computation. Takes the dirty marks of these scores first, so
    that no other process writes the same score from older entries.
    Raises Problem invalid_field for what is not a period, no_policy.
    """
    people = [employee] if employee else people_of_month(connection, org_id, period)
    return compute_people(connection, org_id, period, people, now_ms)


def people_of_month(connection: Connection, org_id: int, period: str) -> list[str]:
    """Return who has a score of the month, by id. Raises Problem invalid_field, no_policy."""
    first, last = edges_of(period)
    if policies_of(connection, org_id).of_month(period) is None:
        raise no_policy(period)
    return store.employees_to_score(connection, org_id, first, last)


def compute_people(
    connection: Connection, org_id: int, period: str, employees: Sequence[str], now_ms: int
) -> list[PersonMonth]:
    """Compute and store these people's month, as `compute_period` does. Raises Problem invalid_field, no_policy."""
    edges_of(period)
    if policies_of(connection, org_id).of_month(period) is None:
        raise no_policy(period)
    months = [PersonMonth(one, period) for one in employees]
    store.mark_dirty(connection, org_id, months, now_ms)
    store.remove_marks(connection, org_id, months)
    _compute(connection, org_id, months, now_ms, rewrite=True)
    return months


def recompute_after_objection(
    connection: Connection, org_id: int, month: PersonMonth, now_ms: int, *, inputs_mended: bool
) -> None:
    """Compute and store one person's month because an objection to it was upheld: the one way in which the published
    score of a locked month changes.

    inputs_mended: by what is known now of attendance, placements and ratings, too; else a locked month keeps what its
    score was computed with, and only the correction changes it. The policy stays in either case.
    Raises Problem invalid_field, no_policy.
    """
    if policies_of(connection, org_id).of_month(month.period) is None and store.score_of(connection, org_id, month) is None:
        raise no_policy(month.period)
    store.mark_dirty(connection, org_id, [month], now_ms)
    store.remove_marks(connection, org_id, [month])
    _compute(connection, org_id, [month], now_ms, rewrite=True, anew=inputs_mended)


def drain_dirty(connection: Connection, org_id: int, now_ms: int, limit: int, *, rewrite: bool = False) -> int:
    """Claim up to `limit` dirty marks and write their scores; returns how many.

    Marks and scores are one transaction: after a failure both are as they were, and the marks are claimed again.
    rewrite: write also those whose stored score says of itself that it is the same.
    """
    months = store.claim_dirty(connection, org_id, limit)
    _compute(connection, org_id, months, now_ms, rewrite=rewrite)
    return len(months)


def settle_month(connection: Connection, org_id: int, period: str, now_ms: int) -> int:
    """Write all scores of a month that wait, before it is locked; returns how many."""
    months = store.claim_month(connection, org_id, period)
    _compute(connection, org_id, months, now_ms)
    return len(months)


def mark_all(connection: Connection, org_id: int, now_ms: int, period: str | None = None) -> int:
    """Mark every score of the org, stored or missing, for a new computation; of one month or all. Returns how many."""
    months = [
        PersonMonth(employee, each)
        for each in _periods(connection, org_id, period)
        for employee in _people_of(connection, org_id, each)
    ]
    if period is None:
        months += store.rated_years(connection, org_id)
    store.mark_dirty(connection, org_id, months, now_ms)
    return len(months)


def recompute_all(connection: Connection, org_id: int, now_ms: int) -> int:
    """Compute every score of the org anew, stored or missing, in this transaction; returns how many."""
    marked = mark_all(connection, org_id, now_ms)
    while drain_dirty(connection, org_id, now_ms, PEOPLE_AT_ONCE, rewrite=True):
        pass
    return marked


def periods_to_prove(connection: Connection, org_id: int) -> list[str]:
    """Return the months of which scores are stored, or must be."""
    return _periods(connection, org_id, None)


def check_stored(connection: Connection, org_id: int, now_ms: int, period: str | None = None) -> Proof:
    """Compute every score from scratch, of one month or all, and compare it with the stored one. Writes nothing."""
    waiting = store.dirty_months(connection, org_id)
    checked, differences = 0, []
    for month, stored, fresh in _compared(connection, org_id, now_ms, period):
        checked += 1
        if stored is None or any(stored[key] != fresh[key] for key in PROVEN_KEYS):
            differences.append((month, None if stored is None else stored["value"], fresh["value"], stored is None))
    names = store.names_of(connection, org_id, {month.employee for month, *_ in differences})
    return Proof(
        checked,
        tuple(
            Difference(
                employee_id=month.employee,
                nip=names[month.employee][0] if month.employee in names else None,
                period=month.period,
                kind="missing" if is_missing else "differs",
                stored=before,
                fresh=after,
                waiting=month in waiting,
            )
            for month, before, after, is_missing in differences
        ),
    )


@dataclass(frozen=True)
class Drift:
    """A published score that would be another if its month were opened: what is known now against what it rests on."""

    employee_id: str
    nip: str | None
    full_name: str | None
    period: str
    stored: str | None
    fresh: str | None
    rating: str | None
    fresh_rating: str | None
    allowance: str | None
    fresh_allowance: str | None

    def document(self) -> dict[str, Any]:
        return dict(vars(self))


def drift(connection: Connection, org_id: int, now_ms: int, period: str | None = None) -> tuple[Drift, ...]:
    """The published scores of locked months, of one or all, that what is known now would change. Writes nothing.

    Raises Problem invalid_field.
    """
    if period is not None:
        edges_of(period)
    locked = locked_months(connection, org_id)
    periods = [each for each in store.stored_periods(connection, org_id) if each in locked and period in (None, each)]
    policies, found = policies_of(connection, org_id), []
    for each in periods:
        policy, month = policies.of_month(each), org_month(connection, org_id, each, now_ms)
        if policy is None:
            continue
        heads = store.all_scores(connection, org_id, each)
        for part in _parts([head.employee for head in heads]):
            documents = store.documents_of(connection, org_id, part, each)
            inputs = inputs_of(connection, month, part)
            for employee in part:
                fresh = _computed(inputs[employee], policy, now_ms).document
                stored = msgspec.json.decode(documents[employee])
                if _said(stored) != _said(fresh):
                    found.append((employee, each, _said(stored), _said(fresh)))
    names = store.names_of(connection, org_id, {employee for employee, *_ in found})
    return tuple(
        Drift(
            employee_id=employee,
            nip=names[employee][0] if employee in names else None,
            full_name=names[employee][1] if employee in names else None,
            period=each,
            stored=old[0],
            fresh=new[0],
            rating=old[1],
            fresh_rating=new[1],
            allowance=old[2],
            fresh_allowance=new[2],
        )
        for employee, each, old, new in found
    )


def _said(document: Mapping[str, Any]) -> tuple[str | None, str | None, str | None]:
    allowance = document.get("allowance")
    return document["value"], document["rating"], None if allowance is None else allowance["amount"]


def show(connection: Connection, org_id: int, nip: str, period: str) -> dict[str, Any]:
    """Return the stored score of a person's month: value, rating, coverage, provisional, policy, explanation.

    `recompute_waiting` says that the merged data has changed since. Raises Problem invalid_field, not_found.
    """
    edges_of(period)
    month = PersonMonth(employee_of(connection, org_id, nip), period)
    row = store.score_of(connection, org_id, month)
    if row is None:
        raise Problem(
            "not_found",
            f"There is no score of {nip} for {period} yet. The entries are kept.",
            {"nip": nip, "period": period},
            f"`lontara-server score compute --period {period} --nip {nip}` computes it.",
        )
    document = _kept_document(row)
    document.pop(KEPT, None)
    return {
        "nip": nip,
        **document,
        "computed_at": _moment(row.computed_at),
        "recompute_waiting": month in store.dirty_months(connection, org_id),
    }


def history(connection: Connection, org_id: int, nip: str, period: str) -> list[dict[str, Any]]:
    """Each figure that a score has had, the newest first, with its document. Raises Problem invalid_field, not_found."""
    current = show(connection, org_id, nip, period)
    month = PersonMonth(employee_of(connection, org_id, nip), period)
    row = store.score_of(connection, org_id, month)
    assert row is not None, "it was shown just now"
    former = [
        {**_as_shown(json.loads(each.document)), "revision": each.revision, "computed_at": _moment(each.computed_at)}
        for each in store.former_scores(connection, org_id, month)
    ]
    now = {name: value for name, value in current.items() if name not in ("nip", "recompute_waiting")}
    return [{**now, "revision": row.revision}, *reversed(former)]


def fresh_value(connection: Connection, org_id: int, month: PersonMonth, now_ms: int) -> str | None:
    """Return the value that a computation would give now; stores nothing. Raises Problem invalid_field, no_policy."""
    computed = fresh_scores(connection, org_id, month.period, [month.employee], now_ms)
    if not computed:
        raise no_policy(month.period)
    return computed[0].row.value


def fresh_scores(
    connection: Connection, org_id: int, period: str, employees: Sequence[str], now_ms: int
) -> list[Computed]:
    """Return what a computation would give now for these people's month; nothing where no policy holds."""
    cases = cases_of(connection, org_month(connection, org_id, period, now_ms), policies_of(connection, org_id), employees)
    return [_computed(month, policy, now_ms) for month, policy in cases]


def employee_of(connection: Connection, org_id: int, nip: str) -> str:
    """Return the id of the employee with this NIP. Raises Problem not_found."""
    employee = store.employee_of_nip(connection, org_id, nip)
    if employee is None:
        raise Problem(
            "not_found",
            f"Nobody here has the NIP {nip}. Nothing was changed.",
            {"nip": nip},
            "`lontara-server employee list` shows everybody.",
        )
    return employee


def cases_of(
    connection: Connection, month: OrgMonth, policies: OrgPolicies, employees: Sequence[str], *, anew: bool = False
) -> Iterator[tuple[MonthInput, MonthPolicy]]:
    """What each person's month is scored from, and by which policy; in a locked month those of the stored score.

    Who has no policy for the month has no score, and is left out.
    anew: in a locked month, too, from what is known now, by the policy of the stored score.
    """
    current = policies.of_month(month.period)
    inputs = inputs_of(connection, month, employees)
    kept = store.documents_of(connection, month.org_id, employees, month.period) if month.is_locked else {}
    for employee in employees:
        if employee in kept:
            document = msgspec.json.decode(kept[employee])
            policy = policies.named(document["policy"]["policy_id"], document["policy"]["version"])
            assert isinstance(policy, MonthPolicy), "the score of a month names the policy of one"
            known = inputs[employee]
            yield known if anew else with_kept(known, document.get(KEPT)), policy
        elif current is not None:
            yield inputs[employee], current


def encoded_case(month: MonthInput, policy: MonthPolicy) -> tuple[Score, bytes, dict[str, Any]]:
    """Score a month: the score, the canonical bytes of its document, and what its summary reads of it."""
    score = score_month(month, policy)
    allowance: dict[str, Any] | None = None
    if any(placement.allowance_base is not None for placement in month.placements):
        found = allowance_of(month, score, policy)
        allowance = {"amount": decimal_text(found.amount), "explanation": found.explanation}
    raw = encoded_score(score, allowance=allowance, **{KEPT: kept_document(month)})
    named = score.explanation.params
    read = {
        "allowance": None if allowance is None else allowance["amount"],
        "coverage": score.coverage,
        "parts": [part.document() for part in score.parts],
        "rating_en": named.get("rating_en"),
        "rating_id": named.get("rating_id"),
        "reasons": score.reasons,
    }
    return score, raw, read


def _computed(month: MonthInput, policy: MonthPolicy, now_ms: int) -> Computed:
    score, raw, read = encoded_case(month, policy)
    row = ScoreRow(
        employee=score.employee_id,
        period=score.period,
        value=decimal_text(score.value),
        rating=score.rating,
        provisional=score.provisional,
        policy_id=score.policy_id,
        policy_version=score.policy_version,
        document=raw.decode(),
        computed_at=now_ms,
        summary=msgspec.json.encode(summary_of(read, raw)).decode(),
    )
    return Computed(row, raw)


def _compute(
    connection: Connection, org_id: int, months: Sequence[PersonMonth], now_ms: int, *, rewrite: bool = False,
    anew: bool = False,
) -> None:  # fmt: skip
    """Write the scores of these months, part by part, and the ratings of the years among them."""
    years = [month for month in months if len(month.period) == _YEAR_LENGTH]
    of_months = sorted((month for month in months if len(month.period) != _YEAR_LENGTH), key=lambda each: each.period)
    policies = policies_of(connection, org_id)
    # Marks are locked before scores, and both before the org's counter, as by everybody else.
    mark_rated_years(connection, org_id, of_months, now_ms)
    lines: list[FeedLine] = []
    for period, group in groupby(of_months, key=lambda each: each.period):
        month = org_month(connection, org_id, period, now_ms)
        for part in _parts([each.employee for each in group]):
            with _collector_at_rest():
                cases = cases_of(connection, month, policies, part, anew=anew)
                rows = [_computed(case, policy, now_ms).row for case, policy in cases]
            lines += write_scores(connection, org_id, period, rows, rewrite=rewrite)
    compute_years(connection, org_id, years, policies, now_ms)
    feed_scores(connection, org_id, lines)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Let nobody look for cycles meanwhile: a hundred months are many small objects without any, all let go of at once.

    Looking costs a third of the time. Whoever has switched the collector off keeps it off.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _compared(
    connection: Connection, org_id: int, now_ms: int, only: str | None
) -> Iterator[tuple[PersonMonth, dict[str, Any] | None, dict[str, Any]]]:
    """Each score that there must be, as it is stored and as it is computed from scratch."""
    policies = policies_of(connection, org_id)
    for period in _periods(connection, org_id, only):
        month = org_month(connection, org_id, period, now_ms)
        for part in _parts(_people_of(connection, org_id, period)):
            heads = store.heads_of(connection, org_id, part, period)
            documents = store.documents_of(connection, org_id, part, period)
            with _collector_at_rest():
                cases = cases_of(connection, month, policies, part)
                fresh = {case.employee_id: _computed(case, policy, now_ms) for case, policy in cases}
            for employee, computed in fresh.items():
                stored = None
                if employee in heads:
                    held = msgspec.json.decode(documents[employee])
                    stored = {"allowance": None, **held, **_columns(heads[employee])}
                yield PersonMonth(employee, period), stored, computed.document


def _periods(connection: Connection, org_id: int, only: str | None) -> list[str]:
    if only is not None:
        edges_of(only)
        return [only]
    worked = {f"{day:%Y-%m}" for day in store.days_with_approved_work(connection, org_id)}
    return sorted({*store.stored_periods(connection, org_id), *worked})


def _people_of(connection: Connection, org_id: int, period: str) -> list[str]:
    """Who has a score of this month, or must have one."""
    stored = {month.employee for month in store.stored_months(connection, org_id, [period])}
    return sorted(stored | store.owners_of_approved_work(connection, org_id, *edges_of(period)))


def _parts(employees: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(employees), PEOPLE_AT_ONCE):
        yield employees[start : start + PEOPLE_AT_ONCE]


def _kept_document(row: ScoreRow) -> dict[str, Any]:
    """Return the stored document, with the columns' own word for what is also a column, and every row in full."""
    return _as_shown(json.loads(row.document)) | _columns(row)


def _as_shown(document: dict[str, Any]) -> dict[str, Any]:
    document = {"allowance": None, **document}
    document["explanation"] = node_document(node_from_document(document["explanation"]))
    if document["allowance"] is not None:
        tree = node_document(node_from_document(document["allowance"]["explanation"]))
        document["allowance"] = document["allowance"] | {"explanation": tree}
    return document


def _columns(row: ScoreRow | store.ScoreHead) -> dict[str, Any]:
    return {
        "value": row.value,
        "rating": row.rating,
        "provisional": row.provisional,
        "policy": {"policy_id": row.policy_id, "version": row.policy_version},
    }


def _moment(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat().replace("+00:00", "Z")
