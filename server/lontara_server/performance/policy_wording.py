"""Words for a policy: each of its lines as a label and what it says, in Indonesian and English. No markup.

The lines stand at the key paths of the policy document, so that a row of a score can name the line that it rests on.
The words themselves are in `policy_words`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lontara_server.performance.bands import Band
from lontara_server.performance.month_policy import DisciplineRules, LadderStep, MonthPolicy, Share
from lontara_server.performance.policy import Policy
from lontara_server.performance.policy_document import KeyPath
from lontara_server.performance.policy_words import CHOICES, LABELS, PHRASES
from lontara_server.performance.rounding import Rounding
from lontara_server.performance.wording import CATEGORIES, STATUSES, Language, number
from lontara_server.performance.year_policy import WeightedRating, YearPolicy


@dataclass(frozen=True)
class PolicyLine:
    """One line of a policy. section: the first key, under which it stands in the document."""

    path: KeyPath
    label: str
    text: str

    @property
    def section(self) -> str:
        return str(self.path[0])


def lines_of(policy: Policy, language: Language) -> tuple[PolicyLine, ...]:
    """Return every line of a policy in words, in the document's order."""
    words = _Words(language)
    return tuple(_month(policy, words) if isinstance(policy, MonthPolicy) else _year(policy, words))


def line_at(lines: Sequence[PolicyLine], path: str) -> PolicyLine | None:
    """Return the line at a path that a score's row names, its keys joined by points; the nearest above it where the
    path leads into a line; where it leads to several, the first.
    """
    keys = path.split(".")
    by_path = {".".join(map(str, line.path)): line for line in reversed(lines)}
    for length in range(len(keys), 0, -1):
        if (found := by_path.get(".".join(keys[:length]))) is not None:
            return found
    return next((line for line in lines if [str(key) for key in line.path[: len(keys)]] == keys), None)


@dataclass(frozen=True)
class _Words:
    """The words of one language."""

    language: Language

    def line(self, path: KeyPath, text: str, label: str | None = None) -> PolicyLine:
        return PolicyLine(path, label or self.label(".".join(str(key) for key in path if isinstance(key, str))), text)

    def label(self, key: str) -> str:
        return LABELS[key][self._place]

    def choice(self, key: str) -> str:
        return CHOICES[key][self._place]

    def phrase(self, key: str, **values: str) -> str:
        one = f"{key}.one" if values.get("n") == "1" else key
        return PHRASES.get(one, PHRASES[key])[self._place].format(**values)

    def number(self, value: Decimal | int) -> str:
        return number(Decimal(value), self.language)

    def percent(self, value: Decimal | int) -> str:
        return f"{self.number(value)}%"

    def amount(self, unit: str, value: int | Decimal | None) -> str:
        return self.phrase("no_cap") if value is None else self.phrase(unit, n=self.number(value))

    def statuses(self, codes: Sequence[str]) -> str:
        return ", ".join(STATUSES[self.language][code] for code in codes) or self.phrase("none")

    def rounding(self, rounding: Rounding) -> str:
        return self.phrase("rounding", mode=self.choice(rounding.mode), places=self.number(rounding.places))

    def band(self, band: Band) -> str:
        edge = self.phrase("from" if band.includes_edge else "over", n=self.number(band.edge))
        return edge if band.requires is None else f"{edge}; {self.choice(band.requires)}"

    def title(self, band: Band) -> str:
        return band.title.en if self.language == "en" else band.title.id

    @property
    def _place(self) -> int:
        return 0 if self.language == "id" else 1


def _month(policy: MonthPolicy, words: _Words) -> Iterator[PolicyLine]:
    for weight in policy.weights:
        yield words.line(("weights", weight.code), words.percent(weight.amount))
    yield from _working_time(policy, words)
    yield words.line(("productivity", "measure"), words.choice(policy.productivity.measure))
    for key, shares in (
        ("deducted_minutes", policy.productivity.deducted_minutes),
        ("added_minutes", policy.productivity.added_minutes),
    ):
        yield from _of_statuses(("productivity", key), shares, words, "minutes_a_day")
    if policy.discipline is not None:
        yield from _discipline(policy.discipline, words)
    if policy.behaviour_scale_max is not None:
        scale = words.phrase("scale", n=words.number(policy.behaviour_scale_max))
        yield words.line(("behaviour", "scale_max"), scale)
    yield from _entries(policy, words)
    yield words.line(("score", "max"), words.number(policy.score_max))
    yield words.line(("score", "rounding"), words.rounding(policy.rounding))
    at = ", ".join(words.choice(f"at_{step}") for step in policy.rounding_at)
    yield words.line(("score", "rounding", "at"), at)
    yield words.line(("allowance", "rounding"), words.rounding(policy.allowance_rounding))
    yield from _bands(("bands",), policy.bands, words)
    if not policy.bands:
        yield words.line(("bands",), words.phrase("no_bands"))


def _working_time(policy: MonthPolicy, words: _Words) -> Iterator[PolicyLine]:
    rules = policy.working_time
    yield words.line(("working_time", "workdays_per_week"), words.amount("days", rules.workdays_per_week))
    for key, minutes in (
        ("five_day_week", rules.minutes_in_five_day_week),
        ("six_day_week", rules.minutes_in_six_day_week),
    ):
        yield words.line(("working_time", "effective_minutes_per_day", key), words.amount("minutes", minutes))
    for key, cap in (
        ("minutes_counted_per_day_max", rules.minutes_counted_per_day_max),
        ("minutes_counted_per_month_max", rules.minutes_counted_per_month_max),
    ):
        yield words.line(("working_time", key), words.amount("minutes", cap))
    for share in rules.category_caps:
        text = words.phrase("of_target", n=words.percent(share.amount))
        label = f"{words.label('working_time.category_caps')}: {CATEGORIES[words.language][share.code]}"
        yield words.line(("working_time", "category_caps", share.code), text, label)
    if not rules.category_caps:
        yield words.line(("working_time", "category_caps"), words.phrase("no_cap"))
    yield words.line(("working_time", "statuses_without_target"), words.statuses(rules.statuses_without_target))


