"""Whether what is stored is what was signed: every log's chain and signatures, and the feed over them
(sync_protocol.md §5, §6, §11). Reads everything and writes nothing; what it finds is told, never mended.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from lontara_core import signing
from lontara_core.canonical import sha256
from lontara_core.log import chain, genesis, pack
from lontara_server.services.bodies import operations_in
from lontara_server.services.orgs import feed_genesis, identity_of, org_named
from lontara_server.storage import evidence
from lontara_server.storage.engine import Connection
from lontara_server.storage.evidence import LogOwner, SignedBatch


@dataclass
class Verification:
    """How much was looked at, and what does not hold, each fault in a sentence that names its place."""

    logs: int = 0
    batches: int = 0
    operations: int = 0
    feed_rows: int = 0
    faults: list[str] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        return dict(vars(self))


def verify_org(connection: Connection, org_id: int) -> Verification:
    """Replay every signed batch of the org and its feed, in the transaction that it is given."""
    found = Verification()
    uid, server = org_named(connection, org_id).uid, identity_of(connection).server_id
    for owner in evidence.log_owners(connection, org_id):
        _verify_log(connection, org_id, uid, server, owner, found)
    _verify_feed(connection, org_id, uid, found)
    return found


def _verify_log(
    connection: Connection, org_id: int, uid: str, server: str, owner: LogOwner, found: Verification
) -> None:
    found.logs += 1
    seq, head = 0, genesis(uid, owner.device)
    for batch in evidence.batches_of(connection, org_id, owner.device):
        found.batches += 1
        found.operations += batch.last - batch.first + 1
        where = f"log {owner.device}, operations {batch.first} to {batch.last}"
        if batch.first != seq + 1:
            found.faults.append(f"{where}: operation {seq + 1} is missing")
        found.faults += [f"{where}: {fault}" for fault in _faults_of(batch, owner, uid, server, head)]
        seq, head = batch.last, batch.head
    if (owner.last_seq, owner.head) != (seq, head):
        found.faults.append(f"log {owner.device}: its end is not the end of its last batch")


def _faults_of(batch: SignedBatch, owner: LogOwner, uid: str, server: str, head: bytes) -> list[str]:
    try:
        raws = operations_in(batch.body)
    except ValueError:
        return ["the stored operations cannot be read"]
    hashes, faults = chain(batch.prev, raws), []
    new = batch.first - batch.signed_first
    if len(raws) != batch.last - batch.signed_first + 1 or hashes[-1] != batch.head:
        return ["the operations do not lead to the signed head"]
    if (hashes[new - 1] if new else batch.prev) != head:
        faults.append("it does not go on from the batch before")
    if pack(hashes[new:]) != batch.hashes:
        faults.append("the hashes kept to tell repeats are others")
    covered = signing.log_input(
        org=uid, server=server, epoch=batch.epoch, device=owner.device, first=batch.signed_first, last=batch.last,
        head=batch.head.hex(),
    )  # fmt: skip
    if not signing.verifies(owner.public_key, covered, batch.signature):
        faults.append("the signature does not hold")
    return faults


def _verify_feed(connection: Connection, org_id: int, uid: str, found: Verification) -> None:
    """The numbers lie without gaps, and the chain over batches and derived rows ends where the org says."""
    counter, stored = evidence.feed_end(connection, org_id)
    heads, head, expected = evidence.batch_heads(connection, org_id), feed_genesis(uid), 1
    for (device, last), places in groupby(
        evidence.feed_places(connection, org_id), key=lambda place: (place.device, place.last)
    ):
        for place in places:
            found.feed_rows += 1
            if place.seq != expected:
                found.faults.append(f"feed: {expected} is missing")
            expected = place.seq + 1
            if place.derived is not None:
                head = sha256(head, place.derived)
        if device is None:
            continue
        batch_head = heads.get((device, last or 0))
        if batch_head is None:
            found.faults.append(f"feed {expected - 1}: its batch is missing")
            continue
        head = sha256(head, batch_head)
    if expected != counter + 1:
        found.faults.append(f"feed: it ends at {expected - 1} and the org's counter stands at {counter}")
    if head != stored:
        found.faults.append("feed: the chain over the batches does not end at the org's head")
