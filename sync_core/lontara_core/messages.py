"""The messages of `POST /v1/sync` and `POST /v1/enrol` (sync_protocol.md §7), as they stand in JSON."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec

from lontara_core.canonical import INTEGER_MAX

PROTOCOL_VERSION: Final = 1
BATCH_OPERATIONS_MAX: Final = 500
BODY_BYTES_MAX: Final = 1_048_576
INFLATED_BYTES_MAX: Final = 8_388_608
PULL_BYTES_DEFAULT: Final = 65_536
TEXT_MAX: Final = 200

# What a device may write in a request; the reader holds the message to it.
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=INTEGER_MAX)]
ShortText: TypeAlias = Annotated[str, msgspec.Meta(max_length=TEXT_MAX)]

Verdict: TypeAlias = Literal["applied", "merged", "conflict", "parked", "rejected"]
VERDICTS: Final = ("applied", "merged", "conflict", "parked", "rejected")
BatchState: TypeAlias = Literal["received", "gap", "forked", "quarantined"]
BATCH_STATES: Final = ("received", "gap", "forked", "quarantined")


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A run of a device's log: `prev` and `head` are chain hashes (hex) before `first` and after `last`."""

    first: Count
    last: Count
    prev: ShortText
    head: ShortText
    epoch: ShortText
    signature: ShortText
    operations: list[msgspec.Raw]


class SyncRequest(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`head_seq`, `head`: what the device believes the server holds of its log. `unsent`: saved, not in this batch.

    `cursors` maps each scope to the feed number up to which it was read; a scope that is missing is not read.
    """

    protocol: Count
    epoch: ShortText
    head_seq: Count
    head: ShortText
    cursors: dict[ShortText, Count] = {}
    pull_bytes: Count = PULL_BYTES_DEFAULT
    unsent: Count = 0
    mono: Count | None = None
    boot: ShortText | None = None
    app: ShortText = ""
    batch: Batch | None = None


class Result(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What became of one operation. Sequence numbers that no result names were plainly `applied`."""

    seq: int
    verdict: Verdict = "applied"
    code: str | None = None
    field: str | None = None
    message: str | None = None
    conflict: str | None = None
    duplicate: bool = False


class BatchAnswer(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The batch as a whole. `forked_at`: the first sequence number whose hash differs from the server's."""

    state: BatchState
    results: list[Result] = []
    forked_at: int | None = None


class Row(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A record as it stands. With `seq` (short form) it is the device's own create, built from that operation;
    `fields` then holds only what the server added. `clash` stands while a conflict holds candidates."""

    type: str
    id: str
    revision: int
    fields: dict[str, Any] = {}
    voided: bool = False
    clash: str | None = None
    seq: int | None = None


class Removal(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A record that left this scope; it removes only a row held at an older revision.

    One at the same revision has come by another scope.
    """

    type: str
    id: str
    revision: int
    reason: str


class Page(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One scope's rows since its cursor; `next` is the new cursor, `more` says that another page waits."""

    scope: str
    next: int
    rows: list[Row] = []
    removals: list[Removal] = []
    more: bool = False


class Attention(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One of the device's operations that is not plainly settled: parked, rejected or in conflict."""

    seq: int
    verdict: Verdict
    type: str
    record: str
    code: str | None = None
    field: str | None = None
    message: str | None = None
    conflict: str | None = None
    device: str | None = None


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A place in a device's log: sequence number and chain hash there."""

    seq: int
    hash: str


class SetAside(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A part of the log of a device without access that lies in quarantine, and what an admin has decided about it."""

    first: int
    last: int
    state: Literal["waiting", "accepted", "dropped", "arrived"]
    reason: str | None = None


class SyncAnswer(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`head_seq`, `head`: what the server holds of the device's log, committed. `scopes`: what it may read now."""

    protocol: int
    request: str
    server: str
    epoch: str
    server_time: int
    head_seq: int
    head: str
    scopes: list[str]
    batch: BatchAnswer | None = None
    backed_up: Mark | None = None
    wipe_after: Mark | None = None
    set_aside: list[SetAside] = []
    pages: list[Page] = []
    attention: list[Attention] = []


class EnrolRequest(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`signature` is by the new key; `former` names the device id of this store's last enrolment, signed by its key."""

    code: ShortText
    public_key: ShortText
    device_name: ShortText
    signature: ShortText
    former: ShortText | None = None
    former_signature: ShortText | None = None


class EnrolAnswer(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a device has to know to work alone from now on."""

    device: str
    org: str
    org_name: str
    time_zone: str
    server: str
    epoch: str
    server_key: str
    employee: str
    nip: str
    full_name: str
    server_time: int
    sealing_key: str = ""
