"""`lontara-server device`: enrolment codes, the list of devices, and taking access away and giving it back."""

from __future__ import annotations

from datetime import UTC, datetime

import click
import segno

from lontara_core.terms import named
from lontara_server.cli.program import Program, print_json
from lontara_server.cli.tables import ID
from lontara_server.services import devices
from lontara_server.services.device_names import names_apart
from lontara_server.services.short_ids import full_id
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
        f"Untuk {issued.full_name}; berlaku satu kali, 15 menit. Kode lain untuk orang ini yang belum dipakai tetap berlaku.",
        f"For {issued.full_name}; good once, for 15 minutes. Other unused codes of this person stay good.",
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
    headings = (
        ID, ("Pegawai", "Employee"), ("Nama perangkat", "Device"), ("Keadaan", "State"), ("Diterima", "Received"),
        ("Belum terkirim", "Unsent"), ("Terakhir tersambung", "Last seen"),
    )  # fmt: skip
    names = names_apart({row["id"]: row["name"] for row in rows})
    shown = [
        (row["id"], row["full_name"], names[row["id"]], named(program.language, "device", row["state"]), row["received_seq"],
         row["unsent_reported"], program.moment(row["last_seen_at"]))
        for row in rows
    ]  # fmt: skip
    program.table(headings, shown)


@device.command("revoke")
@click.argument("device_id", metavar="ID")
@click.pass_obj
def revoke(program: Program, device_id: str) -> None:
    """Take a device's access away; what it still sends waits for a decision. Example: lontara-server device revoke ID"""
    with transaction(program.engine) as connection:
        device_id = full_id(connection, program.org_id, "device", device_id)
        devices.revoke(connection, program.org_id, device_id, by=program.login, now_ms=program.now_ms())
    program.say(
        "Akses perangkat dicabut; tidak ada catatan yang dihapus. Yang masih dikirimnya menunggu di `quarantine list`.",
        "Revoked; no entry was deleted. What the device still sends waits in `quarantine list`.",
    )


@device.command("restore")
@click.argument("device_id", metavar="ID")
@click.pass_obj
def restore(program: Program, device_id: str) -> None:
    """Give a revoked device its access back. Example: lontara-server device restore ID"""
    with transaction(program.engine) as connection:
        device_id = full_id(connection, program.org_id, "device", device_id)
        devices.restore(connection, program.org_id, device_id, by=program.login, now_ms=program.now_ms())
    program.say("Akses perangkat dipulihkan.", "The device has its access back.")
