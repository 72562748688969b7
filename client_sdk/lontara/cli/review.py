"""Commands of a supervisor's own device: what waits for a review, and verdicts, also without a signal."""

from __future__ import annotations

import click

from lontara.cli.output import Session, answers_problems, print_json, print_table
from lontara.cli.telling import person
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
    rows = [(each.work_date, hours(each.fields, session.language), person(client, str(each.fields.get("owner"))),
             each.title, each.id) for each in entries]  # fmt: skip
    print_table([session.label(key) for key in ("work_date", "hours", "who", "title", "id")], rows, whole=(0, 4))


def _review(session: Session, entries: tuple[str, ...], verdict: str, note: str) -> None:
    client = session.client()
    for typed in entries:
        entry = client.review(client.entry_id(typed), verdict, note=note)
        click.echo(f"{session.text('saved')}: {entry.id}")


@review.command("approve")
@click.argument("entries", metavar="ID...", nargs=-1, required=True)
@click.option("--note", default="")
@click.pass_obj
@answers_problems
def approve(session: Session, entries: tuple[str, ...], note: str) -> None:
    """Approve entries. Example: lontara review approve ID ID"""
    _review(session, entries, "approved", note)


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
