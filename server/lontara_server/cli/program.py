"""What every command of `lontara-server` is given: the program's options, the database behind them, and how a
problem is told. The commands themselves have modules of their own.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import click

from lontara_core.fault_words import fault_line
from lontara_core.problem_lines import lines_of
from lontara_core.problems import Problem
from lontara_server.cli.spoken import Commands
from lontara_server.cli.tables import Heading, print_table
from lontara_server.config import Config, Language, check_database, database_url_of, read_config
from lontara_server.services.orgs import RandomBytes, choose_org, orgs_of_server
from lontara_server.storage.engine import Engine, make_engine, transaction
from lontara_server.storage.orgs import OrgRow
from lontara_server.storage.schema import check_current

FAILED: Final = 1
_WANTS_JSON: Final = "lontara.wants_json"
FILE_BYTES_MAX: Final = 64 * 1024 * 1024


@dataclass
class Program:
    """The options before the subcommand. `login` is the operator's own name in the audit trail."""

    data_dir: Path
    given_database_url: str | None
    org_code: str | None
    language: Language
    login: str
    _orgs: tuple[OrgRow, ...] = ()

    @property
    def config(self) -> Config:
        """The server's settings. Raises Problem not_initialised, weak_secret."""
        return read_config(self.data_dir, os.environ, database_url=self.given_database_url)

    @cached_property
    def unchecked_engine(self) -> Engine:
        """The database, whatever its revision: for the commands that bring it up to date."""
        return make_engine(database_url_of(self.data_dir, self.given_database_url))

    @cached_property
    def engine(self) -> Engine:
        """The database, up to date.

        Raises Problem not_initialised, database_not_migrated, database_newer, database_unreachable.
        """
        check_database(self.data_dir, self.given_database_url)
        check_current(self.unchecked_engine)
        # Read here, before any command has a transaction open: SQLite gives a second one only after the first.
        with transaction(self.unchecked_engine) as connection:
            self._orgs = orgs_of_server(connection)
        return self.unchecked_engine

    @property
    def org_id(self) -> int:
        """The org that is meant. Raises Problem not_found, org_not_named."""
        _ = self.engine  # which reads the orgs
        return choose_org(self._orgs, self.org_code).org_id

    @property
    def random_bytes(self) -> RandomBytes:
        """Bytes by chance, from the operating system."""
        return secrets.token_bytes

    def now_ms(self) -> int:
        """The machine's clock in milliseconds since 1970 UTC."""
        return time.time_ns() // 1_000_000

    def word(self, indonesian: str, english: str) -> str:
        """The text in the operator's language."""
        return english if self.language == "en" else indonesian

    def say(self, indonesian: str, english: str) -> None:
        """Print a sentence in the operator's language."""
        click.echo(self.word(indonesian, english))

    def table(self, headings: Sequence[Heading], rows: Sequence[Sequence[Any]], *, title: str | None = None) -> None:
        """Print a table with headings in the operator's language."""
        print_table(self.language, headings, rows, title=title)

    def moment(self, utc: str | None) -> str:
        """`2026-11-24 08:15` of a moment in UTC, in the org's zone; nothing of none."""
        if utc is None:
            return ""
        _ = self.engine  # which reads the orgs
        zone = ZoneInfo(choose_org(self._orgs, self.org_code).time_zone)
        return f"{datetime.fromisoformat(utc).astimezone(zone):%Y-%m-%d %H:%M}"


class ProblemGroup(Commands):
    """The root group: a Problem that a command raises is printed to stderr, and the program ends with 1."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # Every subcommand's words are among them; a problem has to be told before its own option is read.
        ctx.meta[_WANTS_JSON] = "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Problem as problem:
            language = ctx.obj.language if isinstance(ctx.obj, Program) else "id"
            _print_problem(problem, language, as_json=ctx.meta[_WANTS_JSON])
            ctx.exit(FAILED)


def _print_problem(problem: Problem, language: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(problem.document(), ensure_ascii=False), err=True)
        return
    for line in lines_of(problem, language):
        click.echo(line, err=True)
    for error in problem.facts.get("errors", [])[:20]:
        click.echo(f"  {fault_line(error, language)}", err=True)


def print_json(value: object) -> None:
    """Print a value as JSON for scripts: keys stay, text is not escaped."""
    click.echo(json.dumps(value, ensure_ascii=False))


def read_bytes(path: Path) -> bytes:
    """A file's contents. Raises Problem file_unreadable, file_too_large."""
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise Problem(
                "file_too_large",
                f"{path.name} is larger than {FILE_BYTES_MAX} bytes. Nothing was imported.",
                {"byte_limit": FILE_BYTES_MAX},
                "Import it in parts.",
            )
        return path.read_bytes()
    except OSError as error:
        raise Problem(
            "file_unreadable",
            f"{path.name} cannot be read. Nothing was imported.",
            {"file": str(path), "why": error.strerror or type(error).__name__},
            "Check the name and the rights on it.",
        ) from error


def read_text(path: Path) -> str:
    """A file's text as UTF-8, or as Windows-1252, which older spreadsheets write.

    Raises Problem file_unreadable, file_too_large.
    """
    raw = read_bytes(path)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
