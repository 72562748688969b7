"""A device of the simulation: the real SDK on a real encrypted store, whose process can die at any write or commit.

The store's key file is a real one whose Argon2id costs are the smallest there are (`cheap_keys`): it is opened
hundreds of times a minute, and how well it is stretched is no question of the protocol.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from lontara import Client
from lontara.store import Store
from lontara.transport import Transport
from lontara_core.canonical import Json

PIN = "2468"


class Crashed(Exception):
    """The device's process died: what was not committed is gone, and nobody was told anything."""


def cheap_keys() -> AbstractContextManager[Any]:
    """Key files made inside cost next to nothing to open; they carry their costs, so opening needs no patch."""
    return patch.multiple("lontara.keys", _TIME_COST=1, _MEMORY_KIB=8, _LANES=1)


class DeviceClock:
    """A device's clock: the world's time and how far off this device is, which a person or a battery may change."""

    def __init__(self, now_ms: Callable[[], int], pass_ms: Callable[[int], None], skew_ms: int) -> None:
        self._now_ms, self._pass_ms, self.skew_ms = now_ms, pass_ms, skew_ms
        self.boots, self._started = 1, 1_700_000_000_000

    def start_again(self) -> None:
        """Boot anew: the monotonic clock begins again."""
        self.boots, self._started = self.boots + 1, self._now_ms()

    def wall_ms(self) -> int:
        return self._now_ms() + self.skew_ms

    def offset_minutes(self) -> int:
        return 480

    def mono_ms(self) -> int | None:
        return self._now_ms() - self._started

    def boot(self) -> str | None:
        return f"boot-{self.boots}"

    def pause(self, seconds: float) -> None:
        self._pass_ms(int(seconds * 1000))


class FragileStore(Store):
    """The store as it is, but `writes_left` counts down to the write or commit at which the process dies."""

    writes_left: int | None = None
    on_commit: Callable[[], None] = staticmethod(lambda: None)

    def write(self, sql: str, *values: Json) -> None:
        self._wear()
        super().write(sql, *values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        outermost = not self._in_transaction
        with super().transaction():
            yield
            if outermost:
                self._wear()
        if outermost:
            self.on_commit()
            self._wear()

    def _wear(self) -> None:
        if self.writes_left is None:
            return
        self.writes_left -= 1
        if self.writes_left <= 0:
            raise Crashed


class Tablet:
    """One device with one person's store; `lives` counts how often its process was started."""

    def __init__(
        self, name: str, org: int, nip: str, folder: Path, clock: DeviceClock, chance: Random,
        link: Callable[[Tablet], Transport],
    ) -> None:  # fmt: skip
        self.name, self.org, self.nip, self.folder, self.clock = name, org, nip, folder, clock
        self.lives = 0
        self.on_commit: Callable[[Tablet], None] = lambda _tablet: None
        self._chance, self._link = chance, link
        self._open()

    def _open(self) -> None:
        self.store = FragileStore(self.folder, PIN)
        self.store.on_commit = lambda: self.on_commit(self)
        self.client = Client(
            self.store, clock=self.clock, chance=self._chance, transport=lambda _url: self._link(self)
        )  # fmt: skip
        self.lives += 1

    def restart(self) -> None:
        """Start the process again on the same files."""
        self.store.close()
        self._open()

    def close(self) -> None:
        self.store.close()

    def copy_to(self, folder: Path) -> None:
        """Copy the store's files, as somebody who copies a folder does."""
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("*-shm"))

    def put_back(self, folder: Path) -> None:
        """Take an earlier copy of the files for one's own."""
        self.store.close()
        shutil.rmtree(self.folder)
        shutil.copytree(folder, self.folder)
        self._open()

    @property
    def device(self) -> str:
        """The id of the present enrolment."""
        return str(self.store.setting("device"))

    @property
    def epoch(self) -> str:
        """The epoch of the server that the device knows of."""
        return str(self.store.setting("epoch"))

    @property
    def is_wiped(self) -> bool:
        """Whether the store has emptied itself."""
        return self.store.setting("wiped_at") is not None

    @property
    def is_stopped(self) -> bool:
        """Whether only a new enrolment helps."""
        return self.store.setting("forked_at") is not None or bool(self.store.setting("log_gap"))

    @property
    def units(self) -> list[str]:
        """The units that the person supervises, as far as the device knows."""
        scopes = [str(scope) for scope in self.store.setting("scopes") or ()]
        return [scope.removeprefix("unit:") for scope in scopes if scope.startswith("unit:")]

    def written(self) -> int:
        """How many operations this store has ever written, those among them that it let go."""
        return int(self.store.query("SELECT coalesce(max(position), 0) FROM operation")[0][0])

    def known(self, record_type: str) -> list[str]:
        """Records of this type that the person sees here."""
        found = self.store.query("SELECT id FROM row WHERE type = ? AND view IS NOT NULL ORDER BY id", record_type)
        return [str(row[0]) for row in found]
