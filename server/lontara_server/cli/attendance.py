"""`lontara-server attendance import` and `pin`: punches and monthly recaps from files, and whose PIN is whose.

Days and machines are in `attendance_days`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from lontara_core.fault_words import fault_line
from lontara_server.cli.program import Program, print_json, read_bytes
from lontara_server.cli.tables import NIP, TIME
from lontara_server.services import attendance_pins, mappings
from lontara_server.services.attendance_file import FIELDS, SKIPPED, checked_columns
from lontara_server.services.attendance_import import ATTLOG, ImportedPunches, import_punches
from lontara_server.services.attendance_totals import ImportedRecaps, import_recaps
from lontara_server.services.file_faults import Fault
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.people import employee_named
from lontara_server.storage.engine import transaction

FILE: Final = click.Path(path_type=Path, dir_okay=False)
FAULTS_SHOWN: Final = 20
PINS_SHOWN: Final = 20
DAYS_SHOWN: Final = 5
NEEDS_ATTENTION: Final = 4


@click.group()
def attendance() -> None:
    """Attendance: punches of machines, what is said of days, and recaps."""


@attendance.command("import")
@click.argument("file", type=FILE)
@click.option("--format", "form", required=True, type=click.Choice(["attlog", "xml", "csv", "recap"]))
@click.option("--mapping", metavar="NAME", help="A saved mapping of columns.")
@click.option("--columns", metavar="LIST", help=f"Order of an attlog.dat's columns, of {', '.join(FIELDS)} and {SKIPPED}.")
@click.option("--save", "remembered", metavar="NAME", help="Remember --columns as a mapping of this name.")
@click.option("--period", metavar="YYYY-MM", help="The month of a recap whose rows name none.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would be written, with every fault.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def import_file(
    program: Program,
    file: Path,
    form: str,
    mapping: str | None,
    columns: str | None,
    remembered: str | None,
    period: str | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import punches (attlog.dat, GetAttLog XML, CSV or XLSX) or a month's recap. Twice changes nothing.

    Example: lontara-server attendance import 1_attlog.dat --format attlog --columns pin,at,machine,status,verify
    """
    if columns is not None and (form != "attlog" or mapping is not None):
        raise click.UsageError("--columns belongs to --format attlog, instead of --mapping")
    if remembered is not None and columns is None:
        raise click.UsageError("--save remembers --columns")
    source = SourceFile(read_bytes(file), file.name)
    if form == "recap":
        _import_recap(program, source, mapping, period, dry_run=dry_run, as_json=as_json)
        return
    order = None if columns is None else checked_columns([each.strip() for each in columns.split(",")])
    with transaction(program.engine) as connection:
        done = import_punches(
            connection, program.org_id, source, form, by=program.login, now_ms=program.now_ms(), mapping=mapping,
            columns=order, dry_run=dry_run,
        )  # fmt: skip
        if remembered is not None and order is not None and not dry_run:
            places = {name: str(place) for place, name in enumerate(order, start=1) if name != SKIPPED}
            mappings.save_preset(
                connection, program.org_id, ATTLOG, remembered, places, by=program.login, now_ms=program.now_ms()
            )
    if as_json:
        print_json({**done.document(), "dry_run": dry_run})
    else:
        _tell_punches(program, done, dry_run=dry_run)
    if done.errors or done.unmapped_pins:
        click.get_current_context().exit(NEEDS_ATTENTION)


def _import_recap(
    program: Program, source: SourceFile, mapping: str | None, period: str | None, *, dry_run: bool, as_json: bool
) -> None:
    with transaction(program.engine) as connection:
        done = import_recaps(
            connection, program.org_id, source, by=program.login, now_ms=program.now_ms(), period=period,
            mapping=mapping, dry_run=dry_run,
        )  # fmt: skip
    if as_json:
        print_json({**done.document(), "dry_run": dry_run})
    else:
        _tell_recap(program, done, dry_run=dry_run)
    if done.errors:
        click.get_current_context().exit(NEEDS_ATTENTION)


def _tell_punches(program: Program, done: ImportedPunches, *, dry_run: bool) -> None:
    _tell_dry_run(program, dry_run=dry_run)
    if done.same_file_before:
        program.say("Berkas ini sudah pernah diimpor.", "This very file has been imported before.")
    program.say(
        f"{done.rows} baris: {done.new} presensi baru, {done.unchanged} sudah ada, {done.refused} ditolak; "
        f"{done.days_changed} rekap harian berubah.",
        f"{done.rows} rows: {done.new} new punches, {done.unchanged} known already, {done.refused} refused; "
        f"{done.days_changed} recaps of days changed.",
    )
    if done.first_day is not None:
        program.say(
            f"Dari {done.first_day} sampai {done.last_day}: {done.check_ins} masuk, {done.check_outs} pulang.",
            f"From {done.first_day} to {done.last_day}: {done.check_ins} check-ins, {done.check_outs} check-outs.",
        )
    _tell_warnings(program, done)
    _tell_faults(program, done.errors)
    if done.unmapped_pins:
        named = ", ".join(f"{pin} ({count})" for pin, count in sorted(done.unmapped_pins.items())[:PINS_SHOWN])
        more = "" if len(done.unmapped_pins) <= PINS_SHOWN else " …"
        program.say(
            f"PIN yang belum punya pegawai (presensinya tetap tersimpan): {named}{more}. "
            "Isi dengan `lontara-server attendance pin import`.",
            f"PINs that are nobody's yet (their punches are kept): {named}{more}. "
            "Tell whose they are with `lontara-server attendance pin import`.",
        )


