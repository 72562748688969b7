"""`lontara-server policy`: the policies that ship, listed and shown. Needs no database."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

import click

from lontara_server.cli.program import Program
from lontara_server.services.policies import policy_named, shipped_policies


@click.group()
def policy() -> None:
    """Policies: the local numbers that scores are computed with."""


@policy.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_policies(program: Program, *, as_json: bool) -> None:
    """List the policies. Example: lontara-server policy list --json"""
    rows: list[dict[str, Any]] = [
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
    headings = (("Kebijakan", "Policy"), ("Versi", "Version"), ("Nama", "Title"), ("Berlaku mulai", "Valid from"),
                ("Sampai", "Until"))  # fmt: skip
    shown = [
        (row["policy_id"], row["version"], row["title"][program.language], row["valid_from"], row["valid_to"] or "-")
        for row in rows
    ]  # fmt: skip
    program.table(headings, shown)


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
