"""Commands about entries: write, change, delete, list, import."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from lontara.cli.output import Session, answers_problems, print_json, print_table
from lontara.cli.reading import FIELDS_HELP, ask_back, assignments, day_of, fields_of
from lontara.cli.targets import target_title, with_target
from lontara.cli.telling import in_words
from lontara.client import Client
from lontara.entries import Entry
from lontara.importing import import_file
from lontara_core.problems import Problem
from lontara_core.value_words import hours, standing

_COPIED = ("start_time", "end_time", "duration_minutes", "title", "description", "quantity", "output_unit", "category",
           "target_id", "place")  # fmt: skip
_SHOWN = ("work_date", "start_time", "end_time", "duration_minutes", "title", "description", "quantity", "output_unit",
          "category", "target_id", "place", "review_state", "review_note", "delivery_state", "voided", "flags",
          "captured_at", "recorded_at", "revision", "nip", "id")  # fmt: skip
YES_HELP = "Do not ask back."


def _saved(session: Session, entry: Entry, *, as_json: bool) -> None:
    if as_json:
        print_json(entry.as_json())
        return
    click.echo(f"{session.text('draft' if entry.delivery_state == 'draft' else 'saved')}: {entry.id}")


def _say_notes(notes: Sequence[str], *, as_json: bool) -> None:
    for note in notes if not as_json else ():
        click.echo(note, err=True)


@click.command()
@click.option("--draft", is_flag=True, help="Keep it here; `lontara submit ID` submits it.")
@click.option("--date", "work_date", required=True, help="2026-11-20 or 20-11-2026.")
@click.option("--start", "start_time", help="08:00, 8.00 or 8.")
@click.option("--end", "end_time", help="Not after --start means the next day.")
@click.option("--duration", "duration_minutes", help="In minutes, where there are no times.")
@click.option("--title", required=True)
@click.option("--description")
@click.option("--quantity", help="12 or 3,5.")
@click.option("--unit", "output_unit")
@click.option("--target", "target_id", help="Number or id of a work result (RHK); see `lontara targets`.")
@click.option("--category", help="tugas-pokok, tugas-tambahan or perintah-khusus.")
@click.option("--place")
@click.option("--yes", is_flag=True, help=YES_HELP)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def add(session: Session, /, *, draft: bool, yes: bool, as_json: bool, **typed: str | None) -> None:
    """Save an entry. Example: lontara add --date 2026-01-05 --duration 90 --title "Rapat desa" """
    fields = fields_of(typed)
    client = session.client()
    of_target = with_target(session, client, fields, work_date=fields["work_date"])
    notes = ask_back(session, fields, client.today(), yes=yes)
    _saved(session, client.record(draft=draft, **fields), as_json=as_json)
    _say_notes([*notes, *of_target], as_json=as_json)


@click.command()
@click.argument("entries", metavar="[ID]...", nargs=-1)
@click.option("--date", "day", help="Submit every draft of this day.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def submit(session: Session, entries: tuple[str, ...], day: str | None, *, as_json: bool) -> None:
    """Submit drafts. Example: lontara submit ID, or: lontara submit --date 2026-01-06"""
    client = session.client()
    wanted = [client.entry_id(each) for each in entries]
    if day is not None:
        of_day = client.entries(date_from=day_of(day), date_to=day_of(day))
        wanted += [each.id for each in of_day if each.delivery_state == "draft"]
    if not wanted:
        raise Problem("not_found", "Nothing was named; nothing was changed.", {}, "See `lontara list`.")
    made = [client.submit(each) for each in dict.fromkeys(wanted)]
    if as_json and len(entries) != 1:
        print_json([each.as_json() for each in made])
        return
    for each in made:
        _saved(session, each, as_json=as_json)


@click.command(epilog=FIELDS_HELP)
@click.argument("entry", metavar="ID")
@click.option("--set", "pairs", multiple=True, required=True, metavar="FIELD=VALUE")
@click.option("--yes", is_flag=True, help=YES_HELP)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def edit(session: Session, entry: str, pairs: tuple[str, ...], *, yes: bool, as_json: bool) -> None:
    """Change an entry. Example: lontara edit ID --set jumlah=14 --set "title=Rapat kecamatan" """
    changes = assignments(pairs)
    client = session.client()
    id_ = client.entry_id(entry)
    before = client.entry(id_)
    notes = with_target(session, client, changes, work_date=changes.get("work_date") or before.work_date)
    if {"work_date", "start_time", "end_time", "duration_minutes"} & set(changes):
        notes += ask_back(session, {**before.fields, **changes}, client.today(), yes=yes)
    reviewed = _ask_of_reviewed(session, before, yes=yes)
    change = client.edit_reviewed if reviewed else client.edit
    _saved(session, change(id_, **changes), as_json=as_json)
    _say_notes([*notes, *([session.text("asks_admin")] if reviewed else [])], as_json=as_json)


def _ask_of_reviewed(session: Session, entry: Entry, *, yes: bool) -> bool:
    """Whether the entry is reviewed and the person wants the admin asked; where nobody can be asked, the SDK refuses."""
    if entry.review_state not in ("approved", "rejected"):
        return False
    if not yes and not sys.stdin.isatty():
        return False
    session.confirm(f"{session.text('asks_admin')} {session.text('go_on')}", yes=yes)
    return True


@click.command()
@click.argument("entry", metavar="ID")
@click.option("--reason", default="")
@click.option("--yes", is_flag=True, help=YES_HELP)
@click.pass_obj
@answers_problems
def delete(session: Session, entry: str, reason: str, *, yes: bool) -> None:
    """Delete an entry; `restore` brings it back. Example: lontara delete ID"""
    client = session.client()
    id_ = client.entry_id(entry)
    before = client.entry(id_)
    if before.voided:
        click.echo(session.text("deleted_already"))
        return
    reviewed = _ask_of_reviewed(session, before, yes=yes)
    client.delete(id_, reason=reason, of_reviewed=reviewed)
    click.echo(session.text("asks_admin" if reviewed else "deleted"))


@click.command()
@click.argument("entry", metavar="ID")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def restore(session: Session, entry: str, *, as_json: bool) -> None:
    """Bring a deleted entry back. Example: lontara restore ID"""
    client = session.client()
    id_ = client.entry_id(entry)
    stood = not client.entry(id_).voided
    restored = client.restore(id_)
    if stood and not as_json:
        click.echo(session.text("not_deleted"))
        return
    _saved(session, restored, as_json=as_json)


@click.command()
@click.option("--from", "date_from", required=True)
@click.option("--to", "date_to", required=True)
@click.option("--yes", is_flag=True, help=YES_HELP)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def copy(session: Session, date_from: str, date_to: str, *, yes: bool, as_json: bool) -> None:
    """Copy a day's entries to another day, as drafts. Example: lontara copy --from 2026-01-05 --to 2026-01-06"""
    first, second = day_of(date_from), day_of(date_to)
    client = session.client()
    ask_back(session, {"work_date": second}, client.today(), yes=yes)
    made = []
    with client.store.transaction():
        for entry in client.entries(date_from=first, date_to=first, voided=False):
            if entry.fields.get("owner") in (None, client.store.setting("employee")):
                kept = {name: entry.fields[name] for name in _COPIED if name in entry.fields}
                made.append(client.record(draft=True, work_date=second, **kept))
    if as_json:
        print_json([entry.as_json() for entry in made])
        return
    for entry in made:
        _saved(session, entry, as_json=False)
    if made:
        click.echo(session.text("submit_drafts", day=second))
    else:
        click.echo(session.text("nothing_to_copy", day=first))


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def import_(session: Session, file: Path, *, as_json: bool) -> None:
    """Take over a log of another system (CSV). Example: lontara import log.csv"""
    done = import_file(session.client(), file)
    if as_json:
        print_json({"added": done.added, "known": done.known})
        return
    click.echo(session.text("imported", added=done.added, known=done.known))


