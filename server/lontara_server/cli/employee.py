"""`lontara-server employee` and `supervisor`: people, and who supervises them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

import click

from lontara_core.fault_words import fault_line
from lontara_server.cli.days import DAY
from lontara_server.cli.program import Program, print_json, read_bytes
from lontara_server.cli.tables import NIP, SUPERVISOR_NIP
from lontara_server.services import people, people_desk
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.people_changes import THRESHOLD_PERCENT, Change, Imported, ImportOptions
from lontara_server.services.people_import import import_people
from lontara_server.storage.engine import transaction

FILE = click.Path(path_type=Path, dir_okay=False)
CHANGES_SHOWN: Final = 40
FAULTS_SHOWN: Final = 20
NEEDS_ATTENTION: Final = 4
_KINDS: Final = {
    "unit": ("unit", "unit"), "created": ("baru", "new"), "changed": ("berubah", "changed"),
    "placed": ("penempatan", "placement"), "deactivated": ("nonaktif", "inactive"),
    "reactivated": ("aktif lagi", "active again"),
}  # fmt: skip


@click.group()
def employee() -> None:
    """Employees with their units and placements."""


@employee.command("import")
@click.argument("file", type=FILE)
@click.option("--mapping", metavar="NAME", help="A saved mapping of columns; else they are known by their names.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would be written, with every fault.")
@click.option("--complete", is_flag=True, help="The file names everybody: who is missing becomes inactive.")
@click.option("--threshold", type=click.FloatRange(0, 100), default=float(THRESHOLD_PERCENT), show_default=True,
              help="Percent of the active staff that the file may make inactive.")  # fmt: skip
@click.option("--skip-faulty", is_flag=True, help="Leave rows with a fault out and import the others.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def import_employees(
    program: Program,
    file: Path,
    mapping: str | None,
    threshold: float,
    *,
    dry_run: bool,
    complete: bool,
    skip_faulty: bool,
    as_json: bool,
) -> None:
    """Import a CSV or XLSX of SIMPEG or a DUK: nama_lengkap, nip, pangkat_golongan, tmt, jabatan, unit_kerja and others.

    Twice changes nothing, and nobody is deleted. Example: lontara-server employee import duk.xlsx --dry-run
    """
    source = SourceFile(read_bytes(file), file.name)
    options = ImportOptions(mapping, dry_run, complete, Decimal(str(threshold)), skip_faulty)
    with transaction(program.engine) as connection:
        done = import_people(connection, program.org_id, source, options, by=program.login, now_ms=program.now_ms())
    if as_json:
        print_json({**done.document(with_changes=dry_run), "dry_run": dry_run})
    else:
        _tell_import(program, done, dry_run=dry_run)
    if done.errors or (dry_run and done.is_over_threshold):
        click.get_current_context().exit(NEEDS_ATTENTION)


def _tell_import(program: Program, done: Imported, *, dry_run: bool) -> None:
    if dry_run:
        program.say("Uji coba: tidak ada yang ditulis.", "Dry run: nothing was written.")
        columns = ", ".join(f"{field} = {column}" for field, column in done.columns.items())
        program.say(f"Kolom: {columns}.", f"Columns: {columns}.")
        _tell_changes(program, done)
    program.say(
        f"{done.rows} baris: {done.employees_created} pegawai baru, {done.employees_changed} berubah, "
        f"{done.assignments_created} penempatan baru, {done.units_created} unit baru, {done.unchanged} tetap, "
        f"{done.employees_deactivated} dinonaktifkan, {done.refused} ditolak.",
        f"{done.rows} rows: {done.employees_created} new employees, {done.employees_changed} changed, "
        f"{done.assignments_created} new placements, {done.units_created} new units, {done.unchanged} unchanged, "
        f"{done.employees_deactivated} made inactive, {done.refused} refused.",
    )
    if done.is_over_threshold:
        program.say(
            f"Impor akan dihentikan: {done.deactivated_percent}% pegawai aktif dinonaktifkan, ambangnya {done.threshold}%.",
            f"The import would be stopped: {done.deactivated_percent}% of active people become inactive, the threshold "
            f"is {done.threshold}%.",
        )
    for faults, title in ((done.errors, ("Salah", "Wrong")), (done.warnings, ("Perlu dilihat", "To look at"))):
        for fault in faults[:FAULTS_SHOWN]:
            click.echo(f"  {program.word(*title)}: {fault_line(fault.document(), program.language)}", err=True)
        if len(faults) > FAULTS_SHOWN:
            click.echo(f"  {program.word(*title)}: … {len(faults) - FAULTS_SHOWN}", err=True)


def _tell_changes(program: Program, done: Imported) -> None:
    headings = (("Apa", "What"), ("NIP atau kode", "NIP or code"), ("Nama", "Name"), ("Ubahan", "Change"))
    rows = [
        [program.word(*_KINDS[change.kind]), change.key, change.name, _in_short(change)]
        for change in done.changes[:CHANGES_SHOWN]
    ]
    if rows:
        program.table(headings, rows)
    if len(done.changes) > CHANGES_SHOWN:
        hidden = len(done.changes) - CHANGES_SHOWN
        program.say(f"… dan {hidden} lagi (semuanya dengan --json).", f"… and {hidden} more (all with --json).")


def _in_short(change: Change) -> str:
    told = [(name, was, now) for name, (was, now) in change.fields.items()]
    return "; ".join(f"{name}: {now}" if was is None else f"{name}: {was} → {now}" for name, was, now in told)


@employee.command("list")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_employees(program: Program, *, as_json: bool) -> None:
    """List everybody as they are placed today. Example: lontara-server employee list --json"""
    with transaction(program.engine) as connection:
        today = people.today_in(connection, program.org_id, program.now_ms())
        rows = people.list_employees(connection, program.org_id, day=today)
    if as_json:
        print_json(rows)
        return
    columns = ("nip", "full_name", "unit_code", "unit_name", "position", "supervisor_nip")
    headings = (NIP, ("Nama", "Name"), ("Kode unit", "Unit code"), ("Unit", "Unit"), ("Jabatan", "Position"),
                SUPERVISOR_NIP)  # fmt: skip
    program.table(headings, [[row.get(name) or "-" for name in columns] for row in rows])


@employee.command("show")
@click.option("--nip", required=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show(program: Program, nip: str, *, as_json: bool) -> None:
    """Show one person with all placements. Example: lontara-server employee show --nip 199103092015031005 --json"""
    with transaction(program.engine) as connection:
        found = people.employee_named(connection, program.org_id, nip)
        person = people_desk.person_of(connection, program.org_id, found, program.now_ms())
    if as_json:
        print_json({**person.document, "placements": list(person.placements)})
        return
    told = person.document
    click.echo(f"{told['full_name']} · {told['nip']} · {told['grade'] or '-'}")
    headings = (("Mulai", "From"), ("Sampai", "To"), ("Unit", "Unit"), ("Jabatan", "Position"),
                SUPERVISOR_NIP, ("NIP Plh./Plt.", "Acting supervisor's NIP"))  # fmt: skip
    columns = ("valid_from", "valid_to", "unit_code", "position", "supervisor_nip", "acting_supervisor_nip")
    program.table(headings, [[each[name] or "-" for name in columns] for each in person.placements])


@employee.command("transfer")
@click.option("--nip", required=True)
@click.option("--unit", metavar="CODE", help="The new unit.")
@click.option("--position", help="The new position.")
@click.option("--supervisor", "supervisor_nip", metavar="NIP", help="The new supervisor.")
@click.option("--from", "valid_from", type=DAY, help="First day there; today where not given.")
@click.pass_obj
def transfer(
    program: Program,
    nip: str,
    unit: str | None,
    position: str | None,
    supervisor_nip: str | None,
    valid_from: datetime | None,
) -> None:
    """Move an employee from a day on; a month with a transfer in it is split at that day.

    Example: lontara-server employee transfer --nip 199103092015031005 --unit KEC-02 --from 2026-11-16
    """
    told = people.Transfer(unit, position, supervisor_nip, valid_from.date() if valid_from else None)
    with transaction(program.engine) as connection:
        people.transfer(connection, program.org_id, nip, told, by=program.login, now_ms=program.now_ms())
    program.say(f"Penempatan {nip} tercatat.", f"The placement of {nip} is written.")


@employee.command("deactivate")
@click.option("--nip", required=True)
@click.option("--last-day", required=True, type=DAY, help="The last day of service.")
@click.pass_obj
def deactivate(program: Program, nip: str, last_day: datetime) -> None:
    """Make an employee inactive who has left. Nothing of theirs is deleted.

    Example: lontara-server employee deactivate --nip 199103092015031005 --last-day 2026-11-30
    """
    with transaction(program.engine) as connection:
        people.deactivate(
            connection, program.org_id, nip, last_day.date(), by=program.login, now_ms=program.now_ms()
        )  # fmt: skip
    program.say(f"{nip} tidak aktif lagi setelah {last_day:%Y-%m-%d}.", f"{nip} is inactive after {last_day:%Y-%m-%d}.")


@click.group()
def supervisor() -> None:
    """Who supervises whom."""


@supervisor.command("assign")
@click.option("--nip", required=True, help="The employee.")
@click.option("--supervisor", "supervisor_nip", metavar="NIP", help="The supervisor; with --nobody none.")
@click.option("--from", "valid_from", type=DAY, help="First day; today where not given.")
@click.option("--to", "valid_to", type=DAY, help="Last day; then it goes on as before by itself.")
@click.option("--acting", is_flag=True, help="As acting supervisor (Plh./Plt.), beside the supervisor.")
@click.option("--nobody", is_flag=True, help="Nobody from that day on.")
@click.pass_obj
def assign(
    program: Program,
    nip: str,
    supervisor_nip: str | None,
    valid_from: datetime | None,
    valid_to: datetime | None,
    *,
    acting: bool,
    nobody: bool,
) -> None:
    """Give an employee a supervisor, or for a time an acting one.

    Example: lontara-server supervisor assign --nip 199103092015031005 --supervisor 197804122003122001
    """
    if nobody == (supervisor_nip is not None):
        raise click.UsageError("--supervisor NIP or --nobody")
    with transaction(program.engine) as connection:
        people.assign_supervisor(
            connection, program.org_id, nip, supervisor_nip, by=program.login, now_ms=program.now_ms(),
            valid_from=valid_from.date() if valid_from else None, valid_to=valid_to.date() if valid_to else None,
            acting=acting,
        )  # fmt: skip
    told = supervisor_nip or "-"
    if acting:
        program.say(f"Plh./Plt. atasan {nip}: {told}.", f"Acting supervisor of {nip}: {told}.")
    else:
        program.say(f"Atasan {nip}: {told}.", f"Supervisor of {nip}: {told}.")
