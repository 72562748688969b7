"""`lontara-server conflict`: see conflicts, decide them with a reason, take a decision back."""

from __future__ import annotations

from typing import Any

import click
from rich.console import Console
from rich.table import Column, Table

from lontara_core.problems import Problem
from lontara_server.cli.program import Program, print_json
from lontara_server.services import conflicts
from lontara_server.storage.engine import transaction


@click.group()
def conflict() -> None:
    """Conflicts that wait for a person, and what was decided."""


@conflict.command("list")
@click.option("--open", "only_open", is_flag=True, help="Only what still waits.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_(program: Program, *, only_open: bool, as_json: bool) -> None:
    """List conflicts, the newest first. Example: lontara-server conflict list --open --json"""
    with transaction(program.engine) as connection:
        found = conflicts.list_conflicts(connection, program.org_id, only_open=only_open)
    if as_json:
        print_json(found)
        return
    table = Table(Column("ID", no_wrap=True), "Jenis", "Jalur", "Keadaan", "Isian", "Dibuka")
    for each in found:
        table.add_row(
            each["id"], each["kind"], each["route"], each["state"], ", ".join(each["fields"]), each["opened_at"]
        )
    Console().print(table)


@conflict.command()
@click.argument("conflict_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show(program: Program, conflict_id: str, *, as_json: bool) -> None:
    """Show the versions side by side, with the history. Example: lontara-server conflict show ID --json"""
    with transaction(program.engine) as connection:
        document = conflicts.show_conflict(connection, program.org_id, conflict_id)
    if as_json:
        print_json(document)
        return
    table = Table("Isian", "Versi asal", "Server", "Perangkat", title=f"{document['kind']} · {document['state']}")
    for name, clash in document["fields"].items():
        candidates = "\n".join(f"{each['value']}  ({each['device']})" for each in clash["candidates"])
        table.add_row(name, str(clash["base"]), str(clash["server"]), candidates)
    Console().print(table)


@conflict.command()
@click.argument("conflict_id", metavar="ID")
@click.option("--keep", metavar="server|device|DEVICE", help="Whose values stand; DEVICE names one candidate.")
@click.option("--set", "values", multiple=True, metavar="FIELD=VALUE", help="A value of your own, once per field.")
@click.option("--keep-both", is_flag=True, help="Make a second entry of the device's values.")
@click.option("--merge-into", metavar="RECORD", help="The entry that stays; the others are voided.")
@click.option("--void", metavar="RECORD", help="The entry to void.")
@click.option("--reason", required=True, help="What the worker reads.")
@click.option("--seen", metavar="HASH", help="The `hash` that `show` printed; another state is refused.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def resolve(
    program: Program, conflict_id: str, *, keep: str | None, values: tuple[str, ...], keep_both: bool,
    merge_into: str | None, void: str | None, reason: str, seen: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Decide a conflict. Example: lontara-server conflict resolve ID --keep device --reason "sudah dicek" """
    wishes: list[dict[str, Any]] = []
    if keep == "server":
        wishes.append({"choice": "keep_server"})
    elif keep is not None:
        wishes.append({"choice": "keep_device", "candidate": None if keep == "device" else keep})
    if values:
        wishes.append({"choice": "values", "values": dict(map(_pair, values))})
    if keep_both:
        wishes.append({"choice": "keep_both"})
    if merge_into:
        wishes.append({"choice": "merge", "survivor": merge_into})
    if void:
        wishes.append({"choice": "void", "void": void})
    if len(wishes) != 1:
        raise click.UsageError("Say one of --keep, --set, --keep-both, --merge-into, --void.")
    with transaction(program.engine) as connection:
        document = conflicts.resolve_conflict(
            connection, program.org_id, conflict_id, reason=reason, by=program.login, now_ms=program.now_ms(),
            judged_hash=seen, **wishes[0],
        )  # fmt: skip
    _told(program, document, as_json=as_json)


@conflict.command()
@click.argument("conflict_id", metavar="ID")
@click.option("--reason", required=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def reopen(program: Program, conflict_id: str, *, reason: str, as_json: bool) -> None:
    """Take a decision back. Example: lontara-server conflict reopen ID --reason "salah orang" """
    with transaction(program.engine) as connection:
        document = conflicts.reopen_conflict(
            connection, program.org_id, conflict_id, reason=reason, by=program.login, now_ms=program.now_ms()
        )
    _told(program, document, as_json=as_json)


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise Problem("invalid_field", f"{text!r} is not FIELD=VALUE. Nothing was changed.", {}, "Write FIELD=VALUE.")
    return name, value


def _told(program: Program, document: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(document)
        return
    program.say(
        "Keputusan tersimpan; semua versi tetap ada di riwayat.", "The decision is saved; every version stays in the history."
    )
