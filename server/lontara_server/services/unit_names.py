"""The units of an org by their codes and names, for files that name them by either. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from lontara_server.services.column_names import column_key
from lontara_server.storage.people import UnitRow

CODE_LENGTH_MAX: Final = 40


@dataclass
class UnitNames:
    """Units by code; names are compared without case, blanks and signs."""

    by_code: dict[str, UnitRow] = field(default_factory=dict)
    _by_id: dict[str, UnitRow] = field(default_factory=dict)
    _by_name: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, units: Iterable[UnitRow]) -> UnitNames:
        """These units."""
        names = cls()
        for unit in units:
            names._put(unit)
        return names

    def find(self, code: str | None, name: str | None) -> UnitRow | None:
        """The unit with this code, or where there is no code the one with this name."""
        if code:
            return self.by_code.get(code)
        found = self._by_name.get(column_key(name or ""), [])
        return self.by_code[found[0]] if len(found) == 1 else None

    def is_ambiguous(self, name: str) -> bool:
        """Whether several units have this name."""
        return len(self._by_name.get(column_key(name), [])) > 1

    def code_of(self, unit: str | None) -> str | None:
        """The code of a unit by its id."""
        found = self._by_id.get(unit or "")
        return None if found is None else found.code

    def add(self, unit: str, code: str, name: str) -> None:
        """One more unit, which is new."""
        self._put(UnitRow(unit, 1, code, name, None))

    def rename(self, unit: UnitRow, name: str) -> None:
        """The unit's next revision."""
        self._by_name[column_key(unit.name)].remove(unit.code)
        self._put(replace(unit, revision=unit.revision + 1, name=name))

    def new_code(self, name: str) -> str:
        """A code that nobody has, made of a name: DINAS-PERTANIAN of Dinas Pertanian."""
        plain = re.sub(r"_+", "-", column_key(name)).upper()[:CODE_LENGTH_MAX].strip("-") or "UNIT"
        code, count = plain, 2
        while code in self.by_code:
            end = f"-{count}"
            code, count = f"{plain[: CODE_LENGTH_MAX - len(end)]}{end}", count + 1
        return code

    def _put(self, unit: UnitRow) -> None:
        self.by_code[unit.code] = unit
        self._by_id[unit.id] = unit
        codes = self._by_name.setdefault(column_key(unit.name), [])
        if unit.code not in codes:
            codes.append(unit.code)
