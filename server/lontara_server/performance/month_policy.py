"""The policy of a month's score: its parts and their weights, and the numbers of each part, checked and frozen.

What must not live here: arithmetic, and any number of a policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from lontara_server.performance.attendance import EXCUSED, STATUSES
from lontara_server.performance.bands import Band, band_of, read_bands
from lontara_server.performance.policy_document import Header, Section, Title
from lontara_server.performance.rounding import Rounding

# The parts that a score may be made of, in the order in which they are told.
PARTS: Final = ("productivity", "discipline", "behaviour", "budget_absorption", "static")
MEASURES: Final = ("minutes", "net_minutes", "log_days")
CAPPED_CATEGORIES: Final = ("additional_duty", "special_instruction")
ROUNDING_STEPS: Final = ("percent", "points", "score")
OPEN_CONFLICT_CHOICES: Final = ("count_server_value", "leave_out")
LATE_ENTRY_CHOICES: Final = ("count", "leave_out")
# Days whose minutes are taken off what can be reached, beside the minutes that somebody came late or left early.
DEDUCTED_STATUSES: Final = ("permission", "half_day", "sick", "sick_with_letter", "absent_unexcused")
ADDED_STATUSES: Final = ("leave",)
DAY_MINUTES: Final = 24 * 60


@dataclass(frozen=True)
class Share:
    """A named share in percent, or a named number of minutes."""

    code: str
    amount: Decimal


@dataclass(frozen=True)
class WorkingTime:
    """Workdays and the minutes that they ask for and can count. None: no such cap."""

    workdays_per_week: int
    minutes_in_five_day_week: int
    minutes_in_six_day_week: int
    minutes_counted_per_day_max: int | None
    minutes_counted_per_month_max: int | None
    category_caps: tuple[Share, ...]
    statuses_without_target: tuple[str, ...]

    def effective_minutes(self, workdays_per_week: int) -> int:
        """What one workday asks for, in a week of so many."""
        return self.minutes_in_six_day_week if workdays_per_week == 6 else self.minutes_in_five_day_week


@dataclass(frozen=True)
class ProductivityRules:
    """What approved work is held against. The minutes of a status are per day, for net_minutes alone."""

    measure: str
    deducted_minutes: tuple[Share, ...]
    added_minutes: tuple[Share, ...]


@dataclass(frozen=True)
class LadderStep:
    """From so many minutes, or days, on the deduction is so many percent."""

    starts_at: int
    percent: Decimal


@dataclass(frozen=True)
class DisciplineRules:
    """Deductions from attendance, in percent of the part (share) or of the whole score (total).

    counting: the ladder holds for each day, or for the month's sum of late and that of early minutes.
    missing_punch_percent: each time that a check-in or a check-out is missing.
    everything_from_days: unexcused days that take the whole month's score; None: no number does.
    """

    base: str
    counting: str
    steps: tuple[LadderStep, ...]
    missing_punch_percent: Decimal
    absence_counting: str
    absence_steps: tuple[LadderStep, ...]
    everything_from_days: int | None
    status_percents: tuple[Share, ...]


@dataclass(frozen=True)
class EntryRules:
    """When an entry is in time, and whether it counts where it is not or a conflict about it is open."""

    entry_days_back: int
    month_closes_on: int
    late_entries: str
    review_workdays: int
    review_reminders: tuple[int, ...]
    conflict_minutes_per_day_max: int
    open_conflicts: str


@dataclass(frozen=True)
class MonthPolicy:
    """One version of a policy for months. Percent, minutes and days as the names say.

    rounding_at: the steps at which figures are rounded: a part's percentage, its points, the score.
    bands: best first; none where the policy gives no rating in words.
    """

    policy_id: str
    version: int
    title: Title
    regulation: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    weights: tuple[Share, ...]
    working_time: WorkingTime
    productivity: ProductivityRules
    discipline: DisciplineRules | None
    behaviour_scale_max: int | None
    entries: EntryRules
    score_max: Decimal
    rounding: Rounding
    rounding_at: tuple[str, ...]
    allowance_rounding: Rounding
    bands: tuple[Band, ...]

    def is_valid_on(self, day: date) -> bool:
        """Tell whether the policy holds on a day; both ends are inclusive."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def weight_of(self, part: str) -> Decimal:
        """Return the part's percent of the whole score; 0 where it has no part in it."""
        return next((weight.amount for weight in self.weights if weight.code == part), Decimal(0))

    def rounded(self, value: Decimal) -> Decimal:
        """Return the value as the policy rounds it."""
        return self.rounding.apply(value)

    def band_of(self, rounded_score: Decimal) -> Band | None:
        """Return the band of a rounded score, where the policy has bands."""
        return band_of(self.bands, rounded_score) if self.bands else None


def read_month_policy(top: Section, header: Header) -> MonthPolicy:
    """Read the rest of a month's policy. Raises PolicyMistake."""
    weights = _weights(top)
    score = top.section("score")
    score_max = score.number("max")
    rounding, steps = score.rounding("rounding")
    policy = MonthPolicy(
        **vars(header),
        weights=weights,
        working_time=_working_time(top.section("working_time")),
        productivity=_productivity(top.section("productivity")),
        discipline=_discipline(top.section_or_none("discipline")),
        behaviour_scale_max=_behaviour_scale_max(top.section_or_none("behaviour")),
        entries=_entries(top.section("entries")),
        score_max=score_max,
        rounding=rounding,
        rounding_at=steps.chosen("at", ROUNDING_STEPS),
        allowance_rounding=top.section("allowance").rounding("rounding")[0],
        bands=() if top.value("bands") is None else read_bands(top, "bands", highest=score_max),
    )
    _raise_on_contradiction(policy, top, steps)
    return policy


