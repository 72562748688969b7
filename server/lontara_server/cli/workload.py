"""`lontara-server workload`: the workload analysis (ABK), how many posts each unit's outputs need."""

from __future__ import annotations

import csv
import sys

import click

from lontara_core.spreadsheet_text import plain_cell
from lontara_core.value_words import figure
from lontara_server.cli.program import Program, print_json
from lontara_server.services import workload as loads
from lontara_server.services.marks import unit_named
from lontara_server.storage.engine import transaction


@click.group()
def workload() -> None:
    """Workload analysis (ABK) from approved entries."""


@workload.command("report")
@click.option("--year", required=True, type=click.IntRange(2000, 2200))
@click.option("--unit", "unit_code", metavar="CODE", help="Only this unit.")
@click.option(
    "--minutes-per-year", type=click.IntRange(1), default=loads.MINUTES_PER_YEAR, show_default=True,
    help="What one post works in a year.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.pass_obj
def report(
    program: Program, year: int, unit_code: str | None, minutes_per_year: int, *, as_json: bool, as_csv: bool
) -> None:
    """Volume x minutes per output / minutes of a year, by unit and output, to 4 places.

    Example: lontara-server workload report --year 2026 --unit KEC-01 --csv
    """
    with transaction(program.engine) as connection:
        units = None if unit_code is None else frozenset({unit_named(connection, program.org_id, unit_code).id})
        found = loads.workload(connection, program.org_id, year, units=units, minutes_per_year=minutes_per_year)
    rows = [each.document() for unit in found for each in unit.outputs]
    if as_json:
        print_json(rows)
        return
    if as_csv:
        table = csv.writer(sys.stdout, lineterminator="\n")
        table.writerow(loads.COLUMNS)
        table.writerows([[plain_cell(each[name]) for name in loads.COLUMNS] for each in rows])
        return
    headings = (
        ("Unit", "Unit"), ("Hasil kerja", "Output"), ("Satuan", "Unit of output"), ("Volume", "Volume"),
        ("Menit per hasil", "Minutes per output"), ("Kebutuhan pegawai", "Posts needed"),
    )  # fmt: skip
    language = program.language
    program.table(
        headings,
        [
            (each["unit_name"] or "-", each["output"], each["output_unit"] or program.word("kegiatan", "activity"),
             figure(each["volume"], language), figure(each["minutes_per_output"] or "-", language),
             figure(each["posts"], language))
            for each in rows
        ],
    )  # fmt: skip
