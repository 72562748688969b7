"""`lontara targets`, and which work result (RHK) somebody means who writes an entry."""

from __future__ import annotations

from collections.abc import Mapping

import click

from lontara.cli.output import Session, answers_problems, print_json, print_table
from lontara.client import Client
from lontara.targets import Target, target_named, target_typed, targets_of
from lontara_core.canonical import Json
from lontara_core.terms import named
from lontara_core.value_words import figure

_YEAR_DIGITS = 4


@click.command()
@click.option("--year", type=click.IntRange(2000, 2200), help="This year where it is not given.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def targets(session: Session, year: int | None, *, as_json: bool) -> None:
    """List your work results (RHK) with the numbers that `add --target` takes. Example: lontara targets"""
    client = session.client()
    found = targets_of(client.store, year or client.today().year)
    if as_json:
        print_json([each.as_json() for each in found])
        return
    if not found:
        click.echo(session.text("no_targets"))
        return
    keys = ("number", "work_result", "kind", "state", "indicator", "id")
    print_table([session.label(key) for key in keys], [_row(session, each) for each in found], whole=(0, 5))
    click.echo(session.text("targets_hint"))


def with_target(session: Session, client: Client, fields: dict[str, Json], *, work_date: Json) -> list[str]:
    """Put the id in place of what was typed for a work result; returns what there is to say of it. Raises not_found."""
    typed = fields.get("target_id")
    if not isinstance(typed, str):
        return []
    text = str(work_date or "")[:_YEAR_DIGITS]
    year = int(text) if text.isascii() and text.isdecimal() else client.today().year
    fields["target_id"] = target_typed(typed, targets_of(client.store, year))
    target = target_named(client.store, str(fields["target_id"]))
    if target is None:
        return [session.text("target_not_known")]
    return [session.text("for_target" if target.is_agreed else "target_not_agreed", title=target.title)]


def target_title(client: Client, shape: Mapping[str, Json]) -> Json:
    """The work result of an entry as a person reads it: its title, or its id where it is not known here."""
    target = target_named(client.store, str(shape["target_id"])) if shape["target_id"] else None
    return shape["target_id"] if target is None else target.title


def _row(session: Session, target: Target) -> tuple[str, ...]:
    language, held = session.language, target.record.fields
    measured = [
        f"{each.fields.get('title')}: {figure(str(each.fields.get('target')), language)} {each.fields.get('unit')}"
        for each in target.indicators
    ]
    return (
        str(target.number),
        target.title,
        named(language, "plan_kind", held.get("kind") or "main"),
        named(language, "plan_state", held.get("state") or "approved"),
        "; ".join(measured),
        target.id,
    )
