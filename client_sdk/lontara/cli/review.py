"""Commands of a supervisor's own device: what waits for a review, and verdicts, also without a signal."""

from __future__ import annotations

import sys

import click

from lontara.cli.output import Session, answers_problems, print_json, print_table
from lontara.cli.telling import about_record, person
from lontara.client import Client
from lontara.entries import Entry
from lontara_core.value_words import hours


@click.group()
def review() -> None:
    """Reviews by a supervisor, also without a signal."""


@review.command("list")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def review_list(session: Session, *, as_json: bool) -> None:
    """Entries that wait for you. Example: lontara review list --json"""
    client = session.client()
    entries = client.for_review()
    if as_json:
        print_json([entry.as_json() for entry in entries])
        return
    contested = client.contested()
    rows = [(each.work_date, hours(each.fields, session.language), person(client, str(each.fields.get("owner"))),
             each.title, _marks(session, each, contested), each.id) for each in entries]  # fmt: skip
    print_table([session.label(key) for key in ("work_date", "hours", "who", "title", "flags", "id")], rows, whole=(0, 5))


def _marks(session: Session, entry: Entry, contested: frozenset[str]) -> str:
    """What to look at before a verdict: the server's flags, and that a conflict about the entry is open."""
    told = [session.shown("flags", entry.fields.get("flags")), session.text("contested") if entry.id in contested else ""]
    return ", ".join(each for each in told if each)


def _review(session: Session, entries: tuple[str, ...], verdict: str, note: str, *, yes: bool = True) -> None:
    client = session.client()
    wanted = [client.entry_id(typed) for typed in entries]
    contested = client.contested() if verdict == "approved" else frozenset()
    for id_ in wanted:
        if id_ in contested:
            _say_contested(session, client, id_, yes=yes)
    for id_ in wanted:
        entry = client.review(id_, verdict, note=note)
        click.echo(f"{session.text('saved')}: {entry.id}")


def _say_contested(session: Session, client: Client, entry: str, *, yes: bool) -> None:
    """Say that an entry is in an open conflict; where somebody sits there, ask whether it is approved all the same."""
    told = f"{about_record(session, client, entry)}\n  {session.text('approves_contested')}"
    if yes or not sys.stdin.isatty():
        click.echo(told, err=True)
        return
    session.confirm(f"{told} {session.text('go_on')}", yes=False)


@review.command("approve")
@click.argument("entries", metavar="ID...", nargs=-1, required=True)
@click.option("--note", default="")
@click.option("--yes", is_flag=True, help="Do not ask back.")
@click.pass_obj
@answers_problems
def approve(session: Session, entries: tuple[str, ...], note: str, *, yes: bool) -> None:
    """Approve entries. Example: lontara review approve ID ID"""
    _review(session, entries, "approved", note, yes=yes)


@review.command("return")
@click.argument("entries", metavar="ID...", nargs=-1, required=True)
@click.option("--note", required=True)
@click.pass_obj
@answers_problems
def return_(session: Session, entries: tuple[str, ...], note: str) -> None:
    """Return entries with a note. Example: lontara review return ID --note "Lengkapi jumlah" """
    _review(session, entries, "needs_revision", note)


@review.command("reject")
@click.argument("entries", metavar="ID...", nargs=-1, required=True)
@click.option("--note", "--reason", "note", required=True)
@click.pass_obj
@answers_problems
def reject(session: Session, entries: tuple[str, ...], note: str) -> None:
    """Reject entries with a reason. Example: lontara review reject ID --note "Bukan kegiatan dinas" """
    _review(session, entries, "rejected", note)


@review.command("withdraw")
@click.argument("entries", metavar="ID...", nargs=-1, required=True)
@click.option("--note", default="")
@click.pass_obj
@answers_problems
def withdraw(session: Session, entries: tuple[str, ...], note: str) -> None:
    """Take an approval back; the entry waits for a review again. Example: lontara review withdraw ID"""
    _review(session, entries, "submitted", note)
