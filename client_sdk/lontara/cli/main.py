"""The program `lontara`: its options, and the commands for the device itself. Entries and sync have modules of their own."""

from __future__ import annotations

import platform
import shutil
from pathlib import Path

import click
from platformdirs import user_data_path

from lontara.cli.attention import attention, conflict, correct
from lontara.cli.entries import add, copy, delete, edit, import_, list_, restore, show, submit
from lontara.cli.output import FAILED, Session, answers_problems, print_json, print_table
from lontara.cli.program import Commands
from lontara.cli.review import review
from lontara.cli.scores import score
from lontara.cli.syncing import status, sync
from lontara.cli.targets import targets
from lontara_core.canonical import Json
from lontara_core.problems import WORDS


@click.group(cls=Commands)
@click.option("--data-dir", envvar="LONTARA_DATA_DIR", type=click.Path(path_type=Path), help="Where the store is.")
@click.option("--pin", envvar="LONTARA_PIN", help="PIN of the store (better: the environment variable LONTARA_PIN).")
@click.option("--lang", "language", envvar="LONTARA_LANG", type=click.Choice(["id", "en"]), default="id")
@click.version_option(package_name="lontara")
@click.pass_context
def main(context: click.Context, data_dir: Path | None, pin: str | None, language: str) -> None:
    """Catatan kegiatan harian, juga tanpa sinyal (daily activity log, also without a signal).

    Example: lontara add --date 2026-01-05 --start 08:00 --end 09:30 --title "Penyuluhan padi"
    """
    context.obj = Session(data_dir or user_data_path("lontara"), pin, language)


@main.command()
@click.argument("url")
@click.option("--code", required=True, help="One-time code from the admin.")
@click.option("--server-key", help="The server's key, where it is known beforehand.")
@click.option("--name", help="What admins call this device; else the machine's own name.")
@click.option("--insecure-lan", is_flag=True, help="Allow plain http inside a closed network.")
@click.option("--yes", is_flag=True, help="Do not ask back where the device is enrolled already.")
@click.pass_obj
@answers_problems
def enrol(
    session: Session, url: str, code: str, server_key: str | None, name: str | None, *, insecure_lan: bool, yes: bool
) -> None:
    """Enrol this device. Example: lontara enrol https://lontara.example.id --code P6Z4-XSW7-1 --name "laptop Ambo" """
    client = session.client_to_enrol()
    session.is_new = not client.store.setting("device")
    found = client.status()
    if found["enrolled"] and not found["forked"] and not found["log_gap"]:
        session.confirm(session.text("enrol_again", name=client.store.setting("full_name")), yes=yes)
    client.enrol(url, code, server_key=server_key, name=name, insecure_lan=insecure_lan)
    click.echo(f"{session.text('enrolled')} {client.store.setting('full_name')}")
    if name is None:
        click.echo(session.text("name_hint", name=platform.node() or "laptop"))
    if insecure_lan:
        click.echo(session.text("insecure"), err=True)


@main.group()
def pin() -> None:
    """The PIN of the store."""


@pin.command("change")
@click.option("--new-pin", envvar="LONTARA_NEW_PIN", help="Better: the environment variable LONTARA_NEW_PIN.")
@click.pass_obj
@answers_problems
def pin_change(session: Session, new_pin: str | None) -> None:
    """Change the PIN; the new one is asked for twice. Example: lontara pin change"""
    client = session.client()
    client.store.change_pin(new_pin or session.new_pin())
    click.echo(session.text("pin_changed"))


@main.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def verify(session: Session, *, as_json: bool) -> int:
    """Check the store's file and the chain of every operation. Example: lontara verify"""
    faults = session.client().verify()
    if as_json:
        print_json({"faults": faults})
    else:
        click.echo("\n".join(faults) or session.text("intact"))
    return FAILED if faults else 0


@main.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def doctor(session: Session, *, as_json: bool) -> int:
    """Look at clock, disk, store and link in plain words. Example: lontara doctor"""
    client = session.client()
    offset = client.store.setting("server_offset")
    report = client.sync() if client.status()["enrolled"] else None
    found = {
        "store": "ok" if not client.verify() else "damaged",
        "disk_free_mb": shutil.disk_usage(session.data_dir).free // 1_000_000,
        "clock_offset_seconds": None if offset is None else round(offset / 1000),
        "link": "not_enrolled" if report is None else "ok" if report.problem is None else report.problem.code,
    }
    if as_json:
        print_json(found)
    else:
        rows = [(session.label(name), _found(session, name, value)) for name, value in found.items()]
        print_table(("", ""), rows, whole=(0,))
    return 0 if found["store"] == "ok" else FAILED


def _found(session: Session, name: str, value: Json) -> str:
    if value is None:
        return session.label("not_yet")
    if name == "link" and value in WORDS:
        return session.words(value)
    return session.label(str(value))


for command in (add, submit, edit, delete, restore, copy, import_, list_, show, status, sync, attention, correct,
                conflict, review, score, targets):  # fmt: skip
    main.add_command(command)
