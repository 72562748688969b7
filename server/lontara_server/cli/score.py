"""`lontara-server score`: compute and show scores. Problems are raised; the program's root prints them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol

import click
from rich.console import Console
from rich.tree import Tree

from lontara_server.cli.tables import NIP, TIME, print_table
from lontara_server.jobs import scores as jobs
from lontara_server.performance.explanation import Node, node_from_document
from lontara_server.performance.wording import NO_VALUE, Language, number, reason_sentence, sentence
from lontara_server.services import scores, years
from lontara_server.storage.engine import transaction
from lontara_server.storage.scores import Engine


class OpenServer(Protocol):
    """What these commands take from the program's root, as the click context's object."""

    @property
    def engine(self) -> Engine: ...

    @property
    def org_id(self) -> int: ...

    @property
    def language(self) -> Language: ...

    def now_ms(self) -> int: ...


@click.group()
def score() -> None:
    """Scores with what they rest on."""


@score.command("compute")
@click.option("--period", required=True, metavar="YYYY-MM")
@click.option("--nip", help="Only this person; everybody where it is not given.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def compute(server: OpenServer, period: str, nip: str | None, *, as_json: bool) -> None:
    """Compute a month's scores and store them. In a locked month they rest on what they were published with.

    Example: lontara-server score compute --period 2026-10
    """
    if nip is None:
        computed = jobs.compute_month(server.engine, server.org_id, server.now_ms, period)
    else:
        with transaction(server.engine) as connection:
            employee = scores.employee_of(connection, server.org_id, nip)
            computed = len(scores.compute_period(connection, server.org_id, period, server.now_ms(), employee))
    if as_json:
        click.echo(json.dumps({"period": period, "computed": computed}))
    else:
        words = {"id": f"{computed} nilai dihitung untuk {period}.", "en": f"{computed} scores for {period}."}
        click.echo(words[server.language])


@score.command("show")
@click.option("--nip", required=True)
@click.option("--period", required=True, metavar="YYYY-MM")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def show(server: OpenServer, nip: str, period: str, *, as_json: bool) -> None:
    """Show a score and every row that it is made of, and the allowance (TPP) that it comes to.

    Example: lontara-server score show --nip 198803152010011007 --period 2026-10 --json
    """
    with transaction(server.engine) as connection:
        document = scores.show(connection, server.org_id, nip, period)
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _print_score(document, server.language)


@score.command("history")
@click.option("--nip", required=True)
@click.option("--period", required=True, metavar="YYYY-MM")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, each figure with its whole document.")
@click.pass_obj
def history(server: OpenServer, nip: str, period: str, *, as_json: bool) -> None:
    """Show each figure that a score has had, the newest first.

    Example: lontara-server score history --nip 198803152010011007 --period 2026-10
    """
    with transaction(server.engine) as connection:
        rows = scores.history(connection, server.org_id, nip, period)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    headings = (("Revisi", "Revision"), TIME, ("Nilai", "Score"), ("Bagian", "Parts"), ("TPP", "Allowance"),
                ("Kebijakan", "Policy"))  # fmt: skip
    none = NO_VALUE[server.language]
    shown = [
        (
            row["revision"], row["computed_at"][:16], " ".join(part for part in (row["value"] or none, row["rating"]) if part),
            _parts(row["parts"]), (row["allowance"] or {}).get("amount") or "",
            f"{row['policy']['policy_id']} {row['policy']['version']}",
        )
        for row in rows
    ]  # fmt: skip
    print_table(server.language, headings, shown)


def _parts(parts: Sequence[dict[str, Any]]) -> str:
    return ", ".join(f"{part['part']} {part['points'] or '-'}" for part in parts)


@score.command("drift")
@click.option("--period", metavar="YYYY-MM", help="Only this locked month; all of them where it is not given.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def drift(context: click.Context, period: str | None, *, as_json: bool) -> None:
    """Published scores of locked months that what is known now would change. Changes none of them.

    They change when the month is opened again (`period unlock`). Exit 4 where there are any.

    Example: lontara-server score drift --period 2026-10
    """
    server: OpenServer = context.obj
    with transaction(server.engine) as connection:
        found = scores.drift(connection, server.org_id, server.now_ms(), period)
    if as_json:
        click.echo(json.dumps([each.document() for each in found], ensure_ascii=False))
    else:
        words = {
            "id": f"{len(found)} nilai terbit akan berbeda bila bulannya dibuka. Tidak ada yang berubah.",
            "en": f"{len(found)} published scores would be others if their month were opened. Nothing was changed.",
        }
        click.echo(words[server.language])
        if found:
            headings = (NIP, ("Pegawai", "Employee"), ("Bulan", "Month"), ("Terbit", "Published"),
                        ("Sekarang", "By what is known now"), ("TPP", "Allowance"))  # fmt: skip
            none = NO_VALUE[server.language]
            rows = [
                (
                    each.nip, each.full_name, each.period, each.stored or none, each.fresh or none,
                    _allowances(each.allowance, each.fresh_allowance, server.language),
                )
                for each in found
            ]  # fmt: skip
            print_table(server.language, headings, rows)
    context.exit(4 if found else 0)


def _allowances(stored: str | None, fresh: str | None, language: Language) -> str:
    """`411.360 → 400.000 (−11.360)`; once where both are the same."""
    before, after = (None if each is None else Decimal(each) for each in (stored, fresh))
    told = [NO_VALUE[language] if each is None else number(each, language) for each in (before, after)]
    if before == after:
        return "–" if before is None else told[0]
    if before is None or after is None:
        return " → ".join(told)
    sign = "+" if after > before else ""
    return f"{' → '.join(told)} ({sign}{number(after - before, language)})"


@score.command("year")
@click.option("--year", type=int, required=True)
@click.option("--nip", required=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def year(server: OpenServer, year: int, nip: str, *, as_json: bool) -> None:
    """Rate a person's year from agreed plans and behaviour, store the rating and show what it is made of.

    Example: lontara-server score year --year 2026 --nip 198803152010011007
    """
    with transaction(server.engine) as connection:
        employee = scores.employee_of(connection, server.org_id, nip)
        document = {"nip": nip, **years.rate(connection, server.org_id, employee, year, server.now_ms())}
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _print_score(document, server.language)


def _print_score(document: dict[str, Any], language: Language) -> None:
    console = Console()
    console.print(_tree_of(node_from_document(document["explanation"]), language))
    if document.get("allowance"):
        console.print(_tree_of(node_from_document(document["allowance"]["explanation"]), language))
    for code in document["reasons"]:
        console.print(reason_sentence(code, language), markup=False)


def _tree_of(node: Node, language: Language) -> Tree:
    tree = Tree(sentence(node, language).replace("[", r"\["))
    for child in node.children:
        tree.add(_tree_of(child, language))
    return tree
