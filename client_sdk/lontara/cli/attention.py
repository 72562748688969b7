"""Commands about what needs a person: rejected and returned work, questions, conflicts and their decisions."""

from __future__ import annotations

import click

from lontara.cli.output import DONE, NEEDS_ATTENTION, Session, answers_problems, print_json
from lontara.cli.reading import FIELDS_HELP, assignments
from lontara.cli.targets import with_target
from lontara.cli.telling import conflict_details, conflict_lines, item_lines
from lontara.client import Client
from lontara_core.problems import Problem


@click.group(invoke_without_command=True)
@click.option("--seen", is_flag=True, help="Mark decisions and rejections as read.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def attention(session: Session, *, seen: bool, as_json: bool) -> None:
    """What needs you, and what was decided. Example: lontara attention"""
    if click.get_current_context().invoked_subcommand is None:
        _attention(session, seen=seen, as_json=as_json)


@answers_problems
def _attention(session: Session, *, seen: bool, as_json: bool) -> int:
    client = session.client()
    if seen:
        new = client.see_all()
        if not as_json:
            click.echo(session.text("seen", n=new))
    items, decisions = client.attention(), client.decisions(unseen=True)
    if as_json:
        print_json([item.as_json() for item in items])
        return NEEDS_ATTENTION if items or decisions else DONE
    for item in items:
        for line in item_lines(session, client, item):
            click.echo(line)
    if decisions:
        click.echo(session.text("new_decisions"))
        for each in decisions:
            click.echo(f"  {each.sentence(session.language)}")
        click.echo(f"  → {session.text('do_seen')}")
    if not items and not decisions:
        click.echo(session.text("nothing"))
    return NEEDS_ATTENTION if items or decisions else DONE


@attention.command()
@click.argument("op_id", metavar="ID")
@click.pass_obj
@answers_problems
def dismiss(session: Session, op_id: str) -> None:
    """Take a refused operation off the list; its text stays in the history. Example: lontara attention dismiss ID"""
    client = session.client()
    client.dismiss(_operation(client, op_id))
    click.echo(session.text("dismissed"))


def _operation(client: Client, typed: str) -> str:
    """What is meant by the number of an operation or the id of its entry; figures alone are a number."""
    return typed if typed.isdecimal() else client.entry_id(typed)


@click.command(epilog=FIELDS_HELP)
@click.argument("op_id", metavar="ID")
@click.option("--set", "pairs", multiple=True, metavar="FIELD=VALUE")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def correct(session: Session, op_id: str, pairs: tuple[str, ...], *, as_json: bool) -> None:
    """Replace a rejected operation. Example: lontara correct ID --set tanggal=05-01-2026"""
    client = session.client()
    changes = assignments(pairs)
    notes = with_target(session, client, changes, work_date=changes.get("work_date"))
    entry = client.correct(_operation(client, op_id), **changes)
    if as_json:
        print_json(entry.as_json())
        return
    click.echo(f"{session.text('saved')}: {entry.id}")
    for note in notes:
        click.echo(note, err=True)


@click.group()
def conflict() -> None:
    """Conflicts that concern you, and how they were decided."""


@conflict.command("list")
@click.option("--open", "open_only", is_flag=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def conflict_list(session: Session, *, open_only: bool, as_json: bool) -> None:
    """List conflicts. Example: lontara conflict list --open --json"""
    client = session.client()
    found = client.conflicts(open_only=open_only)
    if as_json:
        print_json(found)
        return
    if not found:
        click.echo(session.text("no_conflicts"))
    for each in found:
        for line in conflict_lines(session, client, each):
            click.echo(line)


@conflict.command("show")
@click.argument("conflict_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def conflict_show(session: Session, conflict_id: str, *, as_json: bool) -> None:
    """Show one conflict. Example: lontara conflict show ID"""
    client = session.client()
    id_ = client.conflict_id(conflict_id)
    found = next((each for each in client.conflicts() if each["id"] == id_), None)
    if found is None:
        raise Problem("not_found", "Nothing on this device has this id; nothing was changed.", {"id": conflict_id},
                      "See `lontara attention`.")  # fmt: skip
    if as_json:
        print_json(found)
        return
    for line in [*conflict_lines(session, client, found), *conflict_details(session, client, found)]:
        click.echo(line)


@conflict.command("answer")
@click.argument("conflict_id", metavar="ID")
@click.option("--text", required=True)
@click.pass_obj
@answers_problems
def conflict_answer(session: Session, conflict_id: str, text: str) -> None:
    """Say something to a conflict. Example: lontara conflict answer ID --text "Jam 9 yang benar" """
    client = session.client()
    client.answer(client.conflict_id(conflict_id), text)
    click.echo(session.text("saved"))
