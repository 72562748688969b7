"""`lontara-server review`: what waits for a review, and a verdict on one entry as it was seen."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from lontara_server.cli.program import Program, print_json
from lontara_server.services import reviews
from lontara_server.storage.engine import transaction


@click.group()
def review() -> None:
    """Entries that wait for a supervisor."""


@review.command("list")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_(program: Program, *, as_json: bool) -> None:
    """List what waits, by date; each with the revision and hash that a verdict names."""
    with transaction(program.engine) as connection:
        waiting = reviews.list_for_review(connection, program.org_id, now_ms=program.now_ms())
    if as_json:
        print_json(waiting)
        return
    table = Table("ID", "Tanggal", "Kegiatan", "Revisi")
    for entry in waiting:
        table.add_row(entry["id"], entry["work_date"], entry["title"], str(entry["revision"]))
    Console().print(table)


def _verdict(program: Program, entry: str, verdict: str, revision: int, judged: str, note: str | None) -> None:
    with transaction(program.engine) as connection:
        document = reviews.review(
            connection, program.org_id, entry, verdict, revision=revision, judged=judged, by=program.login,
            now_ms=program.now_ms(), note=note,
        )  # fmt: skip
    print_json(document)


@review.command()
@click.argument("entry", metavar="ID")
@click.option("--revision", type=int, required=True, help="The revision that was judged.")
@click.option("--hash", "judged", required=True, help="The hash that `review list --json` printed.")
@click.pass_obj
def approve(program: Program, entry: str, *, revision: int, judged: str) -> None:
    """Approve an entry. Example: lontara-server review approve ID --revision 1 --hash HASH"""
    _verdict(program, entry, "approved", revision, judged, None)


@review.command("return")
@click.argument("entry", metavar="ID")
@click.option("--revision", type=int, required=True, help="The revision that was judged.")
@click.option("--hash", "judged", required=True, help="The hash that `review list --json` printed.")
@click.option("--note", required=True, help="What the worker reads.")
@click.pass_obj
def return_(program: Program, entry: str, *, revision: int, judged: str, note: str) -> None:
    """Send an entry back with a note. Example: lontara-server review return ID --revision 1 --hash HASH --note "isi jumlah" """
    _verdict(program, entry, "needs_revision", revision, judged, note)


@review.command()
@click.argument("entry", metavar="ID")
@click.option("--revision", type=int, required=True, help="The revision that was judged.")
@click.option("--hash", "judged", required=True, help="The hash that `review list --json` printed.")
@click.option("--reason", "note", required=True, help="What the worker reads.")
@click.pass_obj
def reject(program: Program, entry: str, *, revision: int, judged: str, note: str) -> None:
    """Reject an entry. Example: lontara-server review reject ID --revision 1 --hash HASH --reason "bukan tugas" """
    _verdict(program, entry, "rejected", revision, judged, note)