def _discipline(rules: DisciplineRules, words: _Words) -> Iterator[PolicyLine]:
    yield words.line(("discipline", "base"), words.choice(f"base_{rules.base}"))
    yield words.line(("discipline", "counting"), words.choice(f"minutes_{rules.counting}"))
    for position, (step, above) in enumerate(_steps(rules.steps)):
        label = f"{words.label('discipline.steps')}, {_span(step, above, 'minutes', words)}"
        yield words.line(("discipline", "steps", position), words.percent(step.percent), label)
    missing = words.phrase("each_time", n=words.percent(rules.missing_punch_percent))
    yield words.line(("discipline", "missing_punch_percent"), missing)
    yield words.line(("discipline", "absence", "counting"), words.choice(f"days_{rules.absence_counting}"))
    for position, (step, above) in enumerate(_steps(rules.absence_steps)):
        label = f"{words.label('discipline.absence.steps')}, {_span(step, above, 'days', words)}"
        unit = "each_day" if rules.absence_counting == "each_day" else "at_once"
        text = words.phrase(unit, n=words.percent(step.percent))
        yield words.line(("discipline", "absence", "steps", position), text, label)
    days = rules.everything_from_days
    text = words.phrase("never") if days is None else words.phrase("from_days", n=words.number(days))
    yield words.line(("discipline", "absence", "everything_from_days"), text)
    yield from _of_statuses(("discipline", "status_percents"), rules.status_percents, words, "percent_a_day")


def _entries(policy: MonthPolicy, words: _Words) -> Iterator[PolicyLine]:
    rules = policy.entries
    reminders = ", ".join(map(words.number, rules.review_reminders)) or words.phrase("none")
    for path, text in (
        (("entry_days_back",), words.amount("days", rules.entry_days_back)),
        (("month_closes_on",), words.phrase("day_of_next_month", n=words.number(rules.month_closes_on))),
        (("late_entries",), words.choice(f"late_{rules.late_entries}")),
        (("review", "within_workdays"), words.amount("days", rules.review_workdays)),
        (("review", "reminders_on_workdays"), reminders),
        (("conflict_minutes_per_day_max",), words.amount("minutes", rules.conflict_minutes_per_day_max)),
        (("open_conflicts",), words.choice(f"conflict_{rules.open_conflicts}")),
    ):
        yield words.line(("entries", *path), text)


def _year(policy: YearPolicy, words: _Words) -> Iterator[PolicyLine]:
    yield words.line(("achievement", "indicator_max"), words.percent(policy.achievement.indicator_max))
    yield words.line(("achievement", "plan_max"), words.percent(policy.achievement.plan_max))
    yield words.line(("achievement", "lower_is_better"), words.choice(policy.achievement.lower_is_better))
    scale = words.phrase("scale", n=words.number(policy.behaviour.scale_max))
    yield words.line(("behaviour", "scale_max"), scale)
    yield words.line(("behaviour", "worth"), words.number(policy.behaviour.worth))
    if isinstance(policy.rating, WeightedRating):
        for key, has_survey in (("without_survey", False), ("with_survey", True)):
            parts = zip(("work_result", "behaviour"), policy.rating.weights(has_survey=has_survey), strict=True)
            for part, weight in parts:
                yield words.line(("weights", key, part), words.percent(weight))
    else:
        yield from _bands(("levels", "work_result"), policy.rating.work_result_levels, words)
        yield from _bands(("levels", "behaviour"), policy.rating.behaviour_levels, words)
        titles: Mapping[str, str] = {each.code: words.title(each) for each in policy.rating.work_result_levels}
        for cell in policy.rating.cells:
            label = words.phrase("cell", work=titles[cell.work_result], behaviour=titles[cell.behaviour])
            text = cell.title.en if words.language == "en" else cell.title.id
            yield words.line(("matrix", cell.work_result, cell.behaviour), text, label)
    yield words.line(("rounding",), words.rounding(policy.rounding))
    if isinstance(policy.rating, WeightedRating):
        yield from _bands(("bands",), policy.rating.bands, words)


def _bands(path: KeyPath, bands: Sequence[Band], words: _Words) -> Iterator[PolicyLine]:
    prefix = "" if path == ("bands",) else f"{words.label('.'.join(map(str, path)))}: "
    for position, band in enumerate(bands):
        yield words.line((*path, position), words.band(band), prefix + words.title(band))


def _of_statuses(path: KeyPath, shares: Sequence[Share], words: _Words, phrase: str) -> Iterator[PolicyLine]:
    label = words.label(".".join(map(str, path)))
    for share in shares:
        status = STATUSES[words.language][share.code]
        text = words.phrase(phrase, n=words.number(share.amount))
        yield words.line((*path, share.code), text, f"{label}: {status}")


def _steps(steps: Sequence[LadderStep]) -> Iterator[tuple[LadderStep, LadderStep | None]]:
    """Each step with the one above it."""
    return zip(steps, [*steps[1:], None], strict=True)


def _span(step: LadderStep, above: LadderStep | None, unit: str, words: _Words) -> str:
    """`1-30 minutes`, or of the highest step `91 minutes or more`."""
    first = words.number(step.starts_at)
    if above is None:
        return words.phrase("and_more", n=words.phrase(unit, n=first))
    last = words.number(above.starts_at - 1)
    return words.phrase(unit, n=first if first == last else f"{first}–{last}")
