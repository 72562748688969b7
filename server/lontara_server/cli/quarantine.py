"""`lontara-server quarantine`: what came from devices that may not write, and what becomes of it."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Column, Table

from lontara_core.canonical import Json
from lontara_server.cli.program import Program, print_json
from lontara_server.services import quarantine as service
from lontara_server.storage.engine import transaction


@click.group()
def quarantine() -> None:
    """Work of revoked and copied devices, kept until a person decides."""


@quarantine.command("list")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_(program: Program, *, as_json: bool) -> None:
    """List what was set aside, decided or not. Example: lontara-server quarantine list --json"""
    with transaction(program.engine) as connection:
        found = service.list_quarantine(connection, program.org_id)
    if as_json:
        print_json(found)
        return
    table = Table(Column("ID", no_wrap=True), "Nama", "Perangkat", "Sebab", "Operasi", "Keadaan", "Keputusan")
    for each in found:
        table.add_row(
            each["id"], each["full_name"] or "", each["device"], each["reason"], str(each["operation_count"]),
            each["state"], each["decided_reason"] or "",
        )  # fmt: skip
    Console().print(table)


@quarantine.command()
@click.argument("quarantine_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show(program: Program, quarantine_id: str, *, as_json: bool) -> None:
    """Show what was written in it. Example: lontara-server quarantine show ID --json"""
    with transaction(program.engine) as connection:
        document = service.show_quarantine(connection, program.org_id, quarantine_id)
    if as_json:
        print_json(document)
        return
    table = Table("No.", "Jenis", "Waktu", "Isi", title=f"{document['full_name']} · {document['state']}")
    for each in document["operations"]:
        fields = each.get("fields", {"": each.get("text")})
        shown = "\n".join(f"{name}: {value}" for name, value in fields.items())
        table.add_row(str(each["seq"]), each.get("kind", ""), each.get("at", ""), shown)
    Console().print(table)


@quarantine.command()
@click.argument("quarantine_id", metavar="ID")
@click.option("--reason", required=True, help="Why it may count.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def accept(program: Program, quarantine_id: str, reason: str, *, as_json: bool) -> None:
    """Let the work count as its author's, once. Example: lontara-server quarantine accept ID --reason "sudah dicek" """
    with transaction(program.engine) as connection:
        document = service.accept(
            connection, program.org_id, quarantine_id, reason=reason, by=program.login, now_ms=program.now_ms()
        )
    _told(program, document, as_json=as_json)


@quarantine.command()
@click.argument("quarantine_id", metavar="ID")
@click.option("--reason", required=True, help="Why it does not count.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def drop(program: Program, quarantine_id: str, reason: str, *, as_json: bool) -> None:
    """Leave the work without effect; it stays readable. Example: lontara-server quarantine drop ID --reason "curian" """
    with transaction(program.engine) as connection:
        document = service.drop(
            connection, program.org_id, quarantine_id, reason=reason, by=program.login, now_ms=program.now_ms()
        )
    _told(program, document, as_json=as_json)


def _told(program: Program, document: dict[str, Json], *, as_json: bool) -> None:
    if as_json:
        print_json(document)
        return
    program.say(
        "Keputusan tersimpan; isi kiriman tetap dapat dibaca.", "The decision is saved; the work itself stays readable."
    )
    for each in document.get("results", []):
        if each["verdict"] != "applied":
            click.echo(f"  {each['seq']}: {each['verdict']} {each['code'] or ''}")
