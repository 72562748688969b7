"""`lontara-server verify`: proof that what is stored is what was signed."""

from __future__ import annotations

import click

from lontara_server.cli.program import FAILED, Program, print_json
from lontara_server.services.verification import verify_org
from lontara_server.storage.engine import transaction


@click.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def verify(context: click.Context, *, as_json: bool) -> None:
    """Replay every signed batch and the feed; exit 1 where something does not hold. Example: lontara-server verify"""
    program: Program = context.obj
    with transaction(program.engine) as connection:
        found = verify_org(connection, program.org_id)
    if as_json:
        print_json(found.document())
    else:
        program.say(
            f"{found.logs} log, {found.batches} kiriman, {found.operations} operasi, {found.feed_rows} baris feed "
            f"diperiksa: {'semuanya utuh' if not found.faults else f'{len(found.faults)} tidak cocok'}.",
            f"{found.logs} logs, {found.batches} batches, {found.operations} operations, {found.feed_rows} feed rows "
            f"checked: {'all of it holds' if not found.faults else f'{len(found.faults)} faults'}.",
        )
        for fault in found.faults:
            click.echo(fault)
    context.exit(FAILED if found.faults else 0)
