"""`lontara-server calendar` and `holiday`: on which days work is expected, from when to when, and days off."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from lontara_core.fault_words import fault_line
from lontara_server.cli.days import DAY
from lontara_server.cli.program import Program, print_json, read_bytes
from lontara_server.services import holidays
from lontara_server.services.calendars import CalendarDraft, hours_typed, list_calendars, set_calendar
from lontara_server.services.import_runs import SourceFile
from lontara_server.storage.engine import transaction

FAULTS_SHOWN: Final = 20
NEEDS_ATTENTION: Final = 4
_WEEKDAYS: Final = (
    ("Sen", "Mon"), ("Sel", "Tue"), ("Rab", "Wed"), ("Kam", "Thu"), ("Jum", "Fri"), ("Sab", "Sat"), ("Min", "Sun"),
)  # fmt: skip
_KINDS: Final = {
    "national": ("nasional", "national"), "collective_leave": ("cuti bersama", "collective leave"),
    "local": ("daerah", "local"),
}  # fmt: skip


@click.group()
def calendar() -> None:
    """Working calendars of the org and its units."""


@calendar.command("show")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show(program: Program, *, as_json: bool) -> None:
    """Show every calendar, the org's first. Example: lontara-server calendar show --json"""
    with transaction(program.engine) as connection:
        rows = list_calendars(connection, program.org_id, program.now_ms())
    if as_json:
        print_json(rows)
        return
    headings = (("Unit", "Unit"), ("Berlaku sejak", "From"), ("Hari kerja", "Workdays"), ("Jam", "Hours"),
                ("Toleransi (menit)", "Grace (minutes)"), ("Sekarang", "Now"))  # fmt: skip
    program.table(headings, [_told(program, row) for row in rows])


@calendar.command("set")
@click.option("--unit", "unit_code", metavar="CODE", help="Of a unit; else of the whole org.")
@click.option("--from", "valid_from", required=True, type=DAY, help="The first day.")
@click.option("--to", "valid_to", type=DAY, help="The last day (Ramadan); then it goes on as before by itself.")
@click.option("--workdays", type=click.Choice(["5", "6"]), default="5", show_default=True)
@click.option("--hours", multiple=True, metavar="DAYS=HH:MM-HH:MM", help="May be given repeatedly; 1 is Monday.")
@click.option("--grace", type=int, default=0, show_default=True, help="Minutes after the start that are not late.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def set_hours(
    program: Program,
    unit_code: str | None,
    valid_from: datetime,
    valid_to: datetime | None,
    workdays: str,
    hours: tuple[str, ...],
    grace: int,
    *,
    as_json: bool,
) -> None:
    """Let a calendar hold from a day on; recaps and scores since then are made anew.

    Example: lontara-server calendar set --from 2026-01-01 --hours 1-4=07:30-16:00 --hours 5=07:30-16:30 --grace 5
    """
    draft = CalendarDraft(
        valid_from.date(), int(workdays), hours_typed(hours), grace, unit_code, valid_to.date() if valid_to else None
    )
    with transaction(program.engine) as connection:
        done = set_calendar(connection, program.org_id, draft, by=program.login, now_ms=program.now_ms())
    if as_json:
        print_json(done)
        return
    program.say(
        f"Kalender berlaku. {done['days_changed']} rekap harian berubah, {done['scores_marked']} nilai dihitung ulang.",
        f"The calendar holds. {done['days_changed']} recaps changed, {done['scores_marked']} scores are computed again.",
    )


def _told(program: Program, row: dict[str, Any]) -> list[Any]:
    hours = ", ".join(
        f"{program.word(*_WEEKDAYS[int(weekday) - 1])} {start}–{end}"
        for weekday, (start, end) in sorted(row["hours"].items())
    )
    unit = row["unit_code"] or program.word("semua", "all")
    now = program.word("ya", "yes") if row["holds_now"] else ""
    return [unit, row["valid_from"], row["workdays_per_week"], hours or "–", row["grace_minutes"], now]


@click.group()
def holiday() -> None:
    """Days on which nobody has to work."""


@holiday.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--mapping", metavar="NAME", help="A saved mapping of columns; else they are known by their names.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would be written, with every fault.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def import_holidays(program: Program, file: Path, mapping: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Import a CSV or XLSX: date, name, kind (national, collective_leave, local). Twice changes nothing.

    Example: lontara-server holiday import libur.csv
    """
    source = SourceFile(read_bytes(file), file.name)
    with transaction(program.engine) as connection:
        done = holidays.import_holidays(
            connection, program.org_id, source, by=program.login, now_ms=program.now_ms(), mapping=mapping,
            dry_run=dry_run,
        )  # fmt: skip
    if as_json:
        print_json({**done.document(), "dry_run": dry_run})
    else:
        if dry_run:
            program.say("Uji coba: tidak ada yang ditulis.", "Dry run: nothing was written.")
        program.say(
            f"{done.rows} baris: {done.added} hari libur baru, {done.changed} berubah, {done.unchanged} tetap.",
            f"{done.rows} rows: {done.added} new holidays, {done.changed} changed, {done.unchanged} unchanged.",
        )
        for fault in done.errors[:FAULTS_SHOWN]:
            click.echo(f"  {fault_line(fault.document(), program.language)}", err=True)
    if done.errors:
        click.get_current_context().exit(NEEDS_ATTENTION)


@holiday.command("list")
@click.option("--year", type=click.IntRange(1, 9999))
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_holidays(program: Program, year: int | None, *, as_json: bool) -> None:
    """List every holiday. Example: lontara-server holiday list --year 2026"""
    with transaction(program.engine) as connection:
        rows = holidays.list_holidays(connection, program.org_id, year)
    if as_json:
        print_json(rows)
        return
    headings = (("Tanggal", "Date"), ("Nama", "Name"), ("Jenis", "Kind"))
    program.table(headings, [[row["date"], row["name"], program.word(*_KINDS[row["kind"]])] for row in rows])


@holiday.command("remove")
@click.argument("day", type=DAY)
@click.pass_obj
def remove_holiday(program: Program, day: datetime) -> None:
    """Make a day a workday again that is no holiday after all. Example: lontara-server holiday remove 2026-12-24"""
    with transaction(program.engine) as connection:
        holidays.remove_holiday(connection, program.org_id, day.date(), by=program.login, now_ms=program.now_ms())
    program.say(f"{day:%Y-%m-%d} hari kerja lagi.", f"{day:%Y-%m-%d} is a workday again.")
