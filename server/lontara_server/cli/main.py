"""The program `lontara-server`: its options and its commands, which live in modules of their own."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

import click
from platformdirs import user_data_path

from lontara_server.cli.program import ProblemGroup, Program
from lontara_server.config import Language


@click.group(cls=ProblemGroup)
@click.option(
    "--data-dir", envvar=["LONTARA_SERVER_DATA_DIR", "LONTARA_DATA_DIR"], type=click.Path(path_type=Path),
    help="The server's files. Environment: LONTARA_SERVER_DATA_DIR; LONTARA_DATA_DIR is the device's and only taken "
    "where that is not set.",
)  # fmt: skip
@click.option("--database-url", envvar="LONTARA_DATABASE_URL", help="Default: SQLite in the data directory.")
@click.option("--org", "org_code", envvar="LONTARA_ORG", metavar="CODE", help="The org that is meant.")
@click.option("--lang", "language", envvar="LONTARA_LANG", type=click.Choice(["id", "en"]), default="id")
@click.option("--as", "login", envvar="LONTARA_AS", default="operator", help="Your own name, for the audit trail.")
@click.version_option(package_name="lontara")
@click.pass_context
def main(
    context: click.Context,
    data_dir: Path | None,
    database_url: str | None,
    org_code: str | None,
    language: Language,
    login: str,
) -> None:
    """Server Lontara: menerima catatan kegiatan dan menghitung nilai (receives activity entries, computes scores).

    Example: lontara-server --data-dir DIR init --org WAJO --name "Kabupaten Wajo" --admin admin
    """
    context.obj = Program(data_dir or user_data_path("lontara-server"), database_url, org_code, language, login)


# Where the commands live, by module.
COMMANDS: Final = {
    "allowance": ("allowance",),
    # Its two parts meet there.
    "attendance_days": ("attendance",),
    "backup": ("backup", "restore"),
    "behaviour": ("absorption", "behaviour", "mark"),
    "calendar": ("calendar", "holiday"),
    "conflict": ("conflict",),
    "device": ("device",),
    "employee": ("employee", "supervisor"),
    "evidence": ("verify",),
    "exports": ("export",),
    "mapping": ("mapping",),
    "moving": ("copy-to",),
    "objection": ("objection",),
    "period": ("period",),
    "plan": ("plan",),
    "policy": ("policy",),
    "quarantine": ("quarantine",),
    "recompute": ("recompute",),
    "review": ("review",),
    "run": ("run",),
    "score": ("score",),
    "setting_up": ("init", "migrate", "org", "status"),
    "unit": ("unit",),
    "user": ("user",),
    "worker": ("worker",),
    "workload": ("workload",),
}
for module, names in COMMANDS.items():
    for name in names:
        main.add_later(name, f"lontara_server.cli.{module}:{name.replace('-', '_')}")

# Commands of packages that build on both sides, which the server itself must not know: the demo is one.
for extra in entry_points(group="lontara_server.commands"):
    main.add_later(extra.name, extra.value)
