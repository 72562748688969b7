"""`lontara-server policy`: the policies that ship, listed and shown. Needs no database."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from decimal import Decimal

import click
from rich.console import Console
from rich.table import Table

from lontara_server.services.policies import policy_named, shipped_policies


@click.group()
def policy() -> None:
    """Policies: the local numbers that scores are computed with."""


@policy.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_policies(*, as_json: bool) -> None:
    """List the policies. Example: lontara-server policy list --json"""
    rows = [
        {
            "policy_id": one.policy_id,
            "version": one.version,
            "title": asdict(one.title),
            "valid_from": one.valid_from.isoformat(),
            "valid_to": one.valid_to.isoformat() if one.valid_to else None,
        }
        for one in shipped_policies()
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table("policy_id", "version", "valid_from", "valid_to")
    for row in rows:
        table.add_row(*(str(row[key] or "-") for key in ("policy_id", "version", "valid_from", "valid_to")))
    Console().print(table)


@policy.command("show")
@click.argument("policy_id")
@click.option("--version", type=int, help="The newest where it is not given.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show_policy(policy_id: str, version: int | None, *, as_json: bool) -> None:
    """Show one policy. Example: lontara-server policy show generic-60-40"""
    content = json.loads(json.dumps(asdict(policy_named(policy_id, version)), default=_text))
    if as_json:
        click.echo(json.dumps(content, ensure_ascii=False))
        return
    for key, value in content.items():
        click.echo(f"{key}: {json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value}")


def _text(value: object) -> str:
    assert isinstance(value, date | Decimal)
    return str(value)