def _raise_on_contradiction(policy: MonthPolicy, top: Section, steps: Section) -> None:
    if (policy.discipline is None) != (policy.weight_of("discipline") == 0):
        raise top.mistake("discipline", "must be null where its weight is 0, and only there")
    if (policy.behaviour_scale_max is None) != (policy.weight_of("behaviour") == 0):
        raise top.mistake("behaviour", "must be null where its weight is 0, and only there")
    if "score" not in policy.rounding_at:
        raise steps.mistake("at", "must name score: a score is always rounded")
    if policy.productivity.measure == "log_days" and "percent" not in policy.rounding_at:
        raise steps.mistake("at", "must name percent where productivity counts days with entries")


def _weights(top: Section) -> tuple[Share, ...]:
    section = top.section("weights")
    weights = tuple(Share(part, Decimal(section.whole(part, 0, 100))) for part in PARTS)
    if sum(weight.amount for weight in weights) != 100:
        raise top.mistake("weights", "must make 100 together")
    if weights[0].amount == 0:
        raise top.mistake("weights", "productivity must weigh more than 0")
    return tuple(weight for weight in weights if weight.amount)


def _working_time(section: Section) -> WorkingTime:
    minutes = section.section("effective_minutes_per_day")
    return WorkingTime(
        workdays_per_week=section.whole("workdays_per_week", 5, 6),
        minutes_in_five_day_week=minutes.whole("five_day_week", 1, DAY_MINUTES),
        minutes_in_six_day_week=minutes.whole("six_day_week", 1, DAY_MINUTES),
        minutes_counted_per_day_max=section.whole_or_none("minutes_counted_per_day_max", 1, DAY_MINUTES),
        minutes_counted_per_month_max=section.whole_or_none("minutes_counted_per_month_max", 1, 31 * DAY_MINUTES),
        category_caps=_category_caps(section),
        statuses_without_target=section.chosen("statuses_without_target", STATUSES),
    )


def _category_caps(section: Section) -> tuple[Share, ...]:
    caps = section.section_or_none("category_caps")
    if caps is None:
        return ()
    return tuple(Share(category, caps.number(category)) for category in CAPPED_CATEGORIES if caps.has(category))


def _productivity(section: Section) -> ProductivityRules:
    measure = section.choice("measure", MEASURES)
    if measure != "net_minutes":
        return ProductivityRules(measure, (), ())
    deducted, added = section.section("deducted_minutes"), section.section("added_minutes")
    return ProductivityRules(
        measure,
        tuple(Share(status, Decimal(deducted.whole(status, 0, DAY_MINUTES))) for status in DEDUCTED_STATUSES),
        tuple(Share(status, Decimal(added.whole(status, 0, DAY_MINUTES))) for status in ADDED_STATUSES),
    )


def _discipline(section: Section | None) -> DisciplineRules | None:
    if section is None:
        return None
    absence, statuses = section.section("absence"), section.section("status_percents")
    return DisciplineRules(
        base=section.choice("base", ("share", "total")),
        counting=section.choice("counting", ("each_day", "month_sum")),
        steps=_ladder(section, "steps", "from_minutes", 31 * DAY_MINUTES),
        missing_punch_percent=section.number("missing_punch_percent"),
        absence_counting=absence.choice("counting", ("each_day", "month_sum")),
        absence_steps=_ladder(absence, "steps", "from_days", 31),
        everything_from_days=absence.whole_or_none("everything_from_days", 1, 31),
        status_percents=tuple(Share(status, statuses.number(status)) for status in EXCUSED),
    )


def _ladder(parent: Section, key: str, start_key: str, highest: int) -> tuple[LadderStep, ...]:
    steps: list[LadderStep] = []
    for section in parent.sections(key):
        step = LadderStep(section.whole(start_key, 1, highest), section.number("percent"))
        if steps and step.starts_at <= steps[-1].starts_at:
            raise section.mistake(start_key, "must be higher than in the step before it")
        if steps and step.percent < steps[-1].percent:
            raise section.mistake("percent", "must not be lower than in the step before it")
        steps.append(step)
    return tuple(steps)


def _behaviour_scale_max(section: Section | None) -> int | None:
    return None if section is None else section.whole("scale_max", 2, 100)


def _entries(section: Section) -> EntryRules:
    review = section.section("review")
    workdays = review.whole("within_workdays", 1, 31)
    reminders = review.wholes("reminders_on_workdays", 1, workdays)
    return EntryRules(
        entry_days_back=section.whole("entry_days_back", 0, 366),
        month_closes_on=section.whole("month_closes_on", 1, 28),
        late_entries=section.choice("late_entries", LATE_ENTRY_CHOICES),
        review_workdays=workdays,
        review_reminders=reminders,
        conflict_minutes_per_day_max=section.whole("conflict_minutes_per_day_max", 1, DAY_MINUTES),
        open_conflicts=section.choice("open_conflicts", OPEN_CONFLICT_CHOICES),
    )
