"""For all tests: programs that some of them drive, and one behaviour of hypothesis on slow machines.

Fixtures do not live here; each folder has its own.
"""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

# Programs that pip cannot bring, by the folder of the tests that need them.
PROGRAM_OF_FOLDER = {"browser": "chromium"}
IN_CI = os.environ.get("CI", "").lower() == "true"

# A slow machine is no failure, and a failure in CI must come again when it is looked into.
settings.register_profile("lontara", deadline=None, derandomize=IN_CI, print_blob=True)
settings.load_profile("lontara")


def missing_program(item: pytest.Item) -> str | None:
    inner = item.path.relative_to(Path(__file__).parent)
    program = PROGRAM_OF_FOLDER.get(inner.parts[0])
    return program if program and shutil.which(program) is None else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    program = missing_program(item)
    if program and IN_CI:
        pytest.fail(f"{program} is missing, and with CI=true no test may be skipped", pytrace=False)
    if program:
        pytest.skip(f"{program} is missing: apt-get install {program}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [
        report for report in terminalreporter.stats.get("skipped", []) if "is missing: apt-get" in str(report.longrepr)
    ]
    if skipped:
        terminalreporter.section("NOT TESTED", sep="!", red=True, bold=True)
        terminalreporter.write_line(
            f"{len(skipped)} tests did not run because a program is missing; the summary says which."
        )
