"""The NIP, 18 digits and always text: what spreadsheets do to it, and which digits are unusual.

8 digits of birth date, 6 of the first appointment (YYYYMM), 1 sex, 3 serial. Who has it is not looked up here.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_NIP: Final = re.compile(r"[0-9]{18}\Z")
_SCIENTIFIC: Final = re.compile(r"[0-9]([.,][0-9]+)?E\+?[0-9]+\Z", re.IGNORECASE)


def repaired_nip(text: str) -> str:
    """A NIP without what spreadsheets add: a leading apostrophe, and blanks between the digits."""
    return "".join(text.replace("\N{NO-BREAK SPACE}", " ").split()).lstrip("'’`")


def nip_error(nip: str) -> str | None:
    """Why this is no NIP, or None."""
    if _SCIENTIFIC.match(nip):
        return "the spreadsheet has turned the NIP into a rounded number; format the column as text"
    if not _NIP.match(nip):
        return "a NIP has 18 digits"
    return None


def nip_oddities(nip: str) -> list[str]:
    """What is unusual in 18 digits. Numbers of PPPK differ from those of PNS, so none of it refuses."""
    found = []
    try:
        date.fromisoformat(f"{nip[:4]}-{nip[4:6]}-{nip[6:8]}")
    except ValueError:
        found.append("digits 1-8 are no birth date")
    if not "01" <= nip[12:14] <= "12":
        found.append("digits 13-14 are no month, as in numbers of PPPK")
    if nip[14] not in "12":
        found.append("digit 15 is neither 1 nor 2")
    return found
