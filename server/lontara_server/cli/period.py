"""`lontara-server period`: lock a month when its scores are published, and open it again."""

from __future__ import annotations

import click

from lontara_core.canonical import Json
from lontara_core.terms import named
from lontara_server.cli.program import Program, print_json
from lontara_server.services import periods
from lontara_server.storage.engine import transaction


@click.group()
def period() -> None:
    """Months whose scores are published."""


@period.command("list")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_(program: Program, *, as_json: bool) -> None:
    """List the months that were ever locked. Example: lontara-server period list --json"""
    with transaction(program.engine) as connection:
        found = periods.list_periods(connection, program.org_id)
    if as_json:
        print_json(found)
        return
    rows = [
        (each["month"], named(program.language, "period", each["state"]), program.moment(each["locked_at"]))
        for each in found
    ]  # fmt: skip
    program.table((("Bulan", "Month"), ("Keadaan", "State"), ("Dikunci", "Locked")), rows)


@period.command()
@click.argument("month", metavar="YYYY-MM")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def lock(program: Program, month: str, *, as_json: bool) -> None:
    """Lock a month; what arrives for it later asks an admin first. Example: lontara-server period lock 2026-10"""
    with transaction(program.engine) as connection:
        document = periods.lock_period(connection, program.org_id, month, by=program.login, now_ms=program.now_ms())
        found = periods.published(connection, program.org_id, month, program.now_ms())
    if as_json:
        print_json({**document, "scores": found.scores, "provisional": found.provisional,
                    "waiting_review": found.waiting_review})  # fmt: skip
        return
    _told(program, document, as_json=False)
    program.say(
        f"{found.scores} nilai terbit, {found.provisional} di antaranya sementara; "
        f"{found.waiting_review} catatan bulan itu masih menunggu tinjauan.",
        f"{found.scores} scores are published, {found.provisional} of them provisional; "
        f"{found.waiting_review} entries of the month still wait for a review.",
    )
    if not found.has_ended or found.provisional or found.waiting_review:
        program.say(
            f"Bila belum waktunya, buka lagi: lontara-server period unlock {month}.",
            f"If it is too early, open it again: lontara-server period unlock {month}.",
        )


@period.command()
@click.argument("month", metavar="YYYY-MM")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def unlock(program: Program, month: str, *, as_json: bool) -> None:
    """Open a month again. Example: lontara-server period unlock 2026-10"""
    with transaction(program.engine) as connection:
        document = periods.unlock_period(connection, program.org_id, month, by=program.login, now_ms=program.now_ms())
    _told(program, document, as_json=as_json)


def _told(program: Program, document: dict[str, Json], *, as_json: bool) -> None:
    if as_json:
        print_json(document)
    elif document["state"] == periods.LOCKED:
        program.say(
            f"{document['month']} dikunci. Catatan yang menyusul tetap disimpan dan ditanyakan kepada admin.",
            f"{document['month']} is locked. Entries that come later are kept and put before an admin.",
        )
    else:
        program.say(f"{document['month']} terbuka.", f"{document['month']} is open.")
