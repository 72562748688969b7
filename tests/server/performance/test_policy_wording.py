"""A policy in words: every line of it, and the line that each row of a score rests on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lontara_server.performance.policy_wording import line_at, lines_of
from lontara_server.performance.policy_words import CHOICES, LABELS, PHRASES
from lontara_server.performance.wording import Language
from lontara_server.services.policies import shipped_policies

POLICIES = {f"{each.policy_id} {each.version}": each for each in shipped_policies()}
# Every path that a row of a score or a rating names (`policy_path`).
PATHS = {
    "generic-60-40 1": [
        "weights.productivity", "weights.discipline", "working_time.effective_minutes_per_day.five_day_week",
        "working_time.effective_minutes_per_day.six_day_week", "working_time.minutes_counted_per_day_max",
        "working_time.minutes_counted_per_month_max", "working_time.category_caps",
        "working_time.category_caps.additional_duty", "working_time.statuses_without_target", "discipline.steps.0",
        "discipline.steps.3", "discipline.steps", "discipline.missing_punch_percent", "discipline.absence.steps.0",
        "discipline.absence.everything_from_days", "discipline.status_percents.permission", "entries.open_conflicts",
        "entries.late_entries", "score.rounding", "allowance.rounding",
    ],
    "jakarta-kecamatan 1": [
        "productivity.deducted_minutes.half_day", "productivity.added_minutes.leave", "weights.budget_absorption",
        "weights.behaviour",
    ],
    "sumedang-2023 1": ["weights.static", "discipline.absence.steps.1"],
    "pp30-2019 1": [
        "weights.without_survey.work_result", "weights.with_survey.behaviour", "bands.2", "behaviour.worth",
        "achievement.indicator_max", "achievement.plan_max", "achievement.lower_is_better", "rounding",
    ],
    "permenpanrb-6-2022 1": ["matrix.above.below", "levels.work_result.1", "levels.behaviour.0"],
}  # fmt: skip


def test_all_shipped_policies_are_looked_at() -> None:
    assert set(PATHS) == set(POLICIES)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("name", sorted(POLICIES))
def test_a_row_s_path_leads_to_a_line_in_words(name: str, language: Language) -> None:
    lines = lines_of(POLICIES[name], language)

    found = {path: line_at(lines, path) for path in PATHS[name]}

    assert [path for path, line in found.items() if line is None] == []
    assert [line for line in lines if not line.label or not line.text or "_" in line.label + line.text] == []


@pytest.mark.parametrize(
    ("path", "language", "said"),
    [
        ("discipline.steps.0", "id", "Terlambat atau pulang cepat, 1–30 menit: 0,5%"),
        ("discipline.steps.3", "id", "Terlambat atau pulang cepat, 91 menit atau lebih: 1,5%"),
        ("discipline.steps.3", "en", "Coming late or leaving early, 91 minutes or more: 1.5%"),
        ("discipline.absence.steps.0", "en", "Absent without a word, 1 day or more: 3% each day"),
        ("working_time.effective_minutes_per_day.five_day_week", "id", "Menit efektif sehari, pekan 5 hari: 300 menit"),
        ("working_time.minutes_counted_per_month_max", "en", "Minutes counted a month, at most: no cap"),
        ("bands.1", "id", "Baik: mulai 76"),
    ],
)
def test_a_line_says_what_the_file_says(path: str, language: Language, said: str) -> None:
    line = line_at(lines_of(POLICIES["generic-60-40 1"], language), path)

    assert line is not None
    assert f"{line.label}: {line.text}" == said


def test_a_path_that_leads_nowhere_has_no_line() -> None:
    assert line_at(lines_of(POLICIES["generic-60-40 1"], "id"), "nowhere.at.all") is None


def test_the_weights_in_words_are_those_of_the_policy() -> None:
    for policy in POLICIES.values():
        lines = lines_of(policy, "en")
        weights = getattr(policy, "weights", ())

        told = {line.path[-1]: line.text for line in lines if line.section == "weights" and len(line.path) == 2}

        assert told == {weight.code: f"{weight.amount}%" for weight in weights}


@pytest.mark.parametrize("words", [LABELS, CHOICES, PHRASES])
def test_every_phrase_is_there_in_both_languages_with_the_same_figures(words: dict[str, tuple[str, str]]) -> None:
    def named(text: str) -> Iterator[Any]:
        return (part.split("}")[0] for part in text.split("{")[1:])

    assert [key for key, (indonesian, english) in words.items() if set(named(indonesian)) != set(named(english))] == []
    assert [key for key, pair in words.items() if not all(pair)] == []
