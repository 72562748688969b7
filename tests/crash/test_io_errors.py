"""A full or failing disk at any call of a save or a sync: told by its code and nothing changed, or done."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from crash.io_errors import ACTS, ERRORS, Sweep


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("code", ERRORS)
@pytest.mark.parametrize("act", ACTS)
def test_a_disk_that_fails_is_told_or_the_work_is_done(tmp_path: Path, act: str, code: str, lasting: bool) -> None:
    swept = Sweep(tmp_path).over(act, code, lasting=lasting)

    assert swept.wrong == []
    assert 0 < swept.told < swept.cases


def test_a_commit_that_leaves_what_the_disk_did_not_sync_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(connection: apsw.Connection) -> None:
        connection.execute("COMMIT")

    monkeypatch.setattr("lontara.store.commit", careless)

    swept = Sweep(tmp_path).over("save", "disk_failed", lasting=False)

    assert any("after a kill something else is there" in wrong for wrong in swept.wrong)
