"""`lontara-server demo`: where the demo's data goes, and what the environment asks of it."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path

import click

from lontara_demo.replay import main
from lontara_demo.source_files import files_beside
from lontara_server.cli.program import Program


@click.command()
@click.pass_obj
def demo(program: Program) -> None:
    """Show the main job in a new folder below `build`: an office offline, a bad link, conflicts, scores.

    DEMO_DATA names a log to replay; its punches lie beside it (`attendance` in the name where the log has `activity`),
    or DEMO_ATTENDANCE names them. DEMO_EXIT ends after the summary; --database-url names an empty database to use in
    place of SQLite in that folder. Example: DEMO_EXIT=1 lontara-server demo
    """
    folder = next(place for number in count(1) if not (place := Path("build") / f"demo-{number}").exists())
    data, punches = os.environ.get("DEMO_DATA"), os.environ.get("DEMO_ATTENDANCE")
    source = files_beside(Path(data), Path(punches) if punches else None) if data else None
    stays = not os.environ.get("DEMO_EXIT")
    raise SystemExit(
        main(
            folder=folder, source=source, stays=stays, language=program.language, database_url=program.given_database_url
        )
    )  # fmt: skip
