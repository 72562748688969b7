"""The policy of a year's rating: from achievement and behaviour to a figure with its band, or to a cell of a matrix.

What must not live here: arithmetic, and any number of a policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from lontara_server.performance.bands import Band, read_bands
from lontara_server.performance.policy_document import Header, Section, Title
from lontara_server.performance.rounding import Rounding

LEVELS: Final = ("above", "meets", "below")
LOWER_IS_BETTER_CHOICES: Final = ("mirrored", "inverse")


@dataclass(frozen=True)
class AchievementRules:
    """How realisation becomes an achievement in percent, and where it is capped.

    lower_is_better: mirrored is 200 - realisation / target x 100; inverse is target / realisation x 100.
    """

    indicator_max: Decimal
    plan_max: Decimal
    lower_is_better: str


@dataclass(frozen=True)
class BehaviourRules:
    """What the best rating of all seven values is worth; each is rated from 1 to scale_max."""

    scale_max: int
    worth: Decimal


@dataclass(frozen=True)
class WeightedRating:
    """Work result and behaviour add up by weights, in percent; other weights where colleagues were asked too."""

    work_result_weight: int
    work_result_weight_with_survey: int
    bands: tuple[Band, ...]

    def weights(self, *, has_survey: bool) -> tuple[int, int]:
        """Return the weights of work result and behaviour."""
        weight = self.work_result_weight_with_survey if has_survey else self.work_result_weight
        return weight, 100 - weight


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix: the levels that meet in it, and the rating."""

    work_result: str
    behaviour: str
    code: str
    title: Title


@dataclass(frozen=True)
class MatrixRating:
    """Work result and behaviour become levels of expectation, and the two levels a rating."""

    work_result_levels: tuple[Band, ...]
    behaviour_levels: tuple[Band, ...]
    cells: tuple[Cell, ...]

    def cell(self, work_result: str, behaviour: str) -> Cell:
        return next(cell for cell in self.cells if (cell.work_result, cell.behaviour) == (work_result, behaviour))


@dataclass(frozen=True)
class YearPolicy:
    """One version of a policy for years."""

    policy_id: str
    version: int
    title: Title
    regulation: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    achievement: AchievementRules
    behaviour: BehaviourRules
    rating: WeightedRating | MatrixRating
    rounding: Rounding

    def is_valid_on(self, day: date) -> bool:
        """Tell whether the policy holds on a day; both ends are inclusive."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def read_year_policy(top: Section, header: Header) -> YearPolicy:
    """Read the rest of a year's policy. Raises PolicyMistake."""
    achievement = _achievement(top.section("achievement"))
    behaviour_section = top.section("behaviour")
    behaviour = BehaviourRules(behaviour_section.whole("scale_max", 2, 100), behaviour_section.number("worth"))
    by = top.choice("rating_by", ("weights", "matrix"))
    return YearPolicy(
        **vars(header),
        achievement=achievement,
        behaviour=behaviour,
        rating=_weighted(top, achievement, behaviour) if by == "weights" else _matrix(top, achievement, behaviour),
        rounding=top.rounding("rounding")[0],
    )


def _achievement(section: Section) -> AchievementRules:
    return AchievementRules(
        indicator_max=section.number("indicator_max"),
        plan_max=section.number("plan_max"),
        lower_is_better=section.choice("lower_is_better", LOWER_IS_BETTER_CHOICES),
    )


def _weighted(top: Section, achievement: AchievementRules, behaviour: BehaviourRules) -> WeightedRating:
    section = top.section("weights")
    return WeightedRating(
        work_result_weight=section.section("without_survey").whole_share("work_result", "behaviour"),
        work_result_weight_with_survey=section.section("with_survey").whole_share("work_result", "behaviour"),
        bands=read_bands(top, "bands", highest=max(achievement.plan_max, behaviour.worth)),
    )


def _matrix(top: Section, achievement: AchievementRules, behaviour: BehaviourRules) -> MatrixRating:
    levels = top.section("levels")
    titles = {section.text("code"): section.title("title") for section in top.sections("ratings")}
    cells = []
    rows = top.section("matrix")
    for work_result in LEVELS:
        row = rows.section(work_result)
        for behaviour_level in LEVELS:
            code = row.choice(behaviour_level, tuple(titles))
            cells.append(Cell(work_result, behaviour_level, code, titles[code]))
    return MatrixRating(
        work_result_levels=read_bands(levels, "work_result", highest=achievement.plan_max, codes=LEVELS),
        behaviour_levels=read_bands(levels, "behaviour", highest=behaviour.worth, codes=LEVELS),
        cells=tuple(cells),
    )
