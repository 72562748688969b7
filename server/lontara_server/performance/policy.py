"""Policy: the local numbers that a score is computed with, checked and frozen.

What must not live here: reading files (services do), and any number of a policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation

ROUNDING_MODES = (ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN)
OPEN_CONFLICT_CHOICES = ("count_server_value",)
CATEGORY_CAP_CHOICES = ("none",)
DAY_MINUTES = 24 * 60


class PolicyMistake(ValueError):
    """A policy document that cannot be used. Names the document and the key.

    where: the document as its reader calls it, for example a file name.
    key_path: keys from the top, for example ("bands", 2, "from"); with it, a reader
              that knows the text can tell the line.
    """

    def __init__(self, where: str, key_path: tuple[str | int, ...], message: str) -> None:
        self.where = where
        self.key_path = key_path
        self.message = message
        path = ".".join(str(key) for key in key_path) or "document"
        super().__init__(f"{where}: {path}: {message}")


@dataclass(frozen=True)
class Title:
    """A name that people read, Indonesian first."""

    id: str
    en: str


@dataclass(frozen=True)
class Band:
    """A rating and the lowest score, inclusive, that earns it."""

    code: str
    at_least: Decimal
    title: Title


@dataclass(frozen=True)
class Policy:
    """One version of a policy. Percent, minutes and days as the names say."""

    policy_id: str
    version: int
    title: Title
    regulation: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    productivity_weight: int
    discipline_weight: int
    workdays_per_week: int
    effective_minutes_per_day: int
    minutes_counted_per_day_max: int
    category_caps: str
    entry_days_back: int
    conflict_minutes_per_day_max: int
    open_conflicts: str
    score_max: Decimal
    rounding_mode: str
    rounding_places: int
    bands: tuple[Band, ...]

    def is_valid_on(self, day: date) -> bool:
        """Tell whether the policy holds on a day; both ends are inclusive."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def rounded(self, value: Decimal) -> Decimal:
        """Return the value as the policy rounds it."""
        return value.quantize(Decimal(1).scaleb(-self.rounding_places), self.rounding_mode)

    def band_of(self, rounded_score: Decimal) -> Band:
        """Return the first band, best first, whose edge the rounded score reaches."""
        return next(band for band in self.bands if rounded_score >= band.at_least)


def parse_policy(document: Mapping[str, object], *, where: str) -> Policy:
    """Check a document and return the Policy that it describes.

    where: how a message names the document.
    Raises PolicyMistake at the first thing that is missing, unknown or out of range.
    """
    top = _Section(document, where)
    weights = top.section("weights")
    time = top.section("working_time")
    entries = top.section("entries")
    score = top.section("score")
    rounding = score.section("rounding")
    score_max = score.number("max")
    policy = Policy(
        policy_id=top.text("policy_id"),
        version=top.whole("version", 1, 1_000_000),
        title=top.title("title"),
        regulation=top.texts("regulation"),
        valid_from=top.day("valid_from"),
        valid_to=top.day_or_none("valid_to"),
        productivity_weight=weights.whole("productivity", 0, 100),
        discipline_weight=weights.whole("discipline", 0, 100),
        workdays_per_week=time.whole("workdays_per_week", 5, 6),
        effective_minutes_per_day=time.whole("effective_minutes_per_day", 1, DAY_MINUTES),
        minutes_counted_per_day_max=time.whole("minutes_counted_per_day_max", 1, DAY_MINUTES),
        category_caps=time.choice("category_caps", CATEGORY_CAP_CHOICES),
        entry_days_back=entries.whole("entry_days_back", 0, 366),
        conflict_minutes_per_day_max=entries.whole("conflict_minutes_per_day_max", 1, DAY_MINUTES),
        open_conflicts=entries.choice("open_conflicts", OPEN_CONFLICT_CHOICES),
        score_max=score_max,
        rounding_mode=rounding.choice("mode", ROUNDING_MODES),
        rounding_places=rounding.whole("places", 0, 4),
        bands=_bands(top, score_max),
    )
    _raise_on_contradiction(policy, top)
    for section in (top, weights, time, entries, score, rounding):
        section.raise_on_unknown_keys()
    return policy


