"""An id as a person types it: whole, or its beginning where only one begins so. What ids are made of is elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lontara_core.problems import Problem

LENGTH_MIN: Final = 4
_MATCHES_TOLD: Final = 5


def whole_id(typed: str, known: Iterable[str]) -> str:
    """The one known id that begins with what was typed; what fits none is given back as it is.

    Raises Problem ambiguous_id where several fit, or where less than four characters were typed of one.
    """
    wanted = typed.strip().lower()
    found = sorted({each for each in known if each.startswith(wanted)}) if wanted else []
    if wanted in found or not found:
        return wanted if found else typed
    if len(found) > 1 or len(wanted) < LENGTH_MIN:
        raise Problem("ambiguous_id", "Several have an id that begins so; nothing was changed.",
                      {"id": typed, "matches": found[:_MATCHES_TOLD]}, "Give more of its beginning, or all of it.")  # fmt: skip
    return found[0]
