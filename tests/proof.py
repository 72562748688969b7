"""The long runs, one after the other, and what they found in one file: `make proof`.

Each suite has a program of its own that says what it plays; here stands only how much of it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

TESTS: Final = Path(__file__).parent
SIZES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "short": {
        "simulation": ("--schedules", "200"),
        "crash": ("--power-cuts", "1000", "--client-kills", "40", "--server-kills", "8", "--byte-step", "11"),
        "healing": ("--runs", "4"),
        "hostile": ("--examples", "20"),
    },
    "full": {
        "simulation": ("--schedules", "3000"),
        "crash": ("--power-cuts", "10000", "--client-kills", "300", "--server-kills", "50"),
        "healing": ("--runs", "40"),
        "hostile": ("--examples", "100"),
    },
}


def main() -> int:
    """Run every suite, even after one has failed; 0 where each figure is reached and nothing was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", choices=sorted(SIZES))
    parser.add_argument("--json", type=Path, required=True, help="file for the figures")
    options = parser.parse_args()
    started, clock = datetime.now(UTC), time.monotonic()
    proofs, failed = [], []
    with tempfile.TemporaryDirectory(prefix="lontara-proof-") as folder:
        for suite, words in SIZES[options.size].items():
            print(f"== {suite}", flush=True)
            file = Path(folder) / f"{suite}.json"
            program = [sys.executable, str(TESTS / suite / "run.py"), *words, "--json", str(file)]
            if subprocess.run(program, check=False).returncode != 0:
                failed.append(suite)
            if file.exists():
                proofs.append({"suite": suite, **json.loads(file.read_text(encoding="utf-8"))})
    _write(options.json, options.size, started, round(time.monotonic() - clock, 1), proofs, failed)
    print("every figure reached" if not failed else "FAILED: " + ", ".join(failed))
    return 1 if failed else 0


def _write(
    path: Path, size: str, started: datetime, seconds: float, proofs: list[dict[str, Any]], failed: list[str]
) -> None:
    document = {
        "size": size,
        "commit": proofs[0]["commit"] if proofs else None,
        "machine": proofs[0]["machine"] if proofs else None,
        "started_at": started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seconds": seconds,
        "failed": failed,
        "suites": [{name: proof[name] for name in ("suite", "seconds", "figures")} for proof in proofs],
    }
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
