"""Commands about what needs a person: rejected and parked work, conflicts, and a supervisor's reviews."""

from __future__ import annotations

import click

from lontara.cli.output import NEEDS_ATTENTION, Session, answers_problems, assignments, print_json, print_table


@click.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def attention(session: Session, *, as_json: bool) -> int:
    """What needs you. Example: lontara attention"""
    client = session.client()
    items = [item.as_json() for item in client.attention()]
    if as_json:
        print_json(items)
    elif not items:
        click.echo(session.text("nothing"))
    else:
        shown = [
            (each["op_id"], each["state"], each["code"], session.words(each["code"]), each["field"], each["fields"])
            for each in items
        ]
        print_table(("op_id", "", "kode", "keterangan", "isian", "isi"), shown)
    return NEEDS_ATTENTION if items else 0


@click.command()
@click.argument("op_id")
@click.option("--set", "pairs", multiple=True, metavar="FIELD=VALUE")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def correct(session: Session, op_id: str, pairs: tuple[str, ...], *, as_json: bool) -> None:
    """Replace a rejected operation. Example: lontara correct OP_ID --set work_date=2026-01-05"""
    entry = session.client().correct(op_id, **assignments(pairs))
    if as_json:
        print_json(entry.as_json())
    else:
        click.echo(f"{session.text('saved')}: {entry.id}")


@click.group()
def conflict() -> None:
    """Conflicts that concern you."""


@conflict.command("list")
@click.option("--open", "open_only", is_flag=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def conflict_list(session: Session, *, open_only: bool, as_json: bool) -> None:
    """List conflicts. Example: lontara conflict list --open --json"""
    found = session.client().conflicts(open_only=open_only)
    if as_json:
        print_json(found)
    else:
        print_table(("id", "", "", ""), [(each["id"], each["kind"], each["state"], each["resolution"]) for each in found])


@conflict.command("answer")
@click.argument("conflict_id")
@click.option("--text", required=True)
@click.pass_obj
@answers_problems
def conflict_answer(session: Session, conflict_id: str, text: str) -> None:
    """Say something to a conflict. Example: lontara conflict answer ID --text "Jam 9 yang benar" """
    session.client().answer(conflict_id, text)
    click.echo(session.text("saved"))


@click.group()
def review() -> None:
    """Reviews by a supervisor, also without a signal."""


@review.command("list")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def review_list(session: Session, *, as_json: bool) -> None:
    """Entries that wait for you. Example: lontara review list --json"""
    entries = [entry.as_json() for entry in session.client().for_review()]
    if as_json:
        print_json(entries)
    else:
        print_table(("tanggal", "nip", "kegiatan", "id"),
                    [(each["work_date"], each["nip"], each["title"], each["id"]) for each in entries])  # fmt: skip


def _review(session: Session, entries: tuple[str, ...], verdict: str, note: str) -> None:
    client = session.client()
    for entry in entries:
        client.review(entry, verdict, note=note)
        click.echo(f"{session.text('saved')}: {entry}")


@review.command("approve")
@click.argument("entries", nargs=-1, required=True)
@click.option("--note", default="")
@click.pass_obj
@answers_problems
def approve(session: Session, entries: tuple[str, ...], note: str) -> None:
    """Approve entries. Example: lontara review approve ID ID"""
    _review(session, entries, "approved", note)


@review.command("return")
@click.argument("entries", nargs=-1, required=True)
@click.option("--note", required=True)
@click.pass_obj
@answers_problems
def return_(session: Session, entries: tuple[str, ...], note: str) -> None:
    """Return entries with a note. Example: lontara review return ID --note "Lengkapi jumlah" """
    _review(session, entries, "needs_revision", note)


@review.command("reject")
@click.argument("entries", nargs=-1, required=True)
@click.option("--note", required=True)
@click.pass_obj
@answers_problems
def reject(session: Session, entries: tuple[str, ...], note: str) -> None:
    """Reject entries with a reason. Example: lontara review reject ID --note "Bukan kegiatan dinas" """
    _review(session, entries, "rejected", note)
