"""How commands speak: Indonesian or English, tables or JSON, problems, questions and exit codes. No command lives here."""

from __future__ import annotations

import functools
import getpass
import json
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, ParamSpec
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lontara.cli.wording import LABELS, ONCE, TEXTS
from lontara.client import Client
from lontara.engine import SyncReport
from lontara_core.canonical import Json
from lontara_core.identifiers import is_id
from lontara_core.problem_lines import lines_of
from lontara_core.problems import SAFE_EN, SAFE_ID, WORDS, Problem
from lontara_core.short_ids import END_SHOWN
from lontara_core.terms import TERMS, named, term
from lontara_core.value_words import clock, short_date, value

DONE, FAILED, UNREACHABLE, NEEDS_ATTENTION = 0, 1, 3, 4
# What is not read on a terminal is not cut to the width of one.
_UNBOUND_WIDTH: Final = 200
_LABEL_AND_VALUE: Final = 2
P = ParamSpec("P")


@dataclass
class Session:
    """What the options of the program say: where the store is, its PIN, the language."""

    data_dir: Path
    pin: str | None
    language: str
    # Whether nothing was ever saved here, so that there is nothing to call safe.
    is_new: bool = False

    def client(self) -> Client:
        """The open store; asks for the PIN only where neither option nor environment gave it.

        Raises Problem not_enrolled where there is no store: only `enrol` makes one.
        """
        if not (self.data_dir / "key.json").exists():
            raise Problem("not_enrolled", "This device is not enrolled yet; nothing was saved.", {},
                          "Enrol it with the code of your admin: lontara enrol URL --code CODE.")  # fmt: skip
        return Client.open(self.data_dir, pin=self.pin or self._hidden("PIN"))

    def client_to_enrol(self) -> Client:
        """The open store, a new one where there is none."""
        if (self.data_dir / "key.json").exists():
            return self.client()
        return Client.open(self.data_dir, pin=self.pin or self.new_pin())

    def new_pin(self) -> str:
        """A PIN that opens the store from now on, so it is typed twice."""
        while True:
            first = self._hidden(self.text("new_pin"))
            if first == self._hidden(self.text("new_pin_again")):
                return first
            click.echo(self.text("pins_differ"), err=True)

    def _hidden(self, question: str) -> str:
        """What is typed unseen. Raises Problem pin_needed where there is no terminal to type it at."""
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            try:
                return str(click.prompt(question, hide_input=True, err=True))
            except getpass.GetPassWarning:
                raise Problem("pin_needed", "The PIN is needed, and there is no terminal to type it at.", {},
                              "Set the environment variable LONTARA_PIN.") from None  # fmt: skip

    def confirm(self, question: str, *, yes: bool) -> None:
        """Ask whether it is meant. Raises Problem not_confirmed where nobody is there to ask and --yes was not said."""
        if yes:
            return
        if not sys.stdin.isatty():
            raise Problem("not_confirmed", "This needs your confirmation; nothing was saved.", {"question": question},
                          "Say --yes to go on.")  # fmt: skip
        if not click.confirm(question, err=True):
            click.echo(self.text("not_saved"), err=True)
            sys.exit(FAILED)

    def words(self, code: str | None) -> str:
        """What is said of an operation with this code: why it was refused, what it waits for, or that it is decided."""
        if code in ("review_of_older", "edit_of_reviewed"):
            return self.text(code)
        indonesian, english = WORDS.get(code or "", TEXTS["being_decided"])
        return english if self.language == "en" else indonesian

    def text(self, key: str, **values: Json) -> str:
        """A sentence in the session's language."""
        indonesian, english = TEXTS[key]
        return (english if self.language == "en" else indonesian).format(**values)

    def label(self, key: str) -> str:
        """What a key of the JSON shapes is called on a screen."""
        if key in LABELS:
            indonesian, english = LABELS[key]
            return english if self.language == "en" else indonesian
        return term(self.language, f"field.{key}") if f"field.{key}" in TERMS else key

    def shown(self, key: str, held: Json) -> str:
        """A value as people read it; nothing for none."""
        if held is None or held in ("", []):
            return ""
        if isinstance(held, bool):
            return self.label("yes" if held else "no")
        if key == "delivery_state":
            own = f"delivery.{held}"
            return self.label(own) if own in LABELS else named(self.language, "delivery", held)
        if key == "work_date":
            return str(held)
        return value(key, held, self.language)

    def moment(self, iso: str | None, client: Client) -> str:
        """A moment of the JSON shapes in the org's time: `24 Nov 14.05`."""
        if iso is None:
            return ""
        zone = client.store.setting("time_zone")
        at = datetime.fromisoformat(iso.replace("Z", "+00:00"))
        at = at.astimezone(ZoneInfo(zone)) if zone else at
        return f"{short_date(at.date().isoformat(), self.language)} {clock(f'{at:%H:%M}', self.language)}"


