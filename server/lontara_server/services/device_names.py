"""What devices are called where several of one name stand side by side: machines like to have the same name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from lontara_core.short_ids import END_SHOWN


def names_apart(names: Mapping[str, str]) -> dict[str, str]:
    """Names by id; one that repeats is followed by the end of the device's id: `laptop (…3f9a2c)`."""
    count = Counter(names.values())
    return {id_: name if count[name] == 1 else f"{name} (…{id_[-END_SHOWN:]})" for id_, name in names.items()}
