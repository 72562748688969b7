"""`lontara-server review`: what waits for a review, and a verdict on one entry as it was seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from lontara_core.canonical import Json
from lontara_core.terms import term
from lontara_core.value_words import hours, label, long_date, standing, value
from lontara_server.cli.program import Program, print_json
from lontara_server.cli.tables import ID, TIME
from lontara_server.services import review_desk, reviews
from lontara_server.services.short_ids import full_id
from lontara_server.storage.engine import transaction

_Command = TypeVar("_Command", bound=Callable[..., Any])
_SHOWN = (
    "work_date", "duration_minutes", "quantity", "output_unit", "category", "place", "description", "review_state",
    "review_note",
)  # fmt: skip


@click.group()
def review() -> None:
    """Entries that wait for a supervisor."""


@review.command("list")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_(program: Program, *, as_json: bool) -> None:
    """List what waits, by date; each with the revision and hash that a verdict names.

    Example: lontara-server review list --json
    """
    with transaction(program.engine) as connection:
        if as_json:
            print_json(reviews.list_for_review(connection, program.org_id, now_ms=program.now_ms()))
            return
        waiting = review_desk.documents_of_waiting(connection, program.org_id)
    if not waiting:
        program.say("Tidak ada yang menunggu tinjauan.", "Nothing waits for a review.")
        return
    headings = (ID, ("Tanggal", "Date"), TIME, ("Pegawai", "Employee"), ("Kegiatan", "Activity"),
                ("Revisi", "Revision"))  # fmt: skip
    spoken = program.language
    rows = [
        (each["id"], long_date(each["work_date"], spoken), hours(each, spoken), each["full_name"], each["title"],
         each["revision"])
        for each in waiting
    ]  # fmt: skip
    program.table(headings, rows)
    program.say("`review show ID` menampilkan satu catatan dengan hash-nya.", "`review show ID` shows one with its hash.")


@review.command()
@click.argument("entry", metavar="ID")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show(program: Program, entry: str, *, as_json: bool) -> None:
    """Show one entry, with the revision and hash that a verdict names. Example: lontara-server review show ID"""
    with transaction(program.engine) as connection:
        entry = full_id(connection, program.org_id, "entry", entry)
        document = review_desk.document_of(connection, program.org_id, entry)
    if as_json:
        print_json(document)
        return
    spoken = program.language
    click.echo(f"{document['title']} · {document['full_name']} · {hours(document, spoken)}")
    for name in _SHOWN:
        if name == "review_state":
            told = standing(document, spoken, merged_into=document["merged_into"])
            click.echo(f"{label((name,), spoken)}: {told}")
        elif document[name] is not None:
            click.echo(f"{label((name,), spoken)}: {value(name, document[name], spoken)}")
    click.echo(f"--revision {document['revision']} --hash {document['hash']}")


def _of_an_entry(command: _Command) -> _Command:
    """What every verdict is given: the entry, and which state of it was judged."""
    for option in (
        click.option("--json", "as_json", is_flag=True),
        click.option("--hash", "judged", required=True, help="The hash that `review show` printed."),
        click.option("--revision", type=int, required=True, help="The revision that was judged."),
        click.argument("entry", metavar="ID"),
    ):
        command = option(command)
    return command


_note = click.option("--note", "--reason", "note", required=True, help="What the worker reads.")


@review.command()
@_of_an_entry
@click.pass_obj
def approve(program: Program, entry: str, *, revision: int, judged: str, as_json: bool) -> None:
    """Approve an entry. Example: lontara-server review approve ID --revision 1 --hash HASH"""
    _verdict(program, entry, "approved", revision, judged, None, as_json=as_json)


@review.command("return")
@_of_an_entry
@_note
@click.pass_obj
def return_(program: Program, entry: str, *, revision: int, judged: str, note: str, as_json: bool) -> None:
    """Send an entry back with a note. Example: lontara-server review return ID --revision 1 --hash HASH --note "isi jumlah" """
    _verdict(program, entry, "needs_revision", revision, judged, note, as_json=as_json)


@review.command()
@_of_an_entry
@_note
@click.pass_obj
def reject(program: Program, entry: str, *, revision: int, judged: str, note: str, as_json: bool) -> None:
    """Reject an entry. Example: lontara-server review reject ID --revision 1 --hash HASH --note "bukan tugas" """
    _verdict(program, entry, "rejected", revision, judged, note, as_json=as_json)


@review.command()
@_of_an_entry
@click.option("--note", "--reason", "note", help="What the worker reads.")
@click.pass_obj
def withdraw(program: Program, entry: str, *, revision: int, judged: str, note: str | None, as_json: bool) -> None:
    """Take an approval back: the entry waits for a review again.

    Example: lontara-server review withdraw ID --revision 2 --hash HASH
    """
    _verdict(program, entry, "submitted", revision, judged, note, as_json=as_json)


def _verdict(
    program: Program, entry: str, verdict: str, revision: int, judged: str, note: str | None, *, as_json: bool
) -> None:
    with transaction(program.engine) as connection:
        entry = full_id(connection, program.org_id, "entry", entry)
        document: dict[str, Json] = reviews.review(
            connection, program.org_id, entry, verdict, revision=revision, judged=judged, by=program.login,
            now_ms=program.now_ms(), note=note,
        )  # fmt: skip
    if as_json:
        print_json(document)
        return
    state = term(program.language, f"value.{document['review_state']}")
    if document["review_state"] != verdict:
        program.say(
            f"Tersimpan; ada versi lain, jadi ini menjadi konflik. Keadaan: {state}.",
            f"Saved; there is another version, so this became a conflict. State: {state}.",
        )
        return
    program.say(f"Tersimpan: {document['title']}. {state}.", f"Saved: {document['title']}. {state}.")