def _tell_warnings(program: Program, done: ImportedPunches) -> None:
    days = ", ".join(done.odd_days[:DAYS_SHOWN]) + (" …" if len(done.odd_days) > DAYS_SHOWN else "")
    if "one_kind" in done.warnings:
        program.say(
            "Awas: hampir semua presensi berjenis sama. Mungkin urutan kolomnya keliru; periksa --columns.",
            "Look: nearly all punches are of one kind. The order of the columns may be wrong; check --columns.",
        )
    if days:
        program.say(
            f"Awas: ada hari yang belum tiba atau berjarak lebih dari setahun dari yang lain: {days}. Mungkin kolomnya "
            "keliru atau bulannya ditulis sebelum harinya.",
            f"Look: days that are still to come or lie more than a year from the others: {days}. The columns may be wrong, "
            "or the month stands before the day.",
        )


def _tell_recap(program: Program, done: ImportedRecaps, *, dry_run: bool) -> None:
    _tell_dry_run(program, dry_run=dry_run)
    program.say(
        f"{done.rows} baris: {done.new} rekap bulan baru, {done.changed} berubah, {done.unchanged} tetap.",
        f"{done.rows} rows: {done.new} new monthly recaps, {done.changed} changed, {done.unchanged} unchanged.",
    )
    _tell_faults(program, done.errors)


def _tell_dry_run(program: Program, *, dry_run: bool) -> None:
    if dry_run:
        program.say("Uji coba: tidak ada yang ditulis.", "Dry run: nothing was written.")


def _tell_faults(program: Program, faults: list[Fault]) -> None:
    for fault in faults[:FAULTS_SHOWN]:
        click.echo(f"  {fault_line(fault.document(), program.language)}", err=True)
    if len(faults) > FAULTS_SHOWN:
        click.echo(f"  … {len(faults) - FAULTS_SHOWN}", err=True)


@attendance.group()
def pin() -> None:
    """Whose PIN it is on the machines. A PIN is not a NIP."""


@pin.command("import")
@click.argument("file", type=FILE)
@click.option("--mapping", metavar="NAME", help="A saved mapping of columns; else they are known by their names.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would be written, with every fault.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def import_pins(program: Program, file: Path, mapping: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Import a CSV or XLSX: pin, nip. Twice changes nothing. Example: lontara-server attendance pin import pin.csv"""
    source = SourceFile(read_bytes(file), file.name)
    with transaction(program.engine) as connection:
        done = attendance_pins.import_pins(
            connection, program.org_id, source, by=program.login, now_ms=program.now_ms(), mapping=mapping,
            dry_run=dry_run,
        )  # fmt: skip
    if as_json:
        print_json({**done.document(), "dry_run": dry_run})
    else:
        _tell_dry_run(program, dry_run=dry_run)
        program.say(
            f"{done.rows} baris: {done.added} PIN baru, {done.changed} berpindah pegawai, {done.unchanged} tetap; "
            f"{done.days_changed} rekap harian berubah.",
            f"{done.rows} rows: {done.added} new PINs, {done.changed} of another person now, {done.unchanged} unchanged; "
            f"{done.days_changed} recaps of days changed.",
        )
        _tell_faults(program, done.errors)
    if done.errors:
        click.get_current_context().exit(NEEDS_ATTENTION)


@pin.command("set")
@click.argument("number", metavar="PIN")
@click.option("--nip", required=True)
@click.pass_obj
def set_pin(program: Program, number: str, nip: str) -> None:
    """Say whose a PIN is. Example: lontara-server attendance pin set 17 --nip 199103092015031005"""
    with transaction(program.engine) as connection:
        employee = employee_named(connection, program.org_id, nip)
        changed = attendance_pins.set_pin(
            connection, program.org_id, number, employee, by=program.login, now_ms=program.now_ms()
        )  # fmt: skip
    program.say(
        f"PIN {number} milik {employee.full_name}; {changed} rekap harian berubah.",
        f"PIN {number} is {employee.full_name}'s; {changed} recaps of days changed.",
    )


@pin.command("list")
@click.option("--unmapped", "unmapped_only", is_flag=True, help="Only those that are nobody's yet.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_pins(program: Program, *, unmapped_only: bool, as_json: bool) -> None:
    """List every PIN, with how often it was pressed. Example: lontara-server attendance pin list --unmapped"""
    with transaction(program.engine) as connection:
        rows: list[dict[str, Any]] = attendance_pins.list_pins(connection, program.org_id, unmapped_only=unmapped_only)
    if as_json:
        print_json(rows)
        return
    headings = (("PIN", "PIN"), NIP, ("Nama", "Name"), ("Presensi", "Punches"), TIME)
    columns = ("pin", "nip", "full_name", "punches", "last_punch_at")
    program.table(headings, [[row[name] if row[name] is not None else "–" for name in columns] for row in rows])
