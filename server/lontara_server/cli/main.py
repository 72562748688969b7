"""The program `lontara-server`: its options and its commands, which live in modules of their own."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import click
from platformdirs import user_data_path

from lontara_server.cli.allowance import allowance
from lontara_server.cli.attendance_days import attendance
from lontara_server.cli.backup import backup, restore
from lontara_server.cli.behaviour import absorption, behaviour, mark
from lontara_server.cli.calendar import calendar, holiday
from lontara_server.cli.conflict import conflict
from lontara_server.cli.device import device
from lontara_server.cli.employee import employee, supervisor
from lontara_server.cli.evidence import verify
from lontara_server.cli.exports import export
from lontara_server.cli.mapping import mapping
from lontara_server.cli.moving import copy_to
from lontara_server.cli.objection import objection
from lontara_server.cli.period import period
from lontara_server.cli.plan import plan
from lontara_server.cli.policy import policy
from lontara_server.cli.program import ProblemGroup, Program
from lontara_server.cli.quarantine import quarantine
from lontara_server.cli.recompute import recompute
from lontara_server.cli.review import review
from lontara_server.cli.run import run
from lontara_server.cli.score import score
from lontara_server.cli.setting_up import init, migrate, org, status
from lontara_server.cli.unit import unit
from lontara_server.cli.user import user
from lontara_server.cli.worker import worker
from lontara_server.cli.workload import workload
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


COMMANDS = (
    *(init, org, user, run, worker, migrate, status, employee, supervisor, holiday),
    *(unit, mapping, allowance, calendar, attendance),
    *(plan, behaviour, mark, absorption, workload),
    *(device, quarantine, conflict, review, period, policy, score, objection, recompute),
    *(export, verify, backup, restore, copy_to),
)
for command in COMMANDS:
    main.add_command(command)

# Commands of packages that build on both sides, which the server itself must not know: the demo is one.
for extra in entry_points(group="lontara_server.commands"):
    main.add_command(extra.load())
