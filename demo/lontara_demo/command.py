"""`lontara-server demo`: where the demo's data goes, and what the environment asks of it."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path

from lontara_demo.replay import main


def run() -> int:
    """Replay in a new folder below `build`; DEMO_DATA names a log to replay, DEMO_EXIT ends after the summary."""
    folder = next(place for number in count(1) if not (place := Path("build") / f"demo-{number}").exists())
    data = os.environ.get("DEMO_DATA")
    return main(folder=folder, source=Path(data) if data else None, stays=not os.environ.get("DEMO_EXIT"))
