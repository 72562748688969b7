"""`lontara-server` as it is, but its job that computes scores waits for a day between two runs.

The job runs every two seconds beside the requests and takes as long as there is to compute, so that of two uploads of a
second one would carry it and the other not. What it costs is measured by itself, in `writing`.
"""

from __future__ import annotations

from unittest.mock import patch

from lontara_server.cli.main import main

if __name__ == "__main__":
    with patch("lontara_server.jobs.background.SECONDS_BETWEEN_SCORES", 24 * 60 * 60):
        main()
