"""`lontara-server worker`: the jobs alone, in processes of their own, beside servers that answer requests."""

from __future__ import annotations

import signal
from threading import Event

import click

from lontara_core.problems import Problem
from lontara_server.cli.program import Program
from lontara_server.cli.serving import serve_in_processes
from lontara_server.jobs.background import jobs_in_background


@click.command()
@click.option(
    "--processes", envvar="LONTARA_WORKER_PROCESSES", default=1, show_default=True, type=click.IntRange(1, 64),
    help="Several share the work; what one that dies has not finished, another does.",
)  # fmt: skip
@click.pass_obj
def worker(program: Program, processes: int) -> None:
    """Compute scores and run the other jobs until stopped. Any number may run at once, on any machine.

    Needs PostgreSQL: on SQLite `run` does this itself. Servers beside it may be started with `run --without-jobs`.

    Example: lontara-server worker --processes 2
    """
    if program.engine.dialect.name == "sqlite":
        raise Problem(
            "processes_need_postgresql",
            "SQLite is written by one process at a time. Nothing was changed.",
            {"processes": processes},
            "`lontara-server run` runs the jobs itself; move to PostgreSQL with `lontara-server copy-to URL`.",
        )

    def work() -> None:
        stopped = Event()
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: stopped.set())
        with jobs_in_background(program.engine, program.now_ms):
            stopped.wait()

    program.say("Pekerja berjalan.", "The worker runs.")
    if processes == 1:
        work()
    else:
        program.engine.dispose()
        serve_in_processes(processes, work)
