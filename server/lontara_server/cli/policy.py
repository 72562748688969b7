"""`lontara-server policy`: the policies of an org, listed, shown, checked, imported, tried and activated."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from lontara_server.cli.program import Program, print_json, read_text
from lontara_server.performance.wording import NO_VALUE
from lontara_server.services.orgs import org_named
from lontara_server.services.policies import policies_of
from lontara_server.services.policy_store import (
    activate,
    check_policy,
    import_policy,
    list_policies,
    policy_content,
)
from lontara_server.services.trial import Trial, try_policy
from lontara_server.storage.engine import transaction

_FILE = click.Path(path_type=Path)
_ROWS_SHOWN = 40


@click.group()
def policy() -> None:
    """Policies: the local numbers that scores are computed with."""


@policy.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_command(program: Program, *, as_json: bool) -> None:
    """List the policies and which of them hold now. Example: lontara-server policy list --json"""
    with transaction(program.engine) as connection:
        zone = ZoneInfo(org_named(connection, program.org_id).time_zone)
        today = datetime.fromtimestamp(program.now_ms() / 1000, zone).date()
        rows = list_policies(connection, program.org_id, today)
    if as_json:
        print_json(rows)
        return
    headings = (("Kebijakan", "Policy"), ("Versi", "Version"), ("Untuk", "Rates"), ("Nama", "Title"),
                ("Berlaku mulai", "Valid from"), ("Sampai", "Until"), ("Dipakai", "In use"))  # fmt: skip
    rates = {"month": program.word("bulan", "month"), "year": program.word("tahun", "year")}
    shown = [
        (
            row["policy_id"], row["version"], rates[row["rates"]], row["title"][program.language], row["valid_from"],
            row["valid_to"] or "-", _use(program, active=row["active"], since=row["activated_from"]),
        )
        for row in rows
    ]  # fmt: skip
    program.table(headings, shown)


def _use(program: Program, *, active: bool, since: Sequence[str]) -> str:
    months = ", ".join(sorted(since))
    start = program.word(f"mulai {months}", f"from {months}") if months else ""
    now = program.word("sekarang", "now") if active else ""
    return "; ".join(part for part in (now, start) if part)


@policy.command("show")
@click.argument("policy_id")
@click.option("--version", type=int, help="The newest where it is not given.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def show_command(program: Program, policy_id: str, version: int | None, *, as_json: bool) -> None:
    """Show one policy. Example: lontara-server policy show generic-60-40"""
    with transaction(program.engine) as connection:
        content = policy_content(policies_of(connection, program.org_id).named(policy_id, version))
    if as_json:
        print_json(content)
        return
    for key, value in content.items():
        click.echo(f"{key}: {json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value}")


@policy.command("check")
@click.argument("file", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def check_command(program: Program, file: Path, *, as_json: bool) -> None:
    """Read a policy's file and say what is wrong, with its line. Changes nothing.

    Example: lontara-server policy check kebijakan.yaml
    """
    found = check_policy(read_text(file), where=file.name)
    if as_json:
        print_json({"policy_id": found.policy_id, "version": found.version})
        return
    program.say(
        f"{found.policy_id} versi {found.version} dapat dipakai.",
        f"{found.policy_id} version {found.version} can be used.",
    )


@policy.command("import")
@click.argument("file", type=_FILE)
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def import_command(program: Program, file: Path, *, dry_run: bool, as_json: bool) -> None:
    """Add a policy to the org's. It counts only once it is activated.

    Example: lontara-server policy import kebijakan.yaml
    """
    text = read_text(file)
    with transaction(program.engine) as connection:
        saved = connection.begin_nested()
        found = import_policy(
            connection, program.org_id, text, where=file.name, by=program.login, now_ms=program.now_ms()
        )
        if dry_run:
            saved.rollback()
    if as_json:
        print_json({
            "policy_id": found.policy.policy_id, "version": found.policy.version, "new": found.is_new, "dry_run": dry_run,
        })  # fmt: skip
        return
    named = (found.policy.policy_id, found.policy.version)
    if not found.is_new:
        program.say("{} versi {} sudah ada; tidak ada yang berubah.".format(*named),
                    "{} version {} is there already; nothing was changed.".format(*named))  # fmt: skip
    elif dry_run:
        program.say("{} versi {} dapat diimpor. Belum ada yang berubah.".format(*named),
                    "{} version {} can be imported. Nothing was changed yet.".format(*named))  # fmt: skip
    else:
        program.say(
            "{0} versi {1} tersimpan, belum dipakai. Coba dulu: `policy try {0} --period YYYY-MM`.".format(*named),
            "{0} version {1} is stored and not in use yet. Try it: `policy try {0} --period YYYY-MM`.".format(*named),
        )


@policy.command("activate")
@click.argument("policy_id")
@click.option("--version", type=int, required=True)
@click.option("--from", "since", required=True, metavar="YYYY-MM", help="First month; of a year's policy, the year.")
@click.option("--reason", required=True, help="For example the decree's number.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def activate_command(
    program: Program, policy_id: str, version: int, since: str, reason: str, *, as_json: bool
) -> None:  # fmt: skip
    """Let a policy hold from a month on. Its scores are computed anew; those of locked months stay as they are.

    Example: lontara-server policy activate generic-60-40 --version 1 --from 2026-10 --reason "Perbup 12/2026"
    """
    with transaction(program.engine) as connection:
        done = activate(
            connection, program.org_id, policy_id, version, since, reason=reason, by=program.login,
            now_ms=program.now_ms(),
        )  # fmt: skip
    if as_json:
        print_json(done.document())
        return
    program.say(
        f"{policy_id} versi {version} berlaku mulai {done.valid_from}. {done.marked} nilai dihitung ulang.",
        f"{policy_id} version {version} holds from {done.valid_from} on. {done.marked} scores are computed anew.",
    )
    if done.kept:
        months = ", ".join(done.kept)
        program.say(
            f"Bulan yang terkunci tetap memakai kebijakan lamanya: {months}.",
            f"Locked months keep the policy that they were computed with: {months}.",
        )


@policy.command("try")
@click.argument("policy_id")
@click.option("--version", type=int, help="The newest where it is not given.")
@click.option("--period", required=True, metavar="YYYY-MM", help="A past month; for a year's policy, a year.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def try_command(program: Program, policy_id: str, version: int | None, period: str, *, as_json: bool) -> None:
    """What would change, and for whom, if this policy had held. Stores nothing.

    Example: lontara-server policy try sumedang-2023 --period 2026-10
    """
    with transaction(program.engine) as connection:
        tried = try_policy(connection, program.org_id, policy_id, version, period, program.now_ms())
    if as_json:
        print_json(tried.document())
        return
    changed = [row for row in tried.rows if row.changes]
    program.say(
        f"{len(changed)} dari {len(tried.rows)} pegawai akan bernilai lain. Tidak ada yang disimpan.",
        f"{len(changed)} of {len(tried.rows)} people would have another result. Nothing was stored.",
    )
    headings = (("NIP", "NIP"), ("Pegawai", "Employee"), ("Sekarang", "Now"), ("Dicoba", "Tried"),
                ("Selisih", "Difference"), ("TPP sekarang", "Allowance now"), ("TPP dicoba", "Allowance tried"))  # fmt: skip
    program.table(headings, [_trial_cells(program, row) for row in changed[:_ROWS_SHOWN]])
    if len(changed) > _ROWS_SHOWN:
        program.say(f"Semua ada dengan --json ({len(changed)}).", f"--json prints all {len(changed)}.")


def _trial_cells(program: Program, row: Trial) -> tuple[str, ...]:
    none = NO_VALUE[program.language]
    names = [
        "" if name is None else name.en if program.language == "en" else name.id
        for name in (row.rating_name, row.tried_rating_name)
    ]
    now = f"{row.value or none} {names[0]}".strip()
    then = f"{row.tried_value or none} {names[1]}".strip()
    return row.nip, row.full_name, now, then, row.difference or "", row.allowance or "", row.tried_allowance or ""
