"""Tables of the command line: headings in the operator's language, and ids and NIPs whole, however narrow the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from lontara_core.identifiers import is_id
from lontara_core.short_ids import END_SHOWN

# A heading in Indonesian and in English.
Heading: TypeAlias = tuple[str, str]
ID: Final[Heading] = ("ID", "ID")
NIP: Final[Heading] = ("NIP", "NIP")
SUPERVISOR_NIP: Final[Heading] = ("NIP atasan", "Supervisor's NIP")
TIME: Final[Heading] = ("Waktu", "Time")
# What a person copies into the next command, and times, are never cut or broken; all else folds.
_WHOLE: Final = {ID: 36, NIP: 18, SUPERVISOR_NIP: 18, TIME: 11}


def print_table(
    language: str, headings: Sequence[Heading], rows: Sequence[Sequence[Any]], *, title: str | None = None
) -> None:
    """A table on stdout; where that is no screen, as wide as it needs to be."""
    table = Table(title=title, title_justify="left")
    for heading in headings:
        wide = _WHOLE.get(heading)
        text = heading[language == "en"]
        table.add_column(text, no_wrap=wide is not None, min_width=wide, overflow="fold")
    for row in rows:
        table.add_row(*map(_shown, row))
    console = Console()
    if not console.is_terminal:
        wanted = Measurement.get(console, console.options.update_width(10_000), table).maximum
        console = Console(width=max(console.width, wanted))
    console.print(table)


def _shown(cell: Any) -> Text:
    """A cell; of an id the end is marked, which is enough for the next command."""
    if is_id(cell):
        return Text.assemble((cell[:-END_SHOWN], "dim"), (cell[-END_SHOWN:], "bold"))
    return Text("" if cell is None else str(cell))
