"""`lontara-server copy-to`: the whole server into another database, from SQLite to PostgreSQL above all."""

from __future__ import annotations

import click
from rich.console import Console
from rich.progress import Progress

from lontara_server.cli.program import FAILED, Program, print_json
from lontara_server.services.moving import Moved, copy_server
from lontara_server.storage.engine import make_engine


@click.command("copy-to")
@click.argument("database_url", envvar="LONTARA_COPY_TO", metavar="DATABASE_URL")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def copy_to(context: click.Context, database_url: str, *, as_json: bool) -> None:
    """Copy everything into an empty database and prove the copy; stop the server before.

    The environment LONTARA_COPY_TO keeps a password out of the list of processes. Exit 1 where the log had faults
    already, which were copied as they are.

    Example: lontara-server copy-to postgresql://lontara@db.example/lontara
    """
    program: Program = context.obj
    target = make_engine(database_url)
    try:
        with Progress(console=Console(stderr=True), disable=as_json, transient=True) as progress:
            task = progress.add_task("copy", total=None)
            moved = copy_server(
                program.engine, target, lambda done, of: progress.update(task, completed=done, total=of)
            )
    finally:
        target.dispose()
    if as_json:
        print_json(moved.document())
    else:
        _tell(program, moved)
    context.exit(FAILED if moved.faults else 0)


def _tell(program: Program, moved: Moved) -> None:
    program.say(
        f"{moved.row_count} baris disalin dan dibandingkan; log dan feed diperiksa. Yang lama tidak berubah.",
        f"{moved.row_count} rows were copied and compared; logs and feed were checked. The old one is unchanged.",
    )
    for fault in moved.faults:
        click.echo(fault)
    program.say(
        "Selanjutnya: jalankan server dengan --database-url yang baru dan jangan pernah lagi dengan yang lama.",
        "Next: run the server with the new --database-url, and never again with the old one.",
    )
