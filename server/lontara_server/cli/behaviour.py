"""`lontara-server behaviour`, `mark` and `absorption`: what people say of a period that no entry can tell."""

from __future__ import annotations

import click

from lontara_core.problems import Problem
from lontara_core.terms import named
from lontara_core.value_words import figure
from lontara_server.cli.program import Program, print_json
from lontara_server.cli.tables import NIP
from lontara_server.performance.behaviour import BERAKHLAK
from lontara_server.services import behaviour as ratings
from lontara_server.services import marks
from lontara_server.services.assessors import operator
from lontara_server.services.people import employee_named
from lontara_server.storage.engine import transaction


@click.group()
def behaviour() -> None:
    """The seven BerAKHLAK values, rated by the assessor."""


@behaviour.command("rate")
@click.option("--nip", required=True)
@click.option("--period", required=True, metavar="YYYY|YYYY-MM")
@click.option("--value", "pairs", multiple=True, required=True, metavar="NAME=N", help="akuntabel=4 or accountable=4.")
@click.option("--note", help="Why; kept with the rating.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def rate(
    program: Program, nip: str, period: str, pairs: tuple[str, ...], note: str | None, *, as_json: bool
) -> None:
    """Rate a person's values of a month or a year; values that are not named stay.

    Example: lontara-server behaviour rate --nip 199103092015031005 --period 2026 --value akuntabel=4 --value loyal=5
    """
    given = dict(_pair(each) for each in pairs)
    with transaction(program.engine) as connection:
        officer = operator(connection, program.org_id, program.login)
        employee = employee_named(connection, program.org_id, nip)
        ratings.rate(connection, program.org_id, employee, period, given, officer, program.now_ms(), note=note)
        held = ratings.behaviour_of(connection, program.org_id, employee, period, officer, program.now_ms())
    _say_behaviour(program, held, as_json=as_json)


@behaviour.command("show")
@click.option("--nip", required=True)
@click.option("--period", required=True, metavar="YYYY|YYYY-MM")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show(program: Program, nip: str, period: str, *, as_json: bool) -> None:
    """Show a person's values of a period. Example: lontara-server behaviour show --nip 199103092015031005 --period 2026"""
    with transaction(program.engine) as connection:
        officer = operator(connection, program.org_id, program.login)
        employee = employee_named(connection, program.org_id, nip)
        held = ratings.behaviour_of(connection, program.org_id, employee, period, officer, program.now_ms())
    _say_behaviour(program, held, as_json=as_json)


@click.group()
def mark() -> None:
    """Quality of a month, a recognised new idea, and whether colleagues were asked."""


@mark.command("set")
@click.option("--nip", required=True)
@click.option("--period", required=True, metavar="YYYY|YYYY-MM")
@click.option("--kind", required=True, type=click.Choice(marks.KINDS))
@click.option("--value", required=True, help="A percentage for quality, yes or no for the others; empty takes it away.")
@click.option("--reason", help="Why; kept with the mark.")
@click.pass_obj
def set_(program: Program, nip: str, period: str, kind: str, value: str, reason: str | None) -> None:
    """Give a mark. Example: lontara-server mark set --nip 199103092015031005 --period 2026-10 --kind quality --value 80"""
    with transaction(program.engine) as connection:
        officer = operator(connection, program.org_id, program.login)
        employee = employee_named(connection, program.org_id, nip)
        marks.set_mark(
            connection, program.org_id, employee, period, kind, value, officer, program.now_ms(), reason=reason
        )  # fmt: skip
    program.say(f"Tersimpan untuk {employee.full_name}, {period}.", f"Saved for {employee.full_name}, {period}.")


@mark.command("list")
@click.option("--period", metavar="YYYY|YYYY-MM", help="Only this period.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_(program: Program, period: str | None, *, as_json: bool) -> None:
    """List the marks. Example: lontara-server mark list --period 2026-10 --json"""
    with transaction(program.engine) as connection:
        rows = marks.list_marks(connection, program.org_id, period)
    if as_json:
        print_json(rows)
        return
    headings = (NIP, ("Nama", "Name"), ("Periode", "Period"), ("Jenis", "Kind"), ("Nilai", "Value"), ("Oleh", "By"))
    program.table(
        headings,
        [
            (each["nip"], each["full_name"], each["period"], named(program.language, "mark", each["kind"]),
             named(program.language, "mark_value", figure(each["value"], program.language)), each["by"])
            for each in rows
        ],
    )  # fmt: skip


@click.group()
def absorption() -> None:
    """How much of each unit's budget is spent."""


@absorption.command("set")
@click.option("--unit", required=True, metavar="CODE")
@click.option("--period", required=True, metavar="YYYY-MM")
@click.option("--percent", required=True)
@click.pass_obj
def set_absorption(program: Program, unit: str, period: str, percent: str) -> None:
    """Tell what a unit has spent by the month's end.

    Example: lontara-server absorption set --unit KEC-01 --period 2026-10 --percent 78,5
    """
    with transaction(program.engine) as connection:
        officer = operator(connection, program.org_id, program.login)
        marks.set_absorption(connection, program.org_id, unit, period, percent, officer, program.now_ms())
    program.say(f"Tersimpan untuk {unit}, {period}.", f"Saved for {unit}, {period}.")


@absorption.command("list")
@click.option("--period", required=True, metavar="YYYY-MM")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_absorption(program: Program, period: str, *, as_json: bool) -> None:
    """List what every unit has spent. Example: lontara-server absorption list --period 2026-10 --json"""
    with transaction(program.engine) as connection:
        found = marks.absorption_of(connection, program.org_id, period)
    rows = [marks.absorption_document(each, period) for each in found]
    if as_json:
        print_json(rows)
        return
    headings = (("Kode unit", "Unit code"), ("Unit", "Unit"), ("Serapan", "Spent"))
    program.table(
        headings,
        [
            (each["unit_code"], each["unit_name"],
             "-" if each["percent"] is None else f"{figure(each['percent'], program.language)}%")
            for each in rows
        ],
    )  # fmt: skip


def _pair(text: str) -> tuple[str, str]:
    name, equals, rating = text.partition("=")
    if not equals:
        raise Problem(
            "invalid_field",
            f"{text!r} is not NAME=N. Nothing was changed.",
            {"field": "value"},
            f"Values: {', '.join(BERAKHLAK)}.",
        )
    return ratings.value_named(name), rating


def _say_behaviour(program: Program, held: ratings.Behaviour, *, as_json: bool) -> None:
    document = ratings.behaviour_document(held)
    if as_json:
        print_json(document)
        return
    language = program.language
    rows = [
        (named(language, "berakhlak", value), "-" if rating is None else figure(rating, language))
        for value, rating in document["values"].items()
    ]
    rows.append((program.word("Rata-rata", "Mean"), "-" if held.mean is None else figure(held.mean, language)))
    best = program.word(f"Nilai (1–{held.scale_max})", f"Rating (1–{held.scale_max})")
    program.table(
        (("Perilaku", "Value"), (best, best)), rows, title=f"{held.employee.full_name} · {held.period}"
    )  # fmt: skip
