"""A day as somebody types it in an option: `16-11-2026` or `2026-11-16`."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, Final

import click

from lontara_core.problems import Problem
from lontara_core.typed_fields import date_typed


class _Day(click.ParamType[datetime]):
    """A day, written as devices take it too; the value is its first moment."""

    name = "DD-MM-YYYY"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            typed = date_typed(str(value).strip())
        except Problem:
            self.fail("Write a day as DD-MM-YYYY or YYYY-MM-DD, such as 16-11-2026 or 2026-11-16.", param, ctx)
        return datetime.combine(datetime.fromisoformat(typed), time.min)


DAY: Final = _Day()