def _raise_on_contradiction(policy: Policy, top: _Section) -> None:
    if policy.productivity_weight + policy.discipline_weight != 100:
        raise top.mistake("weights", "productivity and discipline must make 100 together")
    if policy.productivity_weight == 0:
        raise top.mistake("weights", "productivity must weigh more than 0")
    if policy.valid_to is not None and policy.valid_to < policy.valid_from:
        raise top.mistake("valid_to", "must not lie before valid_from")


def _bands(top: _Section, score_max: Decimal) -> tuple[Band, ...]:
    bands: list[Band] = []
    for section in top.sections("bands"):
        band = Band(section.text("code"), section.number("from"), section.title("title"))
        section.raise_on_unknown_keys()
        if band.at_least > score_max:
            raise section.mistake("from", f"must not be over the highest score, {score_max}")
        if bands and band.at_least >= bands[-1].at_least:
            raise section.mistake("from", "must be lower than the band before it")
        if band.code in {earlier.code for earlier in bands}:
            raise section.mistake("code", f"{band.code} is there twice")
        bands.append(band)
    if bands[-1].at_least != 0:
        raise top.mistake("bands", "the last band must start from 0, so that every score has one")
    return tuple(bands)


class _Section:
    """One mapping of the document, with its place in it, read key by key."""

    def __init__(self, content: object, where: str, path: tuple[str | int, ...] = ()) -> None:
        if not isinstance(content, Mapping):
            raise PolicyMistake(where, path, "must be a mapping of keys to values")
        self._content = content
        self._where = where
        self._path = path
        self._read: set[str] = set()

    def mistake(self, key: str | int, message: str) -> PolicyMistake:
        return PolicyMistake(self._where, (*self._path, key), message)

    def raise_on_unknown_keys(self) -> None:
        for key in self._content:
            if key not in self._read:
                raise self.mistake(str(key), "is not a key of a policy")

    def value(self, key: str) -> object:
        self._read.add(key)
        if key not in self._content:
            raise self.mistake(key, "is missing")
        return self._content[key]

    def section(self, key: str) -> _Section:
        return _Section(self.value(key), self._where, (*self._path, key))

    def sections(self, key: str) -> list[_Section]:
        return [_Section(item, self._where, (*self._path, key, index)) for index, item in enumerate(self._items(key))]

    def text(self, key: str) -> str:
        value = self.value(key)
        if not isinstance(value, str) or not value.strip():
            raise self.mistake(key, "must be a text that is not empty")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        items = self._items(key)
        if not all(isinstance(item, str) and item.strip() for item in items):
            raise self.mistake(key, "must be a list of texts")
        return tuple(str(item) for item in items)

    def title(self, key: str) -> Title:
        section = self.section(key)
        title = Title(section.text("id"), section.text("en"))
        section.raise_on_unknown_keys()
        return title

    def choice(self, key: str, choices: Sequence[str]) -> str:
        value = self.value(key)
        if not isinstance(value, str) or value not in choices:
            raise self.mistake(key, f"must be one of: {', '.join(choices)}")
        return value

    def whole(self, key: str, lowest: int, highest: int) -> int:
        value = self.value(key)
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if not is_whole or not lowest <= value <= highest:  # type: ignore[operator]
            raise self.mistake(key, f"must be a whole number from {lowest} to {highest}")
        assert isinstance(value, int)
        return value

    def number(self, key: str) -> Decimal:
        """Read a whole number, or a decimal in quotes: a binary fraction is never exact."""
        value = self.value(key)
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise self.mistake(key, 'must be a whole number, or a decimal in quotes ("90.5")')
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise self.mistake(key, f"{value!r} is not a number") from None
        if not number.is_finite() or number < 0:
            raise self.mistake(key, "must be 0 or more")
        return number

    def day(self, key: str) -> date:
        value = self.value(key)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            return date.fromisoformat(value if isinstance(value, str) else "")
        except ValueError:
            raise self.mistake(key, "must be a date, YYYY-MM-DD") from None

    def day_or_none(self, key: str) -> date | None:
        return None if self.value(key) is None else self.day(key)

    def _items(self, key: str) -> list[object]:
        value = self.value(key)
        if not isinstance(value, list) or not value:
            raise self.mistake(key, "must be a list that is not empty")
        return value
