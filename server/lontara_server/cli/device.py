"""`lontara-server device`: enrolment codes, the list of devices, and taking access away and giving it back."""

from __future__ import annotations

from datetime import UTC, datetime

import click
import segno
from rich.console import Console
from rich.table import Table

from lontara_server.cli.program import Program, print_json
from lontara_server.services import devices
from lontara_server.storage.engine import transaction


@click.group()
def device() -> None:
    """Devices of the employees."""


@device.command("enrol-code")
@click.option("--nip", required=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def enrol_code(program: Program, nip: str, *, as_json: bool) -> None:
    """Make a code that enrols one device within 15 minutes.

    Example: lontara-server device enrol-code --nip 199103092015031005
    """
    secret = program.config.secret
    with transaction(program.engine) as connection:
        issued = devices.issue_code(connection, program.org_id, nip, by=program.login, secret=secret,
                                    now_ms=program.now_ms(), random_bytes=program.random_bytes)  # fmt: skip
    expires_at = datetime.fromtimestamp(issued.expires_at / 1000, UTC).isoformat(timespec="seconds")
    if as_json:
        print_json(
            {
                "code": issued.code,
                "nip": issued.nip,
                "full_name": issued.full_name,
                "expires_at": expires_at.replace("+00:00", "Z"),
            }
        )
        return
    click.echo(issued.code)
    program.say(
        f"Untuk {issued.full_name}; berlaku satu kali, 15 menit.", f"For {issued.full_name}; good once, for 15 minutes."
    )
    segno.make(issued.code, micro=False).terminal(compact=True)


@device.command("list")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_devices(program: Program, *, as_json: bool) -> None:
    """List the devices. Example: lontara-server device list --json"""
    with transaction(program.engine) as connection:
        rows = devices.list_devices(connection, program.org_id)
    if as_json:
        print_json(rows)
        return
    columns = ("id", "full_name", "name", "state", "received_seq", "unsent_reported", "last_seen_at")
    table = Table(*columns)
    for row in rows:
        table.add_row(*("-" if row[name] is None else str(row[name]) for name in columns))
    Console().print(table)


@device.command("revoke")
@click.argument("device_id", metavar="ID")
@click.pass_obj
def revoke(program: Program, device_id: str) -> None:
    """Take a device's access away; what it still sends waits for a decision. Example: lontara-server device revoke ID"""
    with transaction(program.engine) as connection:
        devices.revoke(connection, program.org_id, device_id, by=program.login, now_ms=program.now_ms())
    program.say("Akses perangkat dicabut; tidak ada catatan yang dihapus.", "Revoked; no entry was deleted.")


@device.command("restore")
@click.argument("device_id", metavar="ID")
@click.pass_obj
def restore(program: Program, device_id: str) -> None:
    """Give a revoked device its access back. Example: lontara-server device restore ID"""
    with transaction(program.engine) as connection:
        devices.restore(connection, program.org_id, device_id, by=program.login, now_ms=program.now_ms())
    program.say("Akses perangkat dipulihkan.", "The device has its access back.")
