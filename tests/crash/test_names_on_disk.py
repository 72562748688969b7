"""What the SDK puts into a folder by itself is kept over a power cut: the folder is synced after the name is in it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from lontara.keys import write_key
from lontara.store import Store
from simulation.tablet import PIN, cheap_keys

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps names by itself")


class SyncedFolders:
    """For each folder that was synced, the names that were in it then."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: dict[str, set[str]] = {}
        self._sync = os.fsync
        monkeypatch.setattr(os, "fsync", self._noted)

    def _noted(self, handle: int) -> None:
        self._sync(handle)
        path = Path(f"/proc/self/fd/{handle}").resolve()
        if path.is_dir():
            self.names[path.name] = set(os.listdir(path))


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> SyncedFolders:
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("this system does not tell which file a handle is of")
    return SyncedFolders(monkeypatch)


def test_a_new_store_s_folders_and_key_are_kept(tmp_path: Path, synced: SyncedFolders) -> None:
    with cheap_keys():
        Store(tmp_path / "Bupati" / "store", PIN).close()

    assert synced.names[tmp_path.name] == {"Bupati"}
    assert synced.names["Bupati"] == {"store"}
    assert synced.names["store"] == {"key.json"}


def test_a_changed_pin_stays_changed(tmp_path: Path, synced: SyncedFolders) -> None:
    with cheap_keys():
        write_key(tmp_path / "key.json", PIN, bytes(32), replace=False)
        synced.names.clear()

        write_key(tmp_path / "key.json", "97531", bytes(32), replace=True)

    assert synced.names == {tmp_path.name: {"key.json"}}
