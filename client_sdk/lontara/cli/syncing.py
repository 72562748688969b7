"""Commands about delivery: how safe the work is, and sending it."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import click
from rich.console import Console
from rich.progress import Progress

from lontara.cli.output import Session, answers_problems, exit_code, print_json, print_table, say_problem
from lontara.client import Client
from lontara.engine import SyncReport
from lontara.revocation import quarantined_problem
from lontara_core.canonical import Json

_PLAIN = ("unsent_entries", "quarantined_entries", "drafts", "rejected", "parked", "conflicts", "last_success_at")
_MOMENTS = ("wiped_at", "last_success_at")


@click.command()
@click.option("--all", "shows_all", is_flag=True, help="Also ids and counts for the admin who helps.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def status(session: Session, *, shows_all: bool, as_json: bool) -> None:
    """How safe the work is. Example: lontara status --json"""
    client = session.client()
    found = client.status()
    if as_json:
        print_json(found)
        return
    _say_safety(session, client, found)
    if found["forked"]:
        click.echo(session.text("forked"))
    if found["insecure_lan"]:
        click.echo(session.text("insecure"))
    _say_hints(session, client)
    shown = {**found, **{name: session.moment(found[name], client) or None for name in _MOMENTS}}
    rows = [(session.label(name), _shown(session, name, value)) for name, value in shown.items() if shows_all or name in _PLAIN]
    print_table(("", ""), rows, whole=(0,))


def _shown(session: Session, name: str, value: Json) -> str:
    return session.label("not_yet") if value is None else session.shown(name, value)


@click.command()
@click.option("--once", is_flag=True, help="Send and read once (the default).")
@click.option("--watch", is_flag=True, help="Go on in the background until interrupted.")
@click.option("--every", "seconds", type=float, default=30.0, help="Seconds between two looks, with --watch.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def sync(session: Session, seconds: float, *, once: bool, watch: bool, as_json: bool) -> int:
    """Send what waits and read what is new. Example: lontara sync --once --json"""
    if once and watch:
        raise click.UsageError("--once and --watch exclude each other")
    client = session.client()
    if watch:
        return _watch(session, client, seconds, as_json=as_json)
    report = _with_progress(client)
    _say(session, client, report, as_json=as_json)
    return exit_code(report, client)


def _with_progress(client: Client) -> SyncReport:
    console = Console(stderr=True)
    if not console.is_terminal:
        return client.sync()
    with Progress(console=console, transient=True) as progress:
        total = client.status()["unsent"]
        task = progress.add_task("sync", total=total or None)
        return client.sync(lambda report: progress.update(task, completed=report.operations_up))


def _watch(session: Session, client: Client, seconds: float, *, as_json: bool) -> int:
    with client.watch(seconds=seconds, on_report=lambda report: _say(session, client, report, as_json=as_json, watches=True)):
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


def _say_safety(session: Session, client: Client, found: Mapping[str, Json], *, is_cut_off: bool = False) -> None:
    """First of all whether the work is safe, and where it lies."""
    if found["wiped_at"] is not None:
        click.echo(session.text("wiped"))
        return
    if not found["enrolled"]:
        click.echo(session.text("not_enrolled"))
        return
    if found["unsent_entries"]:
        waits = "some_unenrolled" if found["forked"] or found["log_gap"] else "some_unsent"
        click.echo(session.text(waits, n=found["unsent_entries"]))
    elif not found["quarantined_entries"]:
        click.echo(session.text("none_waits" if is_cut_off else "all_received"))
    if found["quarantined_entries"]:
        # Waiting for an admin, or decided.
        decided = quarantined_problem(client.store).code
        click.echo(session.text(decided, n=found["quarantined_entries"]))
    if found["drafts"]:
        click.echo(session.text("drafts", n=found["drafts"]))


def _say_hints(session: Session, client: Client) -> None:
    items = client.attention()
    deciding = sum(each.state in ("conflict", "deciding") and each.kind != "review" for each in items)
    if deciding:
        click.echo(session.text("deciding_hint", n=deciding))
    if items:
        click.echo(session.text("attention_hint", n=len(items)))
    elif client.decisions(unseen=True):
        click.echo(session.text("news_hint"))


def _say(session: Session, client: Client, report: SyncReport, *, as_json: bool, watches: bool = False) -> None:
    if as_json:
        print_json(report.as_json())
        return
    _say_safety(session, client, client.status(), is_cut_off=report.problem is not None)
    for decision in report.decisions:
        click.echo(decision.sentence(session.language))
    _say_hints(session, client)
    if report.problem is not None and click.get_current_context(silent=True) is not None:
        say_problem(report.problem, as_json=False, tries_again=watches)
