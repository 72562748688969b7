"""`lontara-server attendance day` and `machine`: what is said of days, closing them, and machines that push."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import click

from lontara_server.cli.attendance import attendance
from lontara_server.cli.days import DAY
from lontara_server.cli.program import Program, print_json
from lontara_server.cli.tables import TIME
from lontara_server.performance.attendance import STATUSES
from lontara_server.services import attendance as days
from lontara_server.services import attendance_machines
from lontara_server.services.assessors import operator
from lontara_server.services.marks import unit_named
from lontara_server.services.people import employee_named
from lontara_server.storage.engine import transaction

__all__ = ["attendance"]

_NAMES_SHOWN: Final = 20


@attendance.group()
def day() -> None:
    """What is said of somebody's day beside the machines."""


@day.command("set")
@click.option("--nip", required=True)
@click.option("--date", "first", required=True, type=DAY, help="The day, or the first one.")
@click.option("--to", "last", type=DAY, help="The last day; of the days between, workdays are written.")
@click.option("--status", required=True, type=click.Choice(STATUSES))
@click.option("--reason", required=True, help="Why, for example the number of the letter.")
@click.option("--late", "late_minutes", type=int, help="With --status present: minutes late, instead of the machine's.")
@click.option("--early", "early_leave_minutes", type=int, help="With --status present: minutes gone early.")
@click.pass_obj
def set_day(
    program: Program,
    nip: str,
    first: datetime,
    last: datetime | None,
    status: str,
    reason: str,
    late_minutes: int | None,
    early_leave_minutes: int | None,
) -> None:
    """Say what a person's days were: leave, official travel, sickness, permission; or correct what a machine says.

    Example: lontara-server attendance day set --nip 199103092015031005 --date 2026-11-02 --to 2026-11-04
    --status official_travel --reason "ST 12/2026"
    """
    told = days.DayStatus(
        first.date(), (last or first).date(), status, reason, late_minutes, early_leave_minutes
    )  # fmt: skip
    with transaction(program.engine) as connection:
        officer = operator(connection, program.org_id, program.login)
        employee = employee_named(connection, program.org_id, nip)
        written = days.set_days(connection, program.org_id, employee, told, officer, program.now_ms())
    program.say(f"{written} hari tercatat.", f"{written} days are written.")


@day.command("clear")
@click.option("--nip", required=True)
@click.option("--date", "of_day", required=True, type=DAY)
@click.option("--reason", required=True)
@click.pass_obj
def clear_day(program: Program, nip: str, of_day: datetime, reason: str) -> None:
    """Take back what was said of a day; punches alone count again.

    Example: lontara-server attendance day clear --nip 199103092015031005 --date 2026-11-02 --reason "salah orang"
    """
    with transaction(program.engine) as connection:
        officer = operator(connection, program.org_id, program.login)
        employee = employee_named(connection, program.org_id, nip)
        cleared = days.clear_day(
            connection, program.org_id, employee, of_day.date(), reason, officer, program.now_ms()
        )  # fmt: skip
    if cleared:
        program.say("Keterangan hari itu ditarik.", "What was said of the day is taken back.")
    else:
        program.say("Tidak ada keterangan untuk hari itu.", "Nothing was said of that day.")


@day.command("close")
@click.option("--date", "of_day", required=True, type=DAY)
@click.option("--unit", "unit_code", metavar="CODE", help="One unit; else the whole org.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say who would be absent.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def close_day(program: Program, of_day: datetime, unit_code: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Say that all punches of a day have come: whose machine told of the day, and who was not there, is absent.

    Punches that come later take the absence's place. Example: lontara-server attendance day close --date 2026-11-02
    """
    with transaction(program.engine) as connection:
        unit = None if unit_code is None else unit_named(connection, program.org_id, unit_code).id
        done = days.close_day(
            connection, program.org_id, of_day.date(), by=program.login, now_ms=program.now_ms(), unit=unit,
            dry_run=dry_run,
        )  # fmt: skip
    if as_json:
        print_json({**done.document(), "dry_run": dry_run})
        return
    if dry_run:
        program.say("Uji coba: tidak ada yang ditulis.", "Dry run: nothing was written.")
    program.say(
        f"{done.present} sudah ada rekapnya, {done.days_off} libur, {len(done.absent)} tanpa keterangan.",
        f"{done.present} have a recap, {done.days_off} are off, {len(done.absent)} are absent without a word.",
    )
    for names, words in (
        (done.absent, ("Tanpa keterangan", "Absent without a word")),
        (done.without_feed, ("Mesinnya belum melapor hari itu, tidak dianggap absen",
                             "Their machine has not told of the day, not taken as absent")),
        (done.without_pin, ("Belum punya PIN, tidak dianggap absen", "Without a PIN, not taken as absent")),
    ):  # fmt: skip
        if names:
            more = "" if len(names) <= _NAMES_SHOWN else " …"
            click.echo(f"{program.word(*words)}: {', '.join(names[:_NAMES_SHOWN])}{more}")


@attendance.group()
def machine() -> None:
    """Machines that push punches by themselves."""


@machine.command("add")
@click.argument("serial")
@click.option("--name", default="", help="What people call it; else its serial number.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def add_machine(program: Program, serial: str, name: str, *, as_json: bool) -> None:
    """Let a machine push, and print its key, which is shown this once; added again, it has a new key.

    Example: lontara-server attendance machine add CGKK214760123 --name "Lobi kantor camat"
    """
    with transaction(program.engine) as connection:
        key = attendance_machines.add_machine(
            connection, program.org_id, serial, name, by=program.login, now_ms=program.now_ms(),
            random_bytes=program.random_bytes,
        )  # fmt: skip
    if as_json:
        print_json({"serial": serial, "key": key, "path": f"/iclock/{key}/cdata"})
        return
    program.say(f"Kunci mesin (hanya ditampilkan sekali): {key}", f"The machine's key (shown this once): {key}")
    program.say(f"Alamat kirimnya: /iclock/{key}/cdata", f"It pushes to: /iclock/{key}/cdata")


@machine.command("list")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_machines(program: Program, *, as_json: bool) -> None:
    """List every machine and when it was last heard. Example: lontara-server attendance machine list --json"""
    with transaction(program.engine) as connection:
        rows = attendance_machines.list_machines(connection, program.org_id)
    if as_json:
        print_json(rows)
        return
    headings = (("Nomor seri", "Serial number"), ("Nama", "Name"), ("Keadaan", "State"), TIME)
    told = [
        [
            row["serial"], row["name"], program.word("aktif", "active") if row["active"] else program.word("dicabut", "revoked"),
            program.moment(row["last_seen_at"]),
        ]
        for row in rows
    ]  # fmt: skip
    program.table(headings, told)


@machine.command("revoke")
@click.argument("serial")
@click.pass_obj
def revoke_machine(program: Program, serial: str) -> None:
    """Take a machine's key away; what it pushed stays. Example: lontara-server attendance machine revoke CGKK214760123"""
    with transaction(program.engine) as connection:
        attendance_machines.revoke_machine(
            connection, program.org_id, serial, by=program.login, now_ms=program.now_ms()
        )  # fmt: skip
    program.say(f"Kunci {serial} tidak berlaku lagi.", f"The key of {serial} is no longer valid.")
