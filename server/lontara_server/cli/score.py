"""`lontara-server score`: compute and show scores. Problems are raised; the program's root prints them."""

from __future__ import annotations

import json
from typing import Any, Protocol

import click
from rich.console import Console
from rich.tree import Tree

from lontara_server.performance.explanation import Node, node_from_document
from lontara_server.performance.wording import Language, reason_sentence, sentence
from lontara_server.services import scores
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
    """Compute a month's scores and store them.

    Example: lontara-server score compute --period 2026-10
    """
    with transaction(server.engine) as connection:
        employee = None if nip is None else scores.employee_of(connection, server.org_id, nip)
        months = scores.compute_period(connection, server.org_id, period, server.now_ms(), employee)
    if as_json:
        click.echo(json.dumps({"period": period, "computed": len(months)}))
    else:
        words = {"id": f"{len(months)} nilai dihitung untuk {period}.", "en": f"{len(months)} scores for {period}."}
        click.echo(words[server.language])


@score.command("show")
@click.option("--nip", required=True)
@click.option("--period", required=True, metavar="YYYY-MM")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def show(server: OpenServer, nip: str, period: str, *, as_json: bool) -> None:
    """Show a score and every row that it is made of.

    Example: lontara-server score show --nip 198803152010011007 --period 2026-10 --json
    """
    with transaction(server.engine) as connection:
        document = scores.show(connection, server.org_id, nip, period)
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _print_score(document, server.language)


def _print_score(document: dict[str, Any], language: Language) -> None:
    console = Console()
    console.print(_tree_of(node_from_document(document["explanation"]), language))
    for code in document["reasons"]:
        console.print(reason_sentence(code, language), markup=False)


def _tree_of(node: Node, language: Language) -> Tree:
    tree = Tree(sentence(node, language).replace("[", r"\["))
    for child in node.children:
        tree.add(_tree_of(child, language))
    return tree
