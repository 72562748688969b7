"""Commands about entries: write, change, delete, list, import."""

from __future__ import annotations

from pathlib import Path

import click

from lontara.cli.output import Session, answers_problems, assignments, print_json, print_table
from lontara.entries import Entry
from lontara.importing import import_file
from lontara_core.canonical import Json

_COPIED = ("start_time", "end_time", "duration_minutes", "title", "description", "quantity", "output_unit", "category",
           "target_id", "place")  # fmt: skip


def _saved(session: Session, entry: Entry, *, as_json: bool) -> None:
    if as_json:
        print_json(entry.as_json())
        return
    click.echo(f"{session.text('draft' if entry.delivery_state == 'draft' else 'saved')}: {entry.id}")


@click.command()
@click.option("--draft", is_flag=True, help="Keep it here; `lontara submit ID` submits it.")
@click.option("--date", "work_date", required=True)
@click.option("--start", "start_time")
@click.option("--end", "end_time")
@click.option("--duration", "duration_minutes", type=int)
@click.option("--title", required=True)
@click.option("--description")
@click.option("--quantity")
@click.option("--unit", "output_unit")
@click.option("--target", "target_id")
@click.option("--category")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def add(session: Session, /, *, draft: bool, as_json: bool, **fields: Json) -> None:
    """Save an entry. Example: lontara add --date 2026-01-05 --duration 90 --title "Rapat desa" """
    _saved(session, session.client().record(draft=draft, **fields), as_json=as_json)


@click.command()
@click.argument("entry")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def submit(session: Session, entry: str, *, as_json: bool) -> None:
    """Submit a draft. Example: lontara submit ID"""
    _saved(session, session.client().submit(entry), as_json=as_json)


@click.command()
@click.argument("entry")
@click.option("--set", "pairs", multiple=True, required=True, metavar="FIELD=VALUE")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def edit(session: Session, entry: str, pairs: tuple[str, ...], *, as_json: bool) -> None:
    """Change an entry. Example: lontara edit ID --set "title=Rapat kecamatan" """
    _saved(session, session.client().edit(entry, **assignments(pairs)), as_json=as_json)


@click.command()
@click.argument("entry")
@click.option("--reason", default="")
@click.pass_obj
@answers_problems
def delete(session: Session, entry: str, reason: str) -> None:
    """Delete an entry; `restore` brings it back. Example: lontara delete ID"""
    session.client().delete(entry, reason=reason)
    click.echo(session.text("deleted"))


@click.command()
@click.argument("entry")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def restore(session: Session, entry: str, *, as_json: bool) -> None:
    """Bring a deleted entry back. Example: lontara restore ID"""
    _saved(session, session.client().restore(entry), as_json=as_json)


@click.command()
@click.option("--from", "date_from", required=True)
@click.option("--to", "date_to", required=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def copy(session: Session, date_from: str, date_to: str, *, as_json: bool) -> None:
    """Copy a day's entries to another day. Example: lontara copy --from 2026-01-05 --to 2026-01-06"""
    client = session.client()
    made = []
    with client.store.transaction():
        for entry in client.entries(date_from=date_from, date_to=date_from, voided=False):
            kept = {name: entry.fields[name] for name in _COPIED if name in entry.fields}
            made.append(client.record(work_date=date_to, **kept))
    if as_json:
        print_json([entry.as_json() for entry in made])
        return
    for entry in made:
        _saved(session, entry, as_json=False)


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
    entries = session.client().entries(date_from=date or date_from, date_to=date or date_to)
    if as_json:
        print_json([entry.as_json() for entry in entries])
        return
    shown = [(each.work_date, each.fields.get("start_time"), each.title, each.review_state, each.delivery_state, each.id)
             for each in entries]  # fmt: skip
    print_table(("tanggal", "mulai", "kegiatan", "pemeriksaan", "pengiriman", "id"), shown)


@click.command()
@click.argument("entry")
@click.option("--history", is_flag=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def show(session: Session, entry: str, *, history: bool, as_json: bool) -> None:
    """Show an entry. Example: lontara show ID --history --json"""
    client = session.client()
    shape = client.entry(entry).as_json()
    if history:
        shape["history"] = client.history(entry)
    if as_json:
        print_json(shape)
    else:
        print_table(("", ""), list(shape.items()))
