"""A device of the simulation: the real SDK on a real encrypted store, whose process can die at any write or commit.

The store's key file is a real one whose Argon2id costs are the smallest there are (`cheap_keys`): it is opened
hundreds of times a minute, and how well it is stretched is no question of the protocol.
"""

from __future__ import annotations

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
    """A device's clock: the world's time and how far off this device is."""

    def __init__(self, now_ms: Callable[[], int], pass_ms: Callable[[int], None], skew_ms: int) -> None:
        self._now_ms, self._pass_ms, self._skew_ms = now_ms, pass_ms, skew_ms

    def wall_ms(self) -> int:
        return self._now_ms() + self._skew_ms

    def offset_minutes(self) -> int:
        return 480

    def mono_ms(self) -> int | None:
        return self._now_ms() - 1_700_000_000_000

    def boot(self) -> str | None:
        return "boot-1"

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
    """One device; `lives` counts how often its process was started."""

    def __init__(
        self, name: str, nip: str, folder: Path, clock: DeviceClock, chance: Random, link: Callable[[Tablet], Transport]
    ) -> None:
        self.name, self.nip, self.folder = name, nip, folder
        self.lives = 0
        self.on_commit: Callable[[Tablet], None] = lambda _tablet: None
        self._clock, self._chance, self._link = clock, chance, link
        self._open()
        self.device = str(self.store.setting("device"))

    def _open(self) -> None:
        self.store = FragileStore(self.folder, PIN)
        self.store.on_commit = lambda: self.on_commit(self)
        self.client = Client(
            self.store, clock=self._clock, chance=self._chance, transport=lambda _url: self._link(self)
        )  # fmt: skip
        self.lives += 1

    def restart(self) -> None:
        """Start the process again on the same files."""
        self.store.close()
        self._open()

    def close(self) -> None:
        self.store.close()

    def known(self, record_type: str) -> list[str]:
        """Records of this type that the person sees here."""
        found = self.store.query("SELECT id FROM row WHERE type = ? AND view IS NOT NULL ORDER BY id", record_type)
        return [str(row[0]) for row in found]
