"""`lontara-server run`: serves the application with waitress, and the jobs beside it, until it is told to stop."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Final

import click
from waitress.server import create_server

from lontara_core.messages import BODY_BYTES_MAX
from lontara_core.problems import Problem
from lontara_server.app import create_app
from lontara_server.cli.program import Program
from lontara_server.jobs.scores import scores_in_background

THREADS: Final = 8
# Read whole before the application sees it, so it is bounded here too; the application's own answer says the limit.
READ_BYTES_MAX: Final = 4 * BODY_BYTES_MAX


@click.command()
@click.option("--bind", envvar="LONTARA_BIND", default="127.0.0.1:8080", show_default=True, metavar="HOST:PORT")
@click.pass_obj
def run(program: Program, bind: str) -> None:
    """Serve until stopped. Port 0 takes a free one. Example: lontara-server run --bind 127.0.0.1:8080"""
    host, port = _address(bind)
    app = create_app(program.config, engine=program.engine)
    try:
        server = create_server(
            app, host=host, port=port, threads=THREADS, max_request_body_size=READ_BYTES_MAX, ident="lontara"
        )
    except OSError as error:
        raise Problem(
            "address_unusable",
            f"The server cannot listen at {bind}: {error.strerror or error}. Nothing was changed.",
            {"bind": bind},
            "Name another port with --bind; port 0 takes a free one.",
        ) from error
    signal.signal(signal.SIGTERM, _stop)
    click.echo(f"http://{_shown(host)}:{server.effective_port}/")
    with scores_in_background(program.engine, program.now_ms):
        server.run()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    # waitress ends its loop and lets running requests finish when it sees this.
    raise KeyboardInterrupt


def _address(bind: str) -> tuple[str, int]:
    host, separator, port = bind.rpartition(":")
    if not separator or not port.isdecimal() or int(port) > 65535:
        raise click.BadParameter("HOST:PORT, for example 127.0.0.1:8080", param_hint="--bind")
    return host.strip("[]") or "127.0.0.1", int(port)


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
