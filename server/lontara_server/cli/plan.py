"""`lontara-server plan`: performance plans (SKP): imported, listed, shown with their progress, and moved."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from lontara_core.terms import named
from lontara_core.value_words import figure
from lontara_server.cli.program import Program, print_json, read_bytes
from lontara_server.cli.tables import NIP, Heading
from lontara_server.services import plans
from lontara_server.services.assessors import operator
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.people import employee_named
from lontara_server.services.plan_import import STATES, import_plans
from lontara_server.services.plan_moves import move_plan
from lontara_server.storage import plans as store
from lontara_server.storage.engine import transaction

YEAR = click.IntRange(2000, 2200)
_HEADINGS: tuple[Heading, ...] = (
    NIP, ("Nama", "Name"), ("Tahun", "Year"), ("Berlaku", "Holds"), ("Pejabat penilai", "Assessor"),
    ("Keadaan", "State"),
)  # fmt: skip


@click.group()
def plan() -> None:
    """Performance plans (SKP) with work results, indicators and actions."""


@plan.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--mapping", metavar="NAME", help="A saved mapping of columns; else they are known by their names.")
@click.option("--state", type=click.Choice(STATES), default="draft", help="What the plans become that are drafts.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would be written.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def import_(program: Program, file: Path, mapping: str | None, state: str, *, dry_run: bool, as_json: bool) -> None:
    """Import a CSV or XLSX: nip, year, work_result, indicator, aspect, target, unit, ... Twice changes nothing.

    Example: lontara-server plan import skp.xlsx --dry-run
    """
    source = SourceFile(read_bytes(file), file.name)
    with transaction(program.engine) as connection:
        officer = operator(connection, program.org_id, program.login)
        done = import_plans(
            connection, program.org_id, source, officer, program.now_ms(), mapping=mapping, state=state, dry_run=dry_run
        )
    if as_json:
        print_json({**done.document(), "dry_run": dry_run})
        return
    if dry_run:
        program.say("Uji coba: tidak ada yang ditulis.", "Dry run: nothing was written.")
    program.say(
        f"{done.rows} baris: {done.rows_new} dipakai, {done.rows_unchanged} sudah ada. SKP baru {done.plans_created}, "
        f"berubah {done.plans_changed}, dimajukan {done.plans_moved}. RHK baru {done.work_results_created}, berubah "
        f"{done.work_results_changed}. Indikator baru {done.indicators_created}, berubah {done.indicators_changed}. "
        f"Rencana aksi baru {done.actions_created}, berubah {done.actions_changed}.",
        f"{done.rows} rows: {done.rows_new} used, {done.rows_unchanged} there already. Plans: {done.plans_created} new, "
        f"{done.plans_changed} changed, {done.plans_moved} moved. Work results: {done.work_results_created} new, "
        f"{done.work_results_changed} changed. Indicators: {done.indicators_created} new, {done.indicators_changed} "
        f"changed. Actions: {done.actions_created} new, {done.actions_changed} changed.",
    )


@plan.command("list")
@click.option("--year", type=YEAR, help="Only this year.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_(program: Program, year: int | None, *, as_json: bool) -> None:
    """List every plan. Example: lontara-server plan list --year 2026 --json"""
    with transaction(program.engine) as connection:
        held = store.plans_of_year(connection, program.org_id, year)
        rows = plans.list_documents(connection, program.org_id, held)
    if as_json:
        print_json(rows)
        return
    program.table(_HEADINGS, [_row(program, each) for each in rows])


@plan.command("show")
@click.option("--nip", required=True)
@click.option("--year", required=True, type=YEAR)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show(program: Program, nip: str, year: int, *, as_json: bool) -> None:
    """Show a person's plans of a year: each indicator with target, what is realised and by which entries.

    Example: lontara-server plan show --nip 199103092015031005 --year 2026 --json
    """
    with transaction(program.engine) as connection:
        employee = employee_named(connection, program.org_id, nip)
        held = plans.plans_of(connection, program.org_id, employee, year)
        documents = [plans.plan_document(plans.progress_of(connection, program.org_id, each)) for each in held]
    if as_json:
        print_json(documents)
        return
    for document in documents:
        program.table(_HEADINGS, [_row(program, document)])
        for result in document["results"]:
            _say_result(program, result)


def _say_result(program: Program, result: Mapping[str, Any]) -> None:
    language = program.language
    kind = named(language, "plan_kind", result["kind"])
    headings = (
        ("Indikator", "Indicator"), ("Aspek", "Aspect"), ("Target", "Target"), ("Realisasi", "Realised"),
        ("Capaian", "Achieved"), ("Catatan", "Entries"),
    )  # fmt: skip
    rows = [
        (
            each["title"], named(language, "aspect", each["aspect"]), f"{figure(each['target'], language)} {each['unit']}",
            "-" if each["realised"] is None else figure(each["realised"], language),
            "-" if each["percent"] is None else f"{figure(each['percent'], language)}%", len(each["entries"]),
        )
        for each in result["indicators"]
    ]  # fmt: skip
    program.table(headings, rows, title=f"{result['title']} ({kind})")
    served = result["supports"]
    if served:
        program.say(
            f"  Mendukung: {served['title']} ({served['full_name']})", f"  Serves: {served['title']} ({served['full_name']})"
        )
    for each in result["supported_by"]:
        program.say(
            f"  Didukung: {each['title']} ({each['full_name']})", f"  Served by: {each['title']} ({each['full_name']})"
        )


def _row(program: Program, document: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        document["nip"], document["full_name"], document["year"],
        f"{document['valid_from']} – {document['valid_to']}", document["assessor_name"] or "-",
        named(program.language, "plan_state", document["state"]),
    )  # fmt: skip


def _mover(name: str, to: str, help_: str) -> None:
    """One command that moves plans: of one person, or of everybody whose plan can go there."""

    @plan.command(name, help=help_)
    @click.option("--nip", help="Whose plan.")
    @click.option("--all", "everybody", is_flag=True, help="Every plan of the year that can be moved so.")
    @click.option("--year", required=True, type=YEAR)
    @click.option("--reason", help="Read by the plan's owner; required to return one.")
    @click.option("--json", "as_json", is_flag=True)
    @click.pass_obj
    def move(
        program: Program, nip: str | None, year: int, reason: str | None, *, everybody: bool, as_json: bool
    ) -> None:
        if (nip is None) == (not everybody):
            raise click.UsageError("Say --nip NIP or --all.")
        with transaction(program.engine) as connection:
            officer = operator(connection, program.org_id, program.login)
            if nip is None:
                wanted = plans.movable(connection, program.org_id, year, to, officer)
            else:
                employee = employee_named(connection, program.org_id, nip)
                wanted = plans.plans_of(connection, program.org_id, employee, year)
            moved = [
                move_plan(connection, program.org_id, each.id, to, officer, program.now_ms(), reason=reason)
                for each in wanted
            ]
            rows = plans.list_documents(connection, program.org_id, moved)
        if as_json:
            print_json(rows)
            return
        program.table(_HEADINGS, [_row(program, each) for each in rows])


_mover("submit", "submitted", "Submit a draft. Example: lontara-server plan submit --nip 199103092015031005 --year 2026")
_mover("approve", "approved", "Approve what is submitted. Example: lontara-server plan approve --all --year 2026")
_mover(
    "return", "revision",
    "Return a plan with a reason. Example: lontara-server plan return --nip 199103092015031005 --year 2026 --reason TEXT",
)  # fmt: skip
_mover("final", "final", "Close a plan at the year's end. Example: lontara-server plan final --all --year 2026")
