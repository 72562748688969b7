"""`lontara-server unit`: the units of an org as a tree, imported and listed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from lontara_core.fault_words import fault_line
from lontara_server.cli.employee import FAULTS_SHOWN, NEEDS_ATTENTION
from lontara_server.cli.program import Program, print_json, read_bytes
from lontara_server.services import units
from lontara_server.services.import_runs import SourceFile
from lontara_server.storage.engine import transaction


@click.group()
def unit() -> None:
    """Units (unit kerja), and which stands above which."""


@unit.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--mapping", metavar="NAME", help="A saved mapping of columns; else they are known by their names.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would be written, with every fault.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def import_units(program: Program, file: Path, mapping: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Import a CSV or XLSX: code, name, parent (the code of the unit above). Twice changes nothing.

    Example: lontara-server unit import unit.csv --dry-run
    """
    source = SourceFile(read_bytes(file), file.name)
    with transaction(program.engine) as connection:
        done = units.import_units(
            connection, program.org_id, source, by=program.login, now_ms=program.now_ms(), mapping=mapping,
            dry_run=dry_run,
        )  # fmt: skip
    if as_json:
        print_json({**done.document(with_changes=dry_run), "dry_run": dry_run})
    else:
        if dry_run:
            program.say("Uji coba: tidak ada yang ditulis.", "Dry run: nothing was written.")
        program.say(
            f"{done.rows} baris: {done.units_created} unit baru, {done.units_changed} berubah, {done.unchanged} tetap.",
            f"{done.rows} rows: {done.units_created} new units, {done.units_changed} changed, {done.unchanged} unchanged.",
        )
        for fault in done.errors[:FAULTS_SHOWN]:
            click.echo(f"  {fault_line(fault.document(), program.language)}", err=True)
    if done.errors:
        click.get_current_context().exit(NEEDS_ATTENTION)


@unit.command("list")
@click.option("--json", "as_json", is_flag=True, help="A tree: each unit with its children.")
@click.pass_obj
def list_units(program: Program, *, as_json: bool) -> None:
    """List the units as a tree. Example: lontara-server unit list --json"""
    with transaction(program.engine) as connection:
        tree = units.unit_tree(connection, program.org_id, program.now_ms())
    if as_json:
        print_json(tree)
        return
    headings = (("Unit", "Unit"), ("Kode", "Code"), ("Pegawai", "People"), ("Dengan bawahannya", "With those below"))
    program.table(headings, list(_rows(tree, 0)))


def _rows(tree: Sequence[dict[str, Any]], depth: int) -> Iterator[list[Any]]:
    for each in tree:
        yield ["  " * depth + each["name"], each["code"], each["people"], each["people_with_below"]]
        yield from _rows(each["children"], depth + 1)
