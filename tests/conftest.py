"""For all tests: programs that some of them drive, the two database engines, and one behaviour of hypothesis on slow
machines. Every other fixture lives in its own folder.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from engines.org_rule import faults_of
from engines.places import Place, PostgresPlace, SqlitePlace, postgres_place
from engines.postgres_cluster import PostgresCluster, find_programs
from engines.statements import recorded

# Programs that pip cannot bring, by the folder of the tests that need them; tests marked `postgresql` need that one.
PROGRAM_OF_FOLDER = {"browser": "chromium"}
IN_CI = os.environ.get("CI", "").lower() == "true"

# A slow machine is no failure, and a failure in CI must come again when it is looked into.
settings.register_profile("lontara", deadline=None, derandomize=IN_CI, print_blob=True)
settings.load_profile("lontara")


@pytest.fixture(scope="session")
def cluster() -> Iterator[PostgresCluster]:
    """A PostgreSQL of this test run's own, started by the first test that wants it."""
    cluster = PostgresCluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def postgres(cluster: PostgresCluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostgresPlace]:
    """Room for databases on PostgreSQL. Whatever the test makes the product say there has to keep the rule of the org."""
    with recorded(monkeypatch) as said, postgres_place(cluster) as place:
        yield place
    faults = [f"{fault}\n    {statement}" for statement in sorted(said) for fault in faults_of(statement)]
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Room for databases: the test runs once on each engine."""
    if request.param == "sqlite":
        return SqlitePlace(tmp_path)
    found = request.getfixturevalue("postgres")
    assert isinstance(found, PostgresPlace)
    return found


def missing_program(item: pytest.Item) -> str | None:
    if item.get_closest_marker("postgresql") and find_programs() is None:
        return "postgresql"
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
