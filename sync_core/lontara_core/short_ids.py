"""An id as a person types it: whole, or its end or beginning where only one has it. What ids are made of is elsewhere.

The ids of one day begin alike; the ends are bits of a hash, so lists show the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lontara_core.problems import Problem

LENGTH_MIN: Final = 4
# As many characters of the end are marked in lists; they are enough to tell an id from others.
END_SHOWN: Final = 6
_MATCHES_TOLD: Final = 5


def bare(typed: str) -> str:
    """What was typed of an id, without the dots that stand before an end in lists."""
    return typed.strip().lower().lstrip("….")


def whole_id(typed: str, known: Iterable[str]) -> str:
    """The one known id that ends or begins with what was typed; what fits none is given back as it is.

    Raises Problem ambiguous_id where several fit, or where less than four characters were typed of one.
    """
    wanted = bare(typed)
    is_end = len(wanted) >= LENGTH_MIN
    fits = {each for each in known if each.startswith(wanted) or (is_end and each.endswith(wanted))}
    found = sorted(fits) if wanted else []
    if wanted in found or not found:
        return wanted if found else typed
    if len(found) > 1 or len(wanted) < LENGTH_MIN:
        raise Problem("ambiguous_id", "Several have an id that ends or begins so; nothing was changed.",
                      {"id": typed, "matches": found[:_MATCHES_TOLD]}, "Give more of it, or all of it.")  # fmt: skip
    return found[0]

