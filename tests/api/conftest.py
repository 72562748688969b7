"""Fixtures of the API's tests: an office with its console, and browsers that are signed in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.console_office import Browser, ConsoleOffice, open_office
from engines.places import Place


@pytest.fixture
def console(tmp_path: Path, place: Place) -> Iterator[ConsoleOffice]:
    office = open_office(tmp_path, place)
    yield office
    office.database.dispose()


@pytest.fixture
def admin(console: ConsoleOffice) -> Browser:
    return console.browser("admin")


@pytest.fixture
def chief(console: ConsoleOffice) -> Browser:
    return console.browser("chief")
