"""Commands about scores: what the server has sent, and objections, which can be written without a signal."""

from __future__ import annotations

from collections.abc import Mapping

import click

from lontara.cli.output import Session, answers_problems, print_json, print_table
from lontara.client import Client
from lontara.objections import Objection
from lontara_core.canonical import Json
from lontara_core.terms import named
from lontara_core.value_words import figure, month


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def score(session: Session, *, as_json: bool) -> None:
    """Your scores and objections, as the server has sent them. Example: lontara score --json"""
    if click.get_current_context().invoked_subcommand is None:
        _score(session, as_json=as_json)


@answers_problems
def _score(session: Session, *, as_json: bool) -> None:
    client = session.client()
    scores, objections = client.scores(), client.objections()
    if as_json:
        print_json([
            {**each, "objections": [one.as_json() for one in objections if one.period == each["period"]]}
            for each in scores
        ])  # fmt: skip
        return
    if not scores:
        click.echo(session.text("no_score"))
    else:
        rows = [(month(each["period"], session.language), _figure(each["value"], session.language),
                 _rating(each, session), session.shown("provisional", each["provisional"]),
                 _percent(each["coverage_percent"], session.language), session.moment(each["computed_at"], client))
                for each in scores]  # fmt: skip
        keys = ("period", "value", "rating", "provisional", "coverage", "computed_at")
        print_table([session.label(key) for key in keys], rows)
    for each in objections:
        for line in _objection_lines(session, client, each):
            click.echo(line)
    if scores and not objections:
        click.echo(session.text("object_hint", period=scores[0]["period"]))


@score.command("object")
@click.option("--period", required=True, metavar="YYYY-MM")
@click.option("--text", required=True, help="What is wrong.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def object_(session: Session, period: str, text: str, *, as_json: bool) -> None:
    """Object to a score. Example: lontara score object --period 2026-10 --text "Tanggal 17 saya dinas luar" """
    client = session.client()
    made = client.object_to_score(period, text)
    if as_json:
        print_json(made.as_json())
        return
    click.echo(f"{session.text('saved')}: {made.record.id}")
    click.echo(session.text("objection_why"))


@score.command("objections")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def objections(session: Session, *, as_json: bool) -> None:
    """Your objections with their answers. Example: lontara score objections"""
    client = session.client()
    found = client.objections()
    if as_json:
        print_json([each.as_json() for each in found])
        return
    if not found:
        click.echo(session.text("no_objections"))
    for each in found:
        for line in _objection_lines(session, client, each):
            click.echo(line)


@score.command("withdraw")
@click.argument("objection_id", metavar="ID")
@click.pass_obj
@answers_problems
def withdraw(session: Session, objection_id: str) -> None:
    """Take an open objection back. Example: lontara score withdraw ID"""
    client = session.client()
    client.withdraw_objection(client.objection_id(objection_id))
    click.echo(session.text("objection_withdrawn"))


def _objection_lines(session: Session, client: Client, objection: Objection) -> list[str]:
    """An objection, what was said to it, and its answer."""
    told, language = objection.as_json(), session.language
    delivery = session.shown("delivery_state", objection.delivery_state)
    state = named(language, "objection_state", objection.state)
    of_month = month(objection.period, language)
    lines = [session.text("objection", period=of_month, state=state, delivery=delivery, id=told["id"])]
    lines.append(f"  {told['text']}")
    lines += [
        "  " + session.text("said", who=each["by"], text=each["text"]) for each in told["comments"]
    ]  # fmt: skip
    if told["answer"]:
        lines.append("  " + session.text("objection_answer", text=told["answer"]))
    if told["decided_at"] and told["value_after"] != told["value_before"]:
        before, after = (_figure(told[name], language) or "–" for name in ("value_before", "value_after"))
        if told["answer"]:
            lines.append("  " + session.text("objection_value", before=before, after=after))
    return lines


def _figure(value: str | None, language: str) -> str:
    return "" if value is None else figure(value, language)


def _percent(value: str | None, language: str) -> str:
    return "" if value is None else f"{figure(value, language)}%"


def _rating(score: Mapping[str, Json], session: Session) -> str:
    return str(score["rating_en" if session.language == "en" else "rating_id"] or score["rating"] or "")