def answers_problems(command: Callable[P, int | None]) -> Callable[P, None]:
    """Run a command; a Problem becomes words or JSON on stderr and exit code 1 (3 for an unreachable server)."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            code = command(*args, **kwargs)
        except Problem as problem:
            say_problem(problem, as_json=bool(kwargs.get("as_json")))
            code = UNREACHABLE if problem.code == "server_unreachable" else FAILED
        sys.exit(code or DONE)

    return run


def say_problem(problem: Problem, *, as_json: bool, tries_again: bool = False) -> None:
    """A problem on stderr, first whether the work is safe; every line in the session's language.

    tries_again: the program goes on by itself (`sync --watch`); any other command ends here and says so.
    """
    session = click.get_current_context().find_object(Session)
    language = session.language if session else "id"
    if as_json:
        click.echo(json.dumps(problem.document(), ensure_ascii=False), err=True)
        return
    if "question" in problem.facts:
        click.echo(problem.facts["question"], err=True)
    safe, *lines = lines_of(problem, language)
    if not tries_again and problem.code in ONCE:
        # Its next step speaks of a program that goes on by itself, too.
        safe, lines = ONCE[problem.code][language == "en"], lines[:1]
    if session and session.is_new:
        kept, untouched = (SAFE_EN, "Nothing was changed.") if language == "en" else (SAFE_ID, "Tidak ada yang berubah.")
        safe = safe.replace(kept, untouched)
    for line in (safe, *lines):
        click.echo(line, err=True)


def print_json(value: Json) -> None:
    """One JSON value on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, whole: Sequence[int] = ()) -> None:
    """A table on stdout. `whole` names the columns that are never broken or cut, such as ids.

    On a screen that is too narrow for a list each row becomes two lines, the last cell below the others.
    """
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    # What people wrote is shown as it is, brackets too.
    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = _UNBOUND_WIDTH
    widths = [max(map(len, (column, *cells))) for column, *cells in zip(columns, *texts, strict=True)]
    if len(columns) > _LABEL_AND_VALUE and sum(widths) + 3 * len(widths) + 1 > console.width:
        for *cells, last in texts:
            click.echo("  ".join(cell for cell in cells if cell))
            click.echo(f"    {_with_end(last) if is_id(last) else last}")
        return
    table = Table(show_header=any(columns))
    for number, column in enumerate(columns):
        least = widths[number] if number in whole else None
        table.add_column(column, no_wrap=number in whole, overflow="fold", min_width=least)
    for row in texts:
        table.add_row(*(_id_text(cell) if is_id(cell) else cell for cell in row))
    console.print(table)


def _id_text(id_: str) -> Text:
    """An id with its end marked, which is enough for the next command."""
    return Text.assemble((id_[:-END_SHOWN], "dim"), (id_[-END_SHOWN:], "bold"))


def _with_end(id_: str) -> str:
    return id_[:-END_SHOWN] + click.style(id_[-END_SHOWN:], bold=True)


def exit_code(report: SyncReport, client: Client) -> int:
    """What a sync ends with."""
    if report.problem is not None:
        return UNREACHABLE if report.unreachable else FAILED
    return NEEDS_ATTENTION if client.attention() or client.decisions(unseen=True) else DONE
