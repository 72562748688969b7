"""What waits in quarantine and has come another way meanwhile: noted, and a fork that it told of closes by itself.

Work arrives by its origins, when a copied store was enrolled again and chains it anew, or in the device's own log,
when a revoked device has its access back (sync_protocol.md §13).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lontara_core.log import SHORT_HASH_BYTES, chain, short_hash
from lontara_server.services.bodies import operations_in
from lontara_server.services.scene import Scene
from lontara_server.storage import operations as store
from lontara_server.storage import quarantine
from lontara_server.storage.engine import Connection
from lontara_server.storage.quarantine import QuarantineRow

WAITING: Final = "waiting"
ARRIVED: Final = "arrived"
# Nobody has decided it: the work itself has settled it.
BY_ITSELF: Final = "server"
_Places = set[tuple[str, int, bytes]]


def note_arrivals(scene: Scene) -> None:
    """Note what waits in quarantine and is here with this batch; close a fork of which nothing waits any more."""
    now_here: _Places = {(each["device"], each["seq"], each["hash"]) for each in scene.origins}
    connection, org = scene.connection, scene.org.org_id
    for device in sorted({each["device"] for each in scene.origins}):
        waiting = _waiting(quarantine.rows_of(connection, org, device=device))
        arrived = [row for row in waiting if has_arrived(connection, org, row, now_here)]
        for row in arrived:
            quarantine.decide(connection, org, row.id, ARRIVED, by=BY_ITSELF, reason=None)
        if len(arrived) == len(waiting):
            _close_forks(scene, device)


def has_arrived(connection: Connection, org_id: int, row: QuarantineRow, now_here: _Places | None = None) -> bool:
    """Whether each of its operations has come, by its origin or in the device's own log."""
    hashes = chain(row.prev, operations_in(row.body))
    by_origin = store.origins_of(connection, org_id, row.device, row.first, row.last)
    in_log = {
        (seq, short_hash(batch.hashes, seq - batch.first))
        for batch in store.batches_over(connection, org_id, row.device, row.first, row.last)
        for seq in range(max(batch.first, row.first), min(batch.last, row.last) + 1)
    }
    return all(
        (seq, whole) in by_origin
        or (row.device, seq, whole) in (now_here or ())
        or (seq, whole[:SHORT_HASH_BYTES]) in in_log
        for seq, whole in enumerate(hashes, start=row.first)
    )


def _waiting(rows: Iterable[QuarantineRow]) -> list[QuarantineRow]:
    return [row for row in rows if row.state == WAITING]


def _close_forks(scene: Scene, device: str) -> None:
    for found in store.open_forks(scene.connection, scene.org.org_id, device):
        conflict = scene.load_conflict(found)
        assert conflict is not None, "it was read just now"
        conflict.fields["state"] = "resolved"
        conflict.fields["resolution"] = {"at": scene.now_ms, "by": BY_ITSELF, "choice": ARRIVED, "reason": ""}
        scene.touch_conflict(conflict)
