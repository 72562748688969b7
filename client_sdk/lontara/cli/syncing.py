"""Commands about delivery: how safe the work is, and sending it."""

from __future__ import annotations

import threading

import click
from rich.console import Console
from rich.progress import Progress

from lontara.cli.output import Session, answers_problems, exit_code, print_json, print_table, say_problem
from lontara.client import Client
from lontara.engine import SyncReport


@click.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@answers_problems
def status(session: Session, *, as_json: bool) -> None:
    """How safe the work is. Example: lontara status --json"""
    found = session.client().status()
    if as_json:
        print_json(found)
        return
    if found["enrolled"] or found["wiped_at"] is not None:
        _say_safety(session, found["unsent"], found["quarantined"], wiped=found["wiped_at"] is not None)
    else:
        click.echo(session.text("not_enrolled"))
    if found["forked"]:
        click.echo(session.text("forked"))
    if found["insecure_lan"]:
        click.echo(session.text("insecure"))
    print_table(("", ""), list(found.items()))


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
    _say(session, report, as_json=as_json)
    return exit_code(report, client)


def _with_progress(client: Client) -> SyncReport:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        total = client.status()["unsent"]
        task = progress.add_task("sync", total=total or None)
        return client.sync(lambda report: progress.update(task, completed=report.operations_up))


def _watch(session: Session, client: Client, seconds: float, *, as_json: bool) -> int:
    with client.watch(seconds=seconds, on_report=lambda report: _say(session, report, as_json=as_json)):
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


def _say_safety(session: Session, unsent: int, quarantined: int, *, wiped: bool) -> None:
    """First of all whether the work is safe, and where it lies."""
    if wiped:
        click.echo(session.text("wiped"))
        return
    if unsent or not quarantined:
        click.echo(session.text("some_unsent" if unsent else "all_received", unsent=unsent))
    if quarantined:
        click.echo(session.text("quarantined", quarantined=quarantined))


def _say(session: Session, report: SyncReport, *, as_json: bool) -> None:
    if as_json:
        print_json(report.as_json())
        return
    wiped = report.problem is not None and report.problem.code == "device_wiped"
    _say_safety(session, report.unsent, report.quarantined, wiped=wiped)
    if report.problem is not None and click.get_current_context(silent=True) is not None:
        say_problem(report.problem, as_json=False)
