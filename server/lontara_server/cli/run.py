"""`lontara-server run`: serves the application with waitress, and the jobs beside it, until it is told to stop."""

from __future__ import annotations

from contextlib import nullcontext

import click

from lontara_core.problems import Problem
from lontara_server.app import create_app
from lontara_server.cli.program import Program
from lontara_server.cli.serving import listen, serve, serve_in_processes
from lontara_server.jobs.background import jobs_in_background


@click.command()
@click.option("--bind", envvar="LONTARA_BIND", default="127.0.0.1:8080", show_default=True, metavar="HOST:PORT")
@click.option(
    "--processes", envvar="LONTARA_PROCESSES", default=1, show_default=True, type=click.IntRange(1, 64),
    help="Processes that serve; more than one needs PostgreSQL. One a core is a good number.",
)  # fmt: skip
@click.option("--without-jobs", is_flag=True, help="Leave scores and the other jobs to `worker`; needs PostgreSQL.")
@click.pass_obj
def run(program: Program, bind: str, processes: int, *, without_jobs: bool) -> None:
    """Serve until stopped. Port 0 takes a free one. Example: lontara-server run --bind 127.0.0.1:8080"""
    host, port = _address(bind)
    if (processes > 1 or without_jobs) and program.engine.dialect.name == "sqlite":
        raise Problem(
            "processes_need_postgresql",
            "SQLite is written by one process at a time. Nothing was changed.",
            {"processes": processes},
            "Leave --processes and --without-jobs out, or move to PostgreSQL with `lontara-server copy-to URL`.",
        )
    listening = listen(host, port)

    def work() -> None:
        app = create_app(program.config, engine=program.engine)
        with nullcontext() if without_jobs else jobs_in_background(program.engine, program.now_ms):
            serve(app, listening)

    # Before the first answer: whoever waits for this line finds the socket listening.
    click.echo(f"http://{_shown(host)}:{listening.getsockname()[1]}/")
    if processes == 1:
        work()
    else:
        program.engine.dispose()
        serve_in_processes(processes, work)


def _address(bind: str) -> tuple[str, int]:
    host, separator, port = bind.rpartition(":")
    if not separator or not port.isdecimal() or int(port) > 65535:
        raise click.BadParameter("HOST:PORT, for example 127.0.0.1:8080", param_hint="--bind")
    return host.strip("[]") or "127.0.0.1", int(port)


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
