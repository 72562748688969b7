"""A client against the server in memory, with a clock and chance that the test holds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from client.fake_server import FakeServer
from lontara import Client
from lontara.cli.main import main

PIN = "2468"


@dataclass
class HandClock:
    now: int = 1_770_000_000_000
    pauses: list[float] = field(default_factory=list)

    def wall_ms(self) -> int:
        self.now += 1
        return self.now

    def offset_minutes(self) -> int:
        return 480

    def mono_ms(self) -> int | None:
        return None

    def boot(self) -> str | None:
        return None

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def opened(server: FakeServer, clock: HandClock) -> Callable[[Path], Client]:
    return lambda folder: Client.open(folder, pin=PIN, clock=clock, chance=Random(7), transport=lambda url: server)


@pytest.fixture
def client(tmp_path: Path, opened: Callable[[Path], Client]) -> Client:
    client = opened(tmp_path / "gawai Bugis é")
    client.enrol("https://lontara.test", "KODE")
    return client


@pytest.fixture
def run(client: Client, opened: Callable[[Path], Client], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The command `lontara` on the store of `client`."""

    def run_command(*arguments: str) -> Result:
        with monkeypatch.context() as patch:
            patch.setattr("lontara.cli.output.Client", SimpleNamespace(open=lambda folder, pin: opened(folder)))
            return CliRunner().invoke(main, ["--data-dir", str(client.store.data_dir), "--pin", PIN, *arguments])

    return run_command
