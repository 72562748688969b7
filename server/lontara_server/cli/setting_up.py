"""`lontara-server init`, `org`, `migrate` and `status`: the server itself and its orgs."""

from __future__ import annotations

import secrets
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from lontara_server.cli.program import Program, print_json
from lontara_server.config import SECRET_BYTES, prepare_data_dir
from lontara_server.services import accounts, orgs
from lontara_server.storage.engine import transaction
from lontara_server.storage.schema import upgrade


@click.command()
@click.option("--org", "code", required=True, metavar="CODE")
@click.option("--name", required=True)
@click.option("--admin", required=True, metavar="LOGIN")
@click.option("--time-zone", default=orgs.TIME_ZONE_DEFAULT, show_default=True)
@click.option("--password", envvar="LONTARA_ADMIN_PASSWORD", help="Better: the environment LONTARA_ADMIN_PASSWORD.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def init(
    program: Program, code: str, name: str, admin: str, time_zone: str, password: str | None, *, as_json: bool
) -> None:
    """Set a new server up, with its first org and admin.

    Example: lontara-server init --org WAJO --name "Kabupaten Wajo" --admin admin
    """
    prepare_data_dir(program.data_dir, program.random_bytes(SECRET_BYTES))
    upgrade(program.unchecked_engine)
    _create_org(program, code, name, admin, time_zone, password, as_json=as_json)


@click.group()
def org() -> None:
    """Orgs: one server may hold several."""


@org.command("create")
@click.argument("code")
@click.option("--name", required=True)
@click.option("--admin", required=True, metavar="LOGIN")
@click.option("--time-zone", default=orgs.TIME_ZONE_DEFAULT, show_default=True)
@click.option("--password", envvar="LONTARA_ADMIN_PASSWORD", help="Better: the environment LONTARA_ADMIN_PASSWORD.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def create_org(
    program: Program, code: str, name: str, admin: str, time_zone: str, password: str | None, *, as_json: bool
) -> None:
    """Make another org. Example: lontara-server org create BONE --name "Kabupaten Bone" --admin admin"""
    with transaction(program.engine) as connection:
        orgs.identity_of(connection)
    _create_org(program, code, name, admin, time_zone, password, as_json=as_json)


def _create_org(
    program: Program, code: str, name: str, admin: str, time_zone: str, password: str | None, *, as_json: bool
) -> None:
    chosen = password or secrets.token_urlsafe(12)
    now_ms, random_bytes = program.now_ms(), program.random_bytes
    with transaction(program.engine) as connection:
        me = orgs.init_server(connection, now_ms=now_ms, random_bytes=random_bytes)
        made = orgs.create_org(connection, code=code, name=name, time_zone=time_zone, by=program.login,
                               now_ms=now_ms, random_bytes=random_bytes)  # fmt: skip
        accounts.create_user(connection, made.org_id, login=admin, password=chosen, role="admin", by=program.login,
                             now_ms=now_ms)  # fmt: skip
    if as_json:
        shown: dict[str, Any] = {"server_id": me.server_id, "org": made.code, "admin": admin}
        print_json(shown if password else shown | {"password": chosen})
        return
    program.say(f"Organisasi {made.code} siap; admin: {admin}.", f"Org {made.code} is ready; admin: {admin}.")
    if not password:
        program.say(
            f"Kata sandi (hanya ditampilkan sekali): {chosen}", f"Password (shown this once): {chosen}"
        )  # fmt: skip


@click.command()
@click.pass_obj
def migrate(program: Program) -> None:
    """Bring the database up to date after an update. Example: lontara-server migrate"""
    revision = upgrade(program.unchecked_engine)
    program.say(f"Basis data sudah pada revisi {revision}.", f"The database is at revision {revision}.")


@click.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def status(program: Program, *, as_json: bool) -> None:
    """What the server holds and what waits. Example: lontara-server status --json"""
    with transaction(program.engine) as connection:
        document = orgs.status(connection)
    if as_json:
        print_json(document)
        return
    click.echo(f"server {document['server_id']}, epoch {document['epoch']}")
    columns = ("org", "employees", "devices", "entries", "open_conflicts", "rejected", "parked", "scores_waiting")
    table = Table(*columns)
    for row in document["orgs"]:
        table.add_row(*(str(row[name]) for name in columns))
    Console().print(table)
