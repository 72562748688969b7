"""`lontara-server quarantine`: what came from devices that may not write, and what becomes of it."""

from __future__ import annotations

import click

from lontara_core.canonical import Json
from lontara_core.terms import named
from lontara_core.value_words import label, value
from lontara_server.cli.program import Program, print_json
from lontara_server.cli.tables import ID
from lontara_server.services import quarantine as service
from lontara_server.services.short_ids import full_id
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
    if not found:
        program.say("Tidak ada yang disisihkan.", "Nothing was set aside.")
        return
    headings = (
        ID, ("Pegawai", "Employee"), ("Perangkat", "Device"), ("Sebab", "Cause"), ("Operasi", "Operations"),
        ("Keadaan", "State"), ("Alasan", "Reason"),
    )  # fmt: skip
    spoken = program.language
    rows = [
        (each["id"], each["full_name"], each["device_name"], named(spoken, "quarantine", each["reason"]),
         each["operation_count"], named(spoken, "quarantine", each["state"]), each["decided_reason"])
        for each in found
    ]  # fmt: skip
    program.table(headings, rows)


@quarantine.command()
@click.argument("quarantine_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show(program: Program, quarantine_id: str, *, as_json: bool) -> None:
    """Show what was written in it. Example: lontara-server quarantine show ID --json"""
    with transaction(program.engine) as connection:
        quarantine_id = full_id(connection, program.org_id, "quarantine", quarantine_id)
        document = service.show_quarantine(connection, program.org_id, quarantine_id)
    if as_json:
        print_json(document)
        return
    spoken = program.language
    rows = [
        (each["seq"], named(spoken, "operation", each.get("kind", "")), program.moment(each.get("at")),
         _content(each, spoken))
        for each in document["operations"]
    ]  # fmt: skip
    title = (
        f"{document['full_name']} · {document['device_name']} · {named(spoken, 'quarantine', document['state'])}"
    )  # fmt: skip
    program.table((("No.", "No."), ("Jenis", "Kind"), ("Waktu", "Time"), ("Isi", "Content")), rows, title=title)


def _content(operation: dict[str, Json], language: str) -> str:
    """What was written, field by field; of an operation whose form is refused, its text."""
    if "fields" not in operation:
        return str(operation.get("text"))
    fields: dict[str, Json] = operation["fields"]
    return "\n".join(f"{label((name,), language)}: {value(name, held, language)}" for name, held in fields.items())


@quarantine.command()
@click.argument("quarantine_id", metavar="ID")
@click.option("--reason", required=True, help="Why it may count.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def accept(program: Program, quarantine_id: str, reason: str, *, as_json: bool) -> None:
    """Let the work count as its author's, once. Example: lontara-server quarantine accept ID --reason "sudah dicek" """
    with transaction(program.engine) as connection:
        quarantine_id = full_id(connection, program.org_id, "quarantine", quarantine_id)
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
        quarantine_id = full_id(connection, program.org_id, "quarantine", quarantine_id)
        document = service.drop(
            connection, program.org_id, quarantine_id, reason=reason, by=program.login, now_ms=program.now_ms()
        )
    _told(program, document, as_json=as_json)


def _told(program: Program, document: dict[str, Json], *, as_json: bool) -> None:
    if as_json:
        print_json(document)
        return
    if document.get("already"):
        program.say(
            "Sudah diputuskan sebelumnya; tidak ada yang berubah.", "It was decided before; nothing was changed."
        )  # fmt: skip
        return
    program.say(
        "Keputusan tersimpan; isi kiriman tetap dapat dibaca.", "The decision is saved; the work itself stays readable."
    )
    for each in document.get("results", []):
        if each["verdict"] != "applied":
            click.echo(f"  {each['seq']}: {named(program.language, 'verdict', each['verdict'])} {each['code'] or ''}")
    program.say(
        "Perangkatnya diberi tahu saat tersambung lagi. Aksesnya sendiri tetap dicabut: `lontara-server device restore ID`.",
        "The device is told when it connects again. It has no access still: `lontara-server device restore ID`.",
    )
