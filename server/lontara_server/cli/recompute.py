"""`lontara-server recompute`: every score from scratch, to store it or to prove the stored ones."""

from __future__ import annotations

import json
import os

import click

from lontara_server.cli.score import OpenServer
from lontara_server.jobs import scores as jobs
from lontara_server.performance.wording import NO_VALUE, Language
from lontara_server.services import scores, years
from lontara_server.storage.engine import snapshot


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 where a stored score differs.")
@click.option("--period", metavar="YYYY-MM", help="Only this month; everything where it is not given.")
@click.option(
    "--processes", type=click.IntRange(1, 64), help="Share the work on PostgreSQL; one a core where it is not given."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def recompute(
    context: click.Context, period: str | None, processes: int | None, *, check: bool, as_json: bool
) -> None:  # fmt: skip
    """Compute every score from scratch. Locked months rest on what they were published with, beside their entries.

    With --check: exit 0 all equal, 1 some differ, 4 only scores differ that wait for their computation already.

    Example: lontara-server recompute --check
    """
    server: OpenServer = context.obj
    if not check:
        computed = jobs.recompute(
            server.engine, server.org_id, server.now_ms, period=period, processes=processes or os.cpu_count() or 1
        )
        words = {"id": f"{computed} nilai dihitung.", "en": f"{computed} scores computed."}
        click.echo(json.dumps({"computed": computed}) if as_json else words[server.language])
        return
    with snapshot(server.engine) as connection:
        proof = scores.check_stored(connection, server.org_id, server.now_ms(), period)
        wrong: tuple[years.YearDifference, ...] = ()
        if period is None:
            _, wrong = years.check_years(connection, server.org_id, server.now_ms())
    _print_proof(proof, wrong, server.language, as_json=as_json)
    if wrong or any(not difference.waiting for difference in proof.differences):
        context.exit(1)
    context.exit(4 if proof.differences else 0)


def _print_proof(
    proof: scores.Proof, wrong_years: tuple[years.YearDifference, ...], language: Language, *, as_json: bool
) -> None:
    if as_json:
        differences = [difference.document() for difference in proof.differences]
        years_wrong = [dict(vars(each)) for each in wrong_years]
        click.echo(json.dumps({"checked": proof.checked, "differences": differences, "years": years_wrong}))
        return
    every: list[scores.Difference | years.YearDifference] = [*proof.differences, *wrong_years]
    for each in every:
        waits = isinstance(each, scores.Difference) and each.waiting
        nip = each.nip if isinstance(each, scores.Difference) else None
        who = f"{nip or each.employee_id} {each.period}"
        stored, fresh = each.stored or NO_VALUE[language], each.fresh or NO_VALUE[language]
        words = {
            "id": f"{who}: tersimpan {stored}, dihitung ulang {fresh}{' (menunggu hitungan)' if waits else ''}",
            "en": f"{who}: stored {stored}, from scratch {fresh}{' (its computation waits)' if waits else ''}",
        }
        click.echo(words[language])
    count = len(proof.differences) + len(wrong_years)
    words = {"id": f"{proof.checked} nilai diperiksa, {count} berbeda.", "en": f"{proof.checked} checked, {count} differ."}
    click.echo(words[language])
