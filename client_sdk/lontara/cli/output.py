"""How commands speak: Indonesian or English, tables or JSON, problems and exit codes. No command lives here."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, ParamSpec

import click
from rich.console import Console
from rich.table import Table

from lontara.client import Client
from lontara.engine import SyncReport
from lontara_core.canonical import Json
from lontara_core.problems import WORDS, Problem

DONE, FAILED, UNREACHABLE, NEEDS_ATTENTION = 0, 1, 3, 4
P = ParamSpec("P")

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "saved": ("Tersimpan di perangkat", "Saved on this device"),
    "draft": ("Tersimpan di perangkat sebagai draf", "Saved on this device as a draft"),
    "deleted": ("Tersimpan di perangkat: catatan dihapus", "Saved on this device: entry deleted"),
    "enrolled": ("Perangkat terdaftar atas nama", "Device enrolled for"),
    "imported": ("Tersimpan di perangkat: {added} baru, {known} sudah ada",
                 "Saved on this device: {added} new, {known} already here"),
    "all_received": ("Semua catatan sudah diterima server", "The server has received all entries"),
    "some_unsent": ("{unsent} catatan tersimpan di perangkat, menunggu sinyal",
                    "{unsent} changes are saved on this device and wait for a signal"),
    "not_enrolled": ("Perangkat ini belum didaftarkan; minta kode kepada admin, lalu: lontara enrol URL --code KODE",
                     "This device is not enrolled; ask an admin for a code, then: lontara enrol URL --code CODE"),
    "no_score": ("Belum ada nilai di perangkat ini.", "There is no score on this device yet."),
    "nothing": ("Tidak ada yang perlu ditangani.", "Nothing needs your attention."),
    "intact": ("Penyimpanan utuh; tidak ada catatan yang rusak.", "The store is intact; no entry is damaged."),
    "pin_changed": ("PIN diganti; catatan tidak berubah.", "The PIN was changed; entries are untouched."),
    "insecure": ("Peringatan: hubungan ke server tidak dienkripsi (--insecure-lan).",
                 "Warning: the link to the server is not encrypted (--insecure-lan)."),
    "quarantined": ("{quarantined} catatan sudah diterima server dan menunggu keputusan admin",
                    "The server has received {quarantined} changes and keeps them aside until an admin decides"),
    "wiped": ("Semua catatan sudah diterima dan dicadangkan server; akses perangkat dicabut dan isinya dikosongkan.",
              "The server has received and backed up everything; access was taken away and this store emptied."),
    "being_decided": ("Catatan Anda aman; ada versi lain, dan sedang diputuskan mana yang berlaku.",
                      "Your entry is safe; there is another version, and somebody decides which one holds."),
    "forked": ("Ada salinan lain dari penyimpanan ini; minta kode baru dan daftarkan lagi.",
               "There is another copy of this store; ask for a new code and enrol again."),
}  # fmt: skip


@dataclass
class Session:
    """What the options of the program say: where the store is, its PIN, the language."""

    data_dir: Path
    pin: str | None
    language: str

    def client(self) -> Client:
        """The open store; asks for the PIN only where neither option nor environment gave it."""
        pin = self.pin or click.prompt("PIN", hide_input=True, err=True)
        return Client.open(self.data_dir, pin=pin)

    def words(self, code: str | None) -> str:
        """What is said of an operation with this code: why it was refused, what it waits for, or that it is decided."""
        indonesian, english = WORDS.get(code or "", TEXTS["being_decided"])
        return english if self.language == "en" else indonesian

    def text(self, name: str, **values: Json) -> str:
        """A sentence in the session's language."""
        indonesian, english = TEXTS[name]
        return (english if self.language == "en" else indonesian).format(**values)


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


def say_problem(problem: Problem, *, as_json: bool) -> None:
    """A problem on stderr, first whether the work is safe."""
    session = click.get_current_context().find_object(Session)
    language = session.language if session else "id"
    if as_json:
        click.echo(json.dumps(problem.document(), ensure_ascii=False), err=True)
        return
    click.echo(problem.words(language), err=True)
    # The words are the same for every cause of a code; the message tells this one: which field, which line.
    click.echo(f"[{problem.code}] {problem.message}", err=True)
    if problem.next_step:
        click.echo(f"→ {problem.next_step}", err=True)


def print_json(value: Json) -> None:
    """One JSON value on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table on stdout."""
    table = Table(*columns)
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    Console().print(table)


def exit_code(report: SyncReport, client: Client) -> int:
    """What a sync ends with."""
    if report.problem is not None:
        return UNREACHABLE if report.unreachable else FAILED
    return NEEDS_ATTENTION if client.attention() else DONE


def assignments(pairs: Sequence[str]) -> dict[str, Json]:
    """FIELD=VALUE pairs; an empty value empties the field."""
    fields: dict[str, Json] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise click.BadParameter(f"{pair!r} is not FIELD=VALUE")
        fields[name] = int(value) if name == "duration_minutes" and value.isdecimal() else value
    return fields
