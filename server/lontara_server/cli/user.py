"""`lontara-server user`: who may sign in to the console."""

from __future__ import annotations

import secrets

import click

from lontara_server.cli.program import Program, print_json
from lontara_server.cli.tables import NIP
from lontara_server.services import accounts
from lontara_server.storage.engine import transaction


@click.group()
def user() -> None:
    """Accounts of the console."""


@user.command("create")
@click.argument("login")
@click.option("--role", required=True, type=click.Choice(accounts.ROLES))
@click.option("--unit", "unit_code", help="Sees this unit only.")
@click.option("--nip", help="Is this employee; a supervisor needs it.")
@click.option("--password", envvar="LONTARA_USER_PASSWORD", help="Better: the environment LONTARA_USER_PASSWORD.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def create(
    program: Program,
    login: str,
    role: str,
    unit_code: str | None,
    nip: str | None,
    password: str | None,
    *,
    as_json: bool,
) -> None:
    """Make an account. Example: lontara-server user create rahmatia --role supervisor --nip 197804122003122001"""
    chosen = password or secrets.token_urlsafe(12)
    with transaction(program.engine) as connection:
        accounts.create_user(connection, program.org_id, login=login, password=chosen, role=role, by=program.login,
                             now_ms=program.now_ms(), unit_code=unit_code, nip=nip)  # fmt: skip
    _tell(program, login, None if password else chosen, as_json=as_json)


@user.command("list")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_(program: Program, *, as_json: bool) -> None:
    """List the accounts. Example: lontara-server user list --json"""
    with transaction(program.engine) as connection:
        rows = accounts.list_accounts(connection, program.org_id)
    if as_json:
        print_json(rows)
        return
    headings = (("Nama masuk", "Login"), ("Peran", "Role"), ("Unit", "Unit"), NIP, ("Pegawai", "Employee"),
                ("Keadaan", "State"))  # fmt: skip
    open_, closed = program.word("terbuka", "open"), program.word("ditutup", "closed")
    program.table(headings, [
        (row["login"], row["role"], row["unit_code"], row["nip"], row["full_name"], open_ if row["active"] else closed)
        for row in rows
    ])  # fmt: skip


@user.command("passwd")
@click.argument("login")
@click.option("--password", envvar="LONTARA_USER_PASSWORD", help="Better: the environment LONTARA_USER_PASSWORD.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def passwd(program: Program, login: str, password: str | None, *, as_json: bool) -> None:
    """Give an account a new password; its sessions end. Example: lontara-server user passwd rahmatia"""
    chosen = password or secrets.token_urlsafe(12)
    with transaction(program.engine) as connection:
        accounts.change_password(connection, program.org_id, login, chosen, by=program.login, now_ms=program.now_ms())
    _tell(program, login, None if password else chosen, as_json=as_json)


@user.command("disable")
@click.argument("login")
@click.pass_obj
def disable(program: Program, login: str) -> None:
    """Close an account; its sessions end. Example: lontara-server user disable rahmatia"""
    _set_active(program, login, active=False)


@user.command("enable")
@click.argument("login")
@click.pass_obj
def enable(program: Program, login: str) -> None:
    """Open an account again. Example: lontara-server user enable rahmatia"""
    _set_active(program, login, active=True)


def _set_active(program: Program, login: str, *, active: bool) -> None:
    with transaction(program.engine) as connection:
        accounts.set_active(
            connection, program.org_id, login, active=active, by=program.login, now_ms=program.now_ms()
        )  # fmt: skip
    if active:
        program.say(f"Akun {login} dibuka.", f"Account {login} is open.")
    else:
        program.say(f"Akun {login} ditutup.", f"Account {login} is closed.")


def _tell(program: Program, login: str, shown_password: str | None, *, as_json: bool) -> None:
    if as_json:
        print_json({"login": login} | ({"password": shown_password} if shown_password else {}))
        return
    program.say(f"Akun {login} siap.", f"Account {login} is ready.")
    if shown_password:
        program.say(
            f"Kata sandi (hanya ditampilkan sekali): {shown_password}",
            f"Password (shown this once): {shown_password}",
        )
