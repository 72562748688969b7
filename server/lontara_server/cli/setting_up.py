"""`lontara-server init`, `org`, `migrate` and `status`: the server itself and its orgs."""

from __future__ import annotations

import secrets
from typing import Any, Final

import click

from lontara_server.cli.program import Program, print_json
from lontara_server.cli.tables import Heading
from lontara_server.config import SECRET_BYTES, prepare_data_dir, protect_database
from lontara_server.services import accounts, orgs, score_checks
from lontara_server.services.backups import backup_state
from lontara_server.storage.engine import transaction
from lontara_server.storage.schema import upgrade
from lontara_server.storage.sharding import distribute, distribution_steps

_STATUS: Final[dict[str, Heading]] = {
    "org": ("Organisasi", "Org"),
    "employees": ("Pegawai", "Employees"),
    "devices": ("Perangkat", "Devices"),
    "entries": ("Catatan", "Entries"),
    "open_conflicts": ("Konflik terbuka", "Open conflicts"),
    "rejected": ("Ditolak", "Rejected"),
    "parked": ("Menunggu yang lain", "Parked"),
    "scores_waiting": ("Nilai menunggu hitungan", "Scores waiting"),
}


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
    protect_database(program.data_dir, program.given_database_url)
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


@org.command("list")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_orgs(program: Program, *, as_json: bool) -> None:
    """List the orgs of this server. Example: lontara-server org list --json"""
    with transaction(program.engine) as connection:
        rows = [{"code": row.code, "name": row.name, "time_zone": row.time_zone} for row in orgs.orgs_of_server(connection)]
    if as_json:
        print_json(rows)
        return
    headings = (("Kode", "Code"), ("Nama", "Name"), ("Zona waktu", "Time zone"))
    program.table(headings, [(row["code"], row["name"], row["time_zone"]) for row in rows])


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
        shown: dict[str, Any] = {
            "server_id": me.server_id, "org": made.code, "admin": admin, "time_zone": made.time_zone,
        }  # fmt: skip
        print_json(shown if password else shown | {"password": chosen})
        return
    program.say(f"Organisasi {made.code} siap; admin: {admin}.", f"Org {made.code} is ready; admin: {admin}.")
    program.say(f"Zona waktu: {made.time_zone}", f"Time zone: {made.time_zone}")
    program.say(f"Data: {program.data_dir}", f"Data: {program.data_dir}")
    if not password:
        program.say(
            f"Kata sandi (hanya ditampilkan sekali): {chosen}", f"Password (shown this once): {chosen}"
        )  # fmt: skip


@click.command()
@click.option("--citus", is_flag=True, help="Print the SQL that spreads the tables over a Citus cluster by org.")
@click.option("--apply", "applies", is_flag=True, help="With --citus: bring the database up to date and carry it out.")
@click.pass_obj
def migrate(program: Program, *, citus: bool, applies: bool) -> None:
    """Bring the database up to date after an update. Example: lontara-server migrate"""
    if applies and not citus:
        raise click.UsageError("--apply belongs to --citus")
    if citus and not applies:
        for step in distribution_steps():
            click.echo(f"{step};")
        return
    protect_database(program.data_dir, program.given_database_url)
    revision = upgrade(program.unchecked_engine)
    if citus:
        with transaction(program.unchecked_engine) as connection:
            distribute(connection)
        program.say("Semua tabel sudah tersebar menurut organisasi.", "All tables are spread by org.")
    program.say(f"Basis data sudah pada revisi {revision}.", f"The database is at revision {revision}.")


@click.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def status(program: Program, *, as_json: bool) -> None:
    """What the server holds and what waits. Example: lontara-server status --json"""
    with transaction(program.engine) as connection:
        document = {**orgs.status(connection), **backup_state(connection, program.now_ms())}
        checks = score_checks.told_in_status(connection)
        document["orgs"] = [
            {**row, "last_check": checks[each.org_id]}
            for row, each in zip(document["orgs"], orgs.orgs_of_server(connection), strict=True)
        ]
    if as_json:
        print_json(document)
        return
    program.say(f"Server {document['server_id']}, epos {document['epoch']}",
                f"Server {document['server_id']}, epoch {document['epoch']}")  # fmt: skip
    program.table(tuple(_STATUS.values()), [[row[name] for name in _STATUS] for row in document["orgs"]])
    for row in document["orgs"]:
        _tell_check(program, row["org"], row["last_check"])
    if document["backup_missing"]:
        program.say(
            f"PERINGATAN: cadangan terakhir: {document['last_backup_at'] or 'belum ada'}. Selama itu perangkat menyimpan "
            "semua operasinya. Jadwalkan `lontara-server backup FOLDER` setiap malam.",
            f"WARNING: last backup: {document['last_backup_at'] or 'none yet'}. Until there is one, devices keep all "
            "their operations. Schedule `lontara-server backup FOLDER` for every night.",
        )


def _tell_check(program: Program, org: str, check: dict[str, Any] | None) -> None:
    """What the last nightly verification found, where somebody has to know it."""
    if check is None:
        return
    wrong = check["differ"] + check["years_differ"]
    if wrong:
        program.say(
            f"PERINGATAN: {org}: {wrong} nilai tersimpan tidak sama dengan hitungan ulang ({check['slot']}). "
            "`lontara-server recompute --check` menyebutkannya.",
            f"WARNING: {org}: {wrong} stored scores are not what they are from scratch ({check['slot']}). "
            "`lontara-server recompute --check` names them.",
        )
    if check["drifted"]:
        program.say(
            f"{org}: {check['drifted']} nilai terbit akan berbeda bila bulannya dibuka. `lontara-server score drift`.",
            f"{org}: {check['drifted']} published scores would be others if their month were opened. "
            "`lontara-server score drift`.",
        )
