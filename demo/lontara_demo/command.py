"""`lontara-server demo`: where the demo's data goes, and what the environment asks of it."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path

import click

from lontara_demo.replay import main


@click.command()
def demo() -> None:
    """Show the main job in a new folder below `build`: an office offline, a bad link, conflicts, scores.

    DEMO_DATA names a log to replay, DEMO_EXIT ends after the summary. Example: DEMO_EXIT=1 lontara-server demo
    """
    folder = next(place for number in count(1) if not (place := Path("build") / f"demo-{number}").exists())
    data = os.environ.get("DEMO_DATA")
    raise SystemExit(main(folder=folder, source=Path(data) if data else None, stays=not os.environ.get("DEMO_EXIT")))
