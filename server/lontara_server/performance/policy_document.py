"""The policy document as it was written: read key by key, each mistake with its key path. Knows no formula.

What must not live here: reading files (services do), and any number of a policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from lontara_server.performance.rounding import ROUNDING_MODES, Rounding

KeyPath = tuple[str | int, ...]


class PolicyMistake(ValueError):
    """A policy document that cannot be used. Names the document and the key.

    where: the document as its reader calls it, for example a file name.
    key_path: keys from the top, for example ("bands", 2, "from"); with it, a reader
              that knows the text can tell the line.
    """

    def __init__(self, where: str, key_path: KeyPath, message: str) -> None:
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


class Section:
    """One mapping of the document, with its place in it, read key by key."""

    def __init__(self, content: object, where: str, path: KeyPath = ()) -> None:
        if not isinstance(content, Mapping):
            raise PolicyMistake(where, path, "must be a mapping of keys to values")
        self._content = content
        self._where = where
        self.path = path
        self._read: set[str] = set()
        self._sections: list[Section] = []

    def mistake(self, key: str | int, message: str) -> PolicyMistake:
        return PolicyMistake(self._where, (*self.path, key), message)

    def raise_on_unknown_keys(self) -> None:
        """Raise for a key that nobody asked for, here or in any section below."""
        for key in self._content:
            if key not in self._read:
                raise self.mistake(str(key), "is not a key of a policy")
        for section in self._sections:
            section.raise_on_unknown_keys()

    def has(self, key: str) -> bool:
        """Whether an optional key is there."""
        return key in self._content

    def value(self, key: str) -> object:
        self._read.add(key)
        if key not in self._content:
            raise self.mistake(key, "is missing")
        return self._content[key]

    def section(self, key: str) -> Section:
        return self._below(self.value(key), (*self.path, key))

    def section_or_none(self, key: str) -> Section | None:
        return None if self.value(key) is None else self.section(key)

    def sections(self, key: str) -> list[Section]:
        return [self._below(item, (*self.path, key, index)) for index, item in enumerate(self._items(key))]

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
        return Title(section.text("id"), section.text("en"))

    def choice(self, key: str, choices: Sequence[str]) -> str:
        value = self.value(key)
        if not isinstance(value, str) or value not in choices:
            raise self.mistake(key, f"must be one of: {', '.join(choices)}")
        return value

    def chosen(self, key: str, choices: Sequence[str]) -> tuple[str, ...]:
        """Read a list, empty or not, of different choices."""
        value = self.value(key)
        known = isinstance(value, list) and all(isinstance(item, str) and item in choices for item in value)
        if not known or len(set(value)) < len(value):  # type: ignore[call-overload, arg-type]
            raise self.mistake(key, f"must be a list of some of: {', '.join(choices)}")
        assert isinstance(value, list)
        return tuple(value)

    def whole(self, key: str, lowest: int, highest: int) -> int:
        value = self.value(key)
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if not is_whole or not lowest <= value <= highest:  # type: ignore[operator]
            raise self.mistake(key, f"must be a whole number from {lowest} to {highest}")
        assert isinstance(value, int)
        return value

    def whole_or_none(self, key: str, lowest: int, highest: int) -> int | None:
        return None if self.value(key) is None else self.whole(key, lowest, highest)

    def whole_share(self, key: str, other: str) -> int:
        """Read a whole percentage that makes 100 together with another; returns the first."""
        share = self.whole(key, 0, 100)
        if share + self.whole(other, 0, 100) != 100:
            raise self.mistake(other, f"must make 100 together with {key}")
        return share

    def wholes(self, key: str, lowest: int, highest: int) -> tuple[int, ...]:
        """Read a list, empty or not, of whole numbers that rise."""
        value = self.value(key)
        items = value if isinstance(value, list) else [None]
        is_sound = all(
            isinstance(item, int) and not isinstance(item, bool) and lowest <= item <= highest for item in items
        )
        if not is_sound or sorted(set(items)) != items:
            raise self.mistake(
                key, f"must be a list of whole numbers from {lowest} to {highest}, each higher than the last"
            )
        return tuple(items)

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

    def rounding(self, key: str) -> tuple[Rounding, Section]:
        """Read a mode and its places; the section may hold more, which its reader asks for."""
        section = self.section(key)
        return Rounding(section.choice("mode", ROUNDING_MODES), section.whole("places", 0, 4)), section

    def _below(self, content: object, path: KeyPath) -> Section:
        section = Section(content, self._where, path)
        self._sections.append(section)
        return section

    def _items(self, key: str) -> list[object]:
        value = self.value(key)
        if not isinstance(value, list) or not value:
            raise self.mistake(key, "must be a list that is not empty")
        return value


@dataclass(frozen=True)
class Header:
    """What every policy says of itself first."""

    policy_id: str
    version: int
    title: Title
    regulation: tuple[str, ...]
    valid_from: date
    valid_to: date | None


def read_header(top: Section) -> Header:
    """Read what every policy says of itself first. Raises PolicyMistake."""
    header = Header(
        policy_id=top.text("policy_id"),
        version=top.whole("version", 1, 1_000_000),
        title=top.title("title"),
        regulation=top.texts("regulation"),
        valid_from=top.day("valid_from"),
        valid_to=top.day_or_none("valid_to"),
    )
    if header.valid_to is not None and header.valid_to < header.valid_from:
        raise top.mistake("valid_to", "must not lie before valid_from")
    return header