@click.command("list")
@click.option("--date")
@click.option("--from", "date_from")
@click.option("--to", "date_to")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def list_(session: Session, date: str | None, date_from: str | None, date_to: str | None, *, as_json: bool) -> None:
    """List entries. Example: lontara list --from 2026-01-01 --to 2026-01-31 --json"""
    bounds = [None if each is None else day_of(each) for each in (date or date_from, date or date_to)]
    client = session.client()
    entries, merged = client.entries(date_from=bounds[0], date_to=bounds[1]), client.merged()
    if as_json:
        print_json([entry.as_json() for entry in entries])
        return
    print_table(
        [session.label(key) for key in ("work_date", "hours", "title", "review_state", "delivery_state", "id")],
        [(each.work_date, hours(each.fields, session.language), each.title,
          _standing(session, each, merged), session.shown("delivery_state", each.delivery_state), each.id)
         for each in entries],
        whole=(0, 5),
    )  # fmt: skip


def _standing(session: Session, entry: Entry, merged: Mapping[str, str]) -> str:
    """Where its review stands, or that it is deleted, or merged into which; nothing of a draft."""
    if entry.review_state is None and not entry.voided:
        return ""
    told = {"voided": entry.voided, "review_state": entry.review_state}
    return standing(told, session.language, merged_into=merged.get(entry.id))


@click.command()
@click.argument("entry", metavar="ID")
@click.option("--history", is_flag=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def show(session: Session, entry: str, *, history: bool, as_json: bool) -> None:
    """Show an entry with what was decided about it. Example: lontara show ID --history --json"""
    client = session.client()
    found = client.entry(client.entry_id(entry))
    decided = client.decisions(about=found.id)
    if as_json:
        shape = {**found.as_json(), "decisions": [each.as_json() for each in decided]}
        print_json({**shape, "history": client.history(found.id)} if history else shape)
        return
    shape = {**found.as_json(), "place": found.fields.get("place")}
    shape["target_id"] = target_title(client, shape)
    for name in ("captured_at", "recorded_at"):
        shape[name] = session.moment(shape[name], client)
    # What is deleted waits for no review.
    shape["review_state"], shape["voided"] = _standing(session, found, client.merged()), None
    rows = [(session.label(name), session.shown(name, shape[name])) for name in _SHOWN if shape[name] not in (None, False)]
    print_table(("", ""), [row for row in rows if row[1]], whole=(0,))
    if found.being_decided:
        click.echo(session.text("wish_waits", text=in_words(session, found.being_decided)))
    if decided:
        click.echo(session.text("decisions"))
    for each in decided:
        click.echo(f"  {session.moment(each.at, client)}  {each.sentence(session.language)}")
    if history:
        _say_history(session, client, found.id)


def _say_history(session: Session, client: Client, entry: str) -> None:
    click.echo(session.text("history"))
    for each in client.history(entry):
        values = {name: change["now"] for name, change in each["changes"].items()}
        state = session.shown("delivery_state", each["verdict"])
        click.echo(f"  {session.moment(each['at'], client)}  {in_words(session, values)} [{state}]")
