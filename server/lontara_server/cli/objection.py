"""`lontara-server objection`: objections to scores, opened for a person, read, and decided."""

from __future__ import annotations

import click

from lontara_core.problems import Problem
from lontara_core.terms import named
from lontara_core.value_words import figure
from lontara_server.cli.program import Program, print_json
from lontara_server.cli.tables import ID, NIP
from lontara_server.services import objections
from lontara_server.services.assessors import operator
from lontara_server.services.objections import Decision
from lontara_server.services.people import employee_named
from lontara_server.storage.engine import transaction
from lontara_server.storage.objections import ObjectionRow
from lontara_server.storage.people import employee_of_id


@click.group()
def objection() -> None:
    """Objections to scores: they change nothing before a person has decided."""


@objection.command("list")
@click.option("--state", type=click.Choice(objections.STATES), help="Only those in this state.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_(program: Program, state: str | None, *, as_json: bool) -> None:
    """List objections, those that wait first. Example: lontara-server objection list --state open"""
    with transaction(program.engine) as connection:
        rows = objections.listed(connection, program.org_id, objections.STATES if state is None else (state,))
    if as_json:
        print_json(rows)
        return
    headings = (ID, NIP, ("Nama", "Name"), ("Bulan", "Month"), ("Nilai", "Score"), ("Keadaan", "State"))
    program.table(
        headings,
        [
            (each["id"], each["nip"], each["full_name"], each["period"], _values(program, each),
             named(program.language, "objection_state", each["state"]))
            for each in rows
        ],
    )  # fmt: skip


@objection.command("show")
@click.argument("objection_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show(program: Program, objection_id: str, *, as_json: bool) -> None:
    """Show one objection with what was said to it. Example: lontara-server objection show 9bc1"""
    with transaction(program.engine) as connection:
        row = objections.named(connection, program.org_id, objection_id)
    _say(program, row, as_json=as_json)


@objection.command("open")
@click.option("--nip", required=True)
@click.option("--period", required=True, metavar="YYYY-MM")
@click.option("--text", required=True, help="What the person says is wrong.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def open_(program: Program, nip: str, period: str, text: str, *, as_json: bool) -> None:
    """Write down what a person objects to, who has said so on paper or in person.

    Example: lontara-server objection open --nip 199103092015031005 --period 2026-10 --text "Tanggal 17 saya dinas luar"
    """
    with transaction(program.engine) as connection:
        officer = operator(connection, program.org_id, program.login)
        employee = employee_named(connection, program.org_id, nip)
        made = objections.open_objection(
            connection, program.org_id, employee, period, text, officer, program.now_ms()
        )  # fmt: skip
        row = objections.named(connection, program.org_id, made)
    _say(program, row, as_json=as_json)


@objection.command("comment")
@click.argument("objection_id", metavar="ID")
@click.option("--text", required=True)
@click.pass_obj
def comment(program: Program, objection_id: str, text: str) -> None:
    """Say something to an open objection. Example: lontara-server objection comment 9bc1 --text "Mesinnya rusak" """
    with transaction(program.engine) as connection:
        officer = operator(connection, program.org_id, program.login)
        objections.comment(connection, program.org_id, objection_id, text, officer, program.now_ms())
    program.say("Tersimpan.", "Saved.")


@objection.command("decide")
@click.argument("objection_id", metavar="ID")
@click.option("--uphold", is_flag=True, help="It is right; the month is computed again.")
@click.option("--dismiss", is_flag=True, help="It is not; the score stays.")
@click.option("--correction", metavar="POINTS", help="With --uphold: points to add or, with a minus, to take.")
@click.option("--answer", required=True, help="What was found, and why; the person reads it.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def decide(
    program: Program, objection_id: str, answer: str, correction: str | None, *, uphold: bool, dismiss: bool, as_json: bool
) -> None:  # fmt: skip
    """Uphold or dismiss an objection; in a locked month, too, where nothing else changes a score.

    Upheld without --correction, the month is computed from data that was mended before.

    Example: lontara-server objection decide 9bc1 --uphold --correction 1.5 --answer "Surat tugasnya ada"
    """
    if uphold == dismiss:
        raise Problem(
            "missing_field",
            "Say one of --uphold and --dismiss. Nothing was changed.",
            {"field": "decision"},
            "Choose one and save.",
        )
    decision: Decision = "upheld" if uphold else "dismissed"
    with transaction(program.engine) as connection:
        officer = operator(connection, program.org_id, program.login)
        row = objections.decide(
            connection, program.org_id, objection_id, decision, answer, officer, program.now_ms(), correction=correction
        )  # fmt: skip
    _say(program, row, as_json=as_json)


@objection.command("withdraw")
@click.argument("objection_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def withdraw(program: Program, objection_id: str, *, as_json: bool) -> None:
    """Take an open objection back because the person has said so. Example: lontara-server objection withdraw 9bc1"""
    with transaction(program.engine) as connection:
        officer = operator(connection, program.org_id, program.login)
        row = objections.withdraw(connection, program.org_id, objection_id, officer, program.now_ms())
    _say(program, row, as_json=as_json)


def _say(program: Program, row: ObjectionRow, *, as_json: bool) -> None:
    with transaction(program.engine) as connection:
        employee = employee_of_id(connection, program.org_id, row.owner)
    assert employee is not None, "who objected is never taken away"
    told = objections.document(row, employee)
    if as_json:
        print_json(told)
        return
    state = named(program.language, "objection_state", row.state)
    click.echo(f"{row.id}  {employee.full_name} ({employee.nip}), {row.period}: {state}")
    click.echo(f"  {row.text}")
    click.echo(f"  {program.word('Nilai', 'Score')}: {_values(program, told)}")
    for each in told["comments"]:
        click.echo(f"  {each['by']}, {program.moment(each['at'])}: {each['text']}")
    if row.answer:
        click.echo(f"  {program.word('Jawaban', 'Answer')} ({row.decided_by}): {row.answer}")


def _values(program: Program, told: dict[str, str | None]) -> str:
    before, after = (told[name] for name in ("value_before", "value_after"))
    shown = "–" if before is None else figure(before, program.language)
    return shown if after is None or after == before else f"{shown} → {figure(after, program.language)}"
