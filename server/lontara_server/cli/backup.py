"""`lontara-server backup` and `restore`: a proven copy of the whole server, and the way back from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lontara_server.cli.program import Program, print_json
from lontara_server.services.backups import take_backup, verify_backup
from lontara_server.services.restoring import begin_epoch_in_place, restore_backup

ACTS_SHOWN = 20


class BackupGroup(click.Group):
    """`backup FILE` is short for `backup write FILE`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        named = args and (args[0] in self.commands or args[0] == "--help")
        return super().parse_args(ctx, args if named else ["write", *args])


@click.group(cls=BackupGroup)
def backup() -> None:
    """Copy the whole server into one file while it runs. Example: lontara-server backup /media/backup"""


@backup.command("write")
@click.argument("target", type=click.Path(path_type=Path), metavar="FILE|FOLDER")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def write(program: Program, target: Path, *, as_json: bool) -> None:
    """Write a backup, read it back, and let devices know. It holds the server's keys: keep it like them.

    Example: lontara-server backup /media/backup
    """
    secret = program.config.secret
    document = take_backup(program.engine, target, secret=secret, by=program.login, now_ms=program.now_ms(),
                           random_bytes=program.random_bytes)  # fmt: skip
    if as_json:
        print_json(document)
        return
    program.say(
        f"Cadangan utuh dan sudah dibaca ulang: {document['file']} ({document['bytes']} bita).",
        f"The backup is whole and was read back: {document['file']} ({document['bytes']} bytes).",
    )


@backup.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def verify(program: Program, file: Path, *, as_json: bool) -> None:
    """Read a backup whole and prove every part of it. Example: lontara-server backup verify lontara.backup"""
    document = verify_backup(file)
    if as_json:
        print_json(document)
        return
    program.say(
        f"Cadangan utuh: {document['operations']} operasi, diambil {document['taken_at']}.",
        f"The backup is whole: {document['operations']} operations, taken {document['taken_at']}.",
    )


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--in-place", is_flag=True, help="The database was put back by other means: prove it, begin a new epoch.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def restore(program: Program, file: Path | None, *, in_place: bool, as_json: bool) -> None:
    """Put a backup in the server's place. The server is stopped; what is replaced is kept aside.

    Devices offer again what the backup lacks. What was done in the console after it is lost, and named here.

    Example: lontara-server restore /media/backup/lontara-20260301T020000Z.backup
    """
    if in_place == (file is not None):
        raise click.UsageError("Name the FILE to restore, or --in-place.")
    by, now_ms, random_bytes = program.login, program.now_ms(), program.random_bytes
    if file is None:
        document = begin_epoch_in_place(program.engine, by=by, now_ms=now_ms, random_bytes=random_bytes)
    else:
        program.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        document = restore_backup(file, program.unchecked_engine, program.data_dir, by=by, now_ms=now_ms,
                                  random_bytes=random_bytes)  # fmt: skip
    if as_json:
        print_json(document)
        return
    _tell(program, document)


def _tell(program: Program, document: dict[str, Any]) -> None:
    program.say(
        f"Server pulih dengan {document['operations']} operasi; epoch baru {document['epoch']}. "
        "Perangkat menawarkan lagi sendiri apa yang ditulis setelah cadangan.",
        f"The server is restored with {document['operations']} operations; the new epoch is {document['epoch']}. "
        "Devices offer again by themselves what was written after the backup.",
    )
    if "gap" not in document:
        return
    gap = document["gap"]
    program.say(f"Data yang diganti disimpan di {document['replaced']}.", f"What was replaced lies in {document['replaced']}.")
    program.say(
        f"Yang dilakukan lewat konsol dan perintah dari {gap['from']} sampai {gap['to']} hilang:",
        f"What was done by console and commands from {gap['from']} to {gap['to']} is lost:",
    )
    if not gap["known"]:
        program.say("data lama tidak terbaca, jadi tidak dapat disebutkan.", "the old data cannot be read to name it.")
    for org in gap["orgs"]:
        for act in org["acts"][:ACTS_SHOWN]:
            click.echo(f"  {org['org']}  {act['at']}  {act['by']}  {act['action']}  {act['subject'] or ''}")
        for one in org["operations"]:
            click.echo(f"  {org['org']}  {one['by']}: {one['count']} x {one['kind']} {one['type']}")
        if len(org["acts"]) > ACTS_SHOWN:
            program.say("  selebihnya dengan --json", "  the rest with --json")
