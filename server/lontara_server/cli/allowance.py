"""`lontara-server allowance`: what people's allowances (TPP) are counted from, imported and listed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import click

from lontara_core.fault_words import fault_line
from lontara_server.cli.employee import FAULTS_SHOWN, NEEDS_ATTENTION
from lontara_server.cli.program import Program, print_json, read_bytes
from lontara_server.cli.tables import NIP
from lontara_server.services import allowances
from lontara_server.services.import_runs import SourceFile
from lontara_server.storage.engine import transaction


@click.group()
def allowance() -> None:
    """Bases of allowances (TPP), in rupiah a month."""


@allowance.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--mapping", metavar="NAME", help="A saved mapping of columns; else they are known by their names.")
@click.option("--threshold", type=click.FloatRange(0, 100), default=float(allowances.THRESHOLD_PERCENT),
              show_default=True, help="Percent of the people whose base may fall by more than half.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would be written, with every fault.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def import_allowances(
    program: Program, file: Path, mapping: str | None, threshold: float, *, dry_run: bool, as_json: bool
) -> None:
    """Import a CSV or XLSX: nip, amount, valid_from. Without a day it holds from this month on. Twice changes nothing.

    Example: lontara-server allowance import tpp.xlsx --dry-run
    """
    source = SourceFile(read_bytes(file), file.name)
    with transaction(program.engine) as connection:
        done = allowances.import_allowances(
            connection, program.org_id, source, by=program.login, now_ms=program.now_ms(), mapping=mapping,
            dry_run=dry_run, threshold=Decimal(str(threshold)),
        )  # fmt: skip
    if as_json:
        print_json({**done.document(), "dry_run": dry_run})
    else:
        if dry_run:
            program.say("Uji coba: tidak ada yang ditulis.", "Dry run: nothing was written.")
        program.say(
            f"{done.rows} baris: {done.added} baru, {done.changed} berubah, {done.unchanged} tetap.",
            f"{done.rows} rows: {done.added} new, {done.changed} changed, {done.unchanged} unchanged.",
        )
        _tell_amounts(program, done)
        for fault in done.errors[:FAULTS_SHOWN]:
            click.echo(f"  {fault_line(fault.document(), program.language)}", err=True)
    if done.errors or (dry_run and done.is_over_threshold):
        click.get_current_context().exit(NEEDS_ATTENTION)


def _tell_amounts(program: Program, done: allowances.ImportedAllowances) -> None:
    before, after = f"{done.sum_before:,}", f"{done.sum_after:,}"
    program.say(
        f"Jumlah dasar semua pegawai: Rp {before} menjadi Rp {after}.".replace(",", "."),
        f"Sum of everybody's bases: Rp {before} becomes Rp {after}.",
    )
    if done.halved:
        named = ", ".join(done.halved[:FAULTS_SHOWN]) + (" …" if len(done.halved) > FAULTS_SHOWN else "")
        program.say(
            f"Dasar turun lebih dari separuh ({len(done.halved)} pegawai): {named}.",
            f"The base falls by more than half ({len(done.halved)} people): {named}.",
        )
    if done.is_over_threshold:
        program.say(
            f"Impor akan dihentikan: dasar {done.halved_percent}% pegawai turun lebih dari separuh, ambangnya "
            f"{done.threshold}%.",
            f"The import would be stopped: the base of {done.halved_percent}% of the people falls by more than half, "
            f"the threshold is {done.threshold}%.",
        )


@allowance.command("list")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_allowances(program: Program, *, as_json: bool) -> None:
    """List every base. Example: lontara-server allowance list --json"""
    with transaction(program.engine) as connection:
        rows = allowances.list_allowances(connection, program.org_id)
    if as_json:
        print_json(rows)
        return
    headings = (NIP, ("Nama", "Name"), ("Berlaku sejak", "From"), ("Rupiah sebulan", "Rupiah a month"))
    columns = ("nip", "full_name", "valid_from", "amount")
    program.table(headings, [[row[name] for name in columns] for row in rows])
