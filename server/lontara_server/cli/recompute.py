"""`lontara-server recompute`: every score from scratch, to store it or to prove the stored ones."""

from __future__ import annotations

import json

import click

from lontara_server.cli.score import OpenServer
from lontara_server.performance.wording import NO_VALUE, Language
from lontara_server.services import scores
from lontara_server.storage.engine import transaction


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 where a stored score differs.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def recompute(context: click.Context, *, check: bool, as_json: bool) -> None:
    """Compute every score from scratch.

    With --check: exit 0 all equal, 1 some differ, 4 only scores differ that wait for their computation already.

    Example: lontara-server recompute --check
    """
    server: OpenServer = context.obj
    with transaction(server.engine) as connection:
        if not check:
            computed = scores.recompute_all(connection, server.org_id, server.now_ms())
            words = {"id": f"{computed} nilai dihitung.", "en": f"{computed} scores computed."}
            click.echo(json.dumps({"computed": computed}) if as_json else words[server.language])
            return
        proof = scores.check_stored(connection, server.org_id, server.now_ms())
    _print_proof(proof, server.language, as_json=as_json)
    if any(not difference.waiting for difference in proof.differences):
        context.exit(1)
    context.exit(4 if proof.differences else 0)


def _print_proof(proof: scores.Proof, language: Language, *, as_json: bool) -> None:
    if as_json:
        differences = [difference.document() for difference in proof.differences]
        click.echo(json.dumps({"checked": proof.checked, "differences": differences}))
        return
    for each in proof.differences:
        who = f"{each.nip or each.employee_id} {each.period}"
        stored, fresh = each.stored or NO_VALUE[language], each.fresh or NO_VALUE[language]
        waits = each.waiting
        words = {
            "id": f"{who}: tersimpan {stored}, dihitung ulang {fresh}{' (menunggu hitungan)' if waits else ''}",
            "en": f"{who}: stored {stored}, from scratch {fresh}{' (its computation waits)' if waits else ''}",
        }
        click.echo(words[language])
    count = len(proof.differences)
    words = {"id": f"{proof.checked} nilai diperiksa, {count} berbeda.", "en": f"{proof.checked} checked, {count} differ."}
    click.echo(words[language])
