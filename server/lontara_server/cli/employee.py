"""`lontara-server employee`, `supervisor` and `holiday`: people, who supervises them, and their days off."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from lontara_server.cli.program import Program, print_json, read_text
from lontara_server.cli.tables import NIP, SUPERVISOR_NIP
from lontara_server.services import holidays, people
from lontara_server.storage.engine import transaction

FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def employee() -> None:
    """Employees with their units and placements."""


@employee.command("import")
@click.argument("file", type=FILE)
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would be written.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def import_employees(program: Program, file: Path, *, dry_run: bool, as_json: bool) -> None:
    """Import a CSV: nip, full_name, unit_code, unit_name, supervisor_nip, position. Twice changes nothing.

    Example: lontara-server employee import pegawai.csv --dry-run
    """
    text = read_text(file)
    with transaction(program.engine) as connection:
        done = people.import_employees(
            connection, program.org_id, text, by=program.login, now_ms=program.now_ms(), dry_run=dry_run
        )
    if as_json:
        print_json({**done.document(), "dry_run": dry_run})
        return
    if dry_run:
        program.say("Uji coba: tidak ada yang ditulis.", "Dry run: nothing was written.")
    program.say(
        f"{done.rows} baris: {done.employees_created} pegawai baru, {done.employees_changed} berubah, "
        f"{done.assignments_created} penempatan baru, {done.unchanged} tetap.",
        f"{done.rows} rows: {done.employees_created} new employees, {done.employees_changed} changed, "
        f"{done.assignments_created} new placements, {done.unchanged} unchanged.",
    )
    for warning in done.warnings:
        click.echo(f"  {warning.row}: {warning.column}: {warning.why}", err=True)


@employee.command("list")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_employees(program: Program, *, as_json: bool) -> None:
    """List everybody. Example: lontara-server employee list --json"""
    with transaction(program.engine) as connection:
        rows = people.list_employees(connection, program.org_id)
    if as_json:
        print_json(rows)
        return
    columns = ("nip", "full_name", "unit_code", "unit_name", "position", "supervisor_nip")
    headings = (NIP, ("Nama", "Name"), ("Kode unit", "Unit code"), ("Unit", "Unit"), ("Jabatan", "Position"),
                SUPERVISOR_NIP)  # fmt: skip
    program.table(headings, [[row.get(name) or "-" for name in columns] for row in rows])


@click.group()
def supervisor() -> None:
    """Who supervises whom."""


@supervisor.command("assign")
@click.option("--nip", required=True, help="The employee.")
@click.option("--supervisor", "supervisor_nip", required=True, metavar="NIP")
@click.option("--from", "valid_from", type=click.DateTime(["%Y-%m-%d"]), help="First day; today where not given.")
@click.pass_obj
def assign(program: Program, nip: str, supervisor_nip: str, valid_from: datetime | None) -> None:
    """Give an employee a supervisor.

    Example: lontara-server supervisor assign --nip 199103092015031005 --supervisor 197804122003122001
    """
    with transaction(program.engine) as connection:
        people.assign_supervisor(
            connection, program.org_id, nip, supervisor_nip, by=program.login, now_ms=program.now_ms(),
            valid_from=valid_from.date() if valid_from else None,
        )  # fmt: skip
    program.say(f"Atasan {nip}: {supervisor_nip}.", f"Supervisor of {nip}: {supervisor_nip}.")


@click.group()
def holiday() -> None:
    """Days on which nobody has to work."""


@holiday.command("import")
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def import_holidays(program: Program, file: Path, *, as_json: bool) -> None:
    """Import a CSV: date, name. Twice changes nothing. Example: lontara-server holiday import libur.csv"""
    text = read_text(file)
    with transaction(program.engine) as connection:
        done = holidays.import_holidays(connection, program.org_id, text, by=program.login, now_ms=program.now_ms())
    if as_json:
        print_json(done.document())
    else:
        program.say(f"{done.added} hari libur baru.", f"{done.added} new holidays.")
