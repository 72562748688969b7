"""Enrolment: a one-time code makes this store a device of one person, with a key of its own made here.

Enrolled again, after a fork or where the server does not know the device any more, it goes on under a new id and
key, and takes along what the server has not received (sync_protocol.md §13).
"""

from __future__ import annotations

import platform
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

import msgspec

from lontara.engine import SyncEngine, plain_body, problem_of
from lontara.healing import (
    OTHER_SCOPES,
    FormerHead,
    begin_epoch_enrolled,
    re_chain_unreceived,
    start_fresh_pull,
)
from lontara.store import Log, Store
from lontara.transport import Transport, TransportFailed
from lontara_core import signing
from lontara_core.canonical import Json, from_base64, to_base64
from lontara_core.messages import EnrolAnswer, EnrolRequest
from lontara_core.problems import Problem


def enrol(
    store: Store, transport: Transport, code: str, *, engine: SyncEngine, server_key: str | None, name: str | None,
    now_ms: int, address: Mapping[str, Json],
) -> EnrolAnswer:  # fmt: skip
    """Ask the server for a device id and keep what it answers, in one transaction with the log that goes along.

    engine: asks under the ids that the store had before what the server holds of their logs.
    address: the settings by which the server is reached from now on; a code is good once, so they are kept with the id.
    """
    key = secrets.token_bytes(32)
    known = _ask_former(store, engine)
    answer = _ask(store, transport, code, key, name or platform.node() or "laptop", known.newest)
    pinned = store.setting("server_key") or server_key
    if pinned is not None and answer.server_key != pinned:
        raise Problem("server_key_changed", "This is not the server that the device trusts; nothing was changed.", {},
                      "Ask the admin whether the server was set up anew.")  # fmt: skip
    if store.setting("device") is not None and (answer.org, answer.employee) != (
        store.setting("org"), store.setting("employee"),
    ):  # fmt: skip
        raise Problem("store_of_another_person", "This store belongs to another person; nothing was changed.",
                      {}, "Use a data directory of your own.")  # fmt: skip
    with store.transaction():
        _keep(store, answer, key, known, now_ms)
        for setting, value in address.items():
            store.set_setting(setting, value)
    return answer


@dataclass(frozen=True)
class _Known:
    """What the server said of the store's former logs. `newest`: the last that it knows, else the last of all.

    `lost`: it does not know the present id any more, so it went back to before that enrolment.
    """

    heads: Mapping[str, FormerHead]
    newest: Log | None
    lost: bool


def _ask_former(store: Store, engine: SyncEngine) -> _Known:
    logs = store.logs()
    if not logs:
        return _Known({}, None, lost=False)
    try:
        heads = engine.former_heads()
    except TransportFailed as error:
        raise _unreachable(error) from error
    except Problem as problem:
        if problem.code != "answer_not_signed":
            raise
        # Perhaps another server, which the enrolment itself will tell; perhaps nothing is known then.
        return _Known({}, logs[-1], lost=False)
    known = [log for log in logs if log.device in heads]
    return _Known(heads, known[-1] if known else logs[-1], lost=logs[-1].device not in heads)


def _unreachable(error: TransportFailed) -> Problem:
    return Problem("server_unreachable", "The server cannot be reached; nothing was changed.",
                   {"why": str(error)}, "Try again when there is a signal.")  # fmt: skip


def _ask(store: Store, transport: Transport, code: str, key: bytes, name: str, log: Log | None) -> EnrolAnswer:
    public_key, former = signing.public_key_of(key), None if log is None else log.device
    covered = signing.enrol_input(code=code, public_key=public_key, former=former)
    former_signature = None
    if log is not None and log.key is not None:
        former_signature = signing.sign(from_base64(log.key), covered)
    request = EnrolRequest(code=code, public_key=public_key, device_name=name,
                           signature=signing.sign(key, covered), former=former, former_signature=former_signature)  # fmt: skip
    try:
        answer = transport.post("/v1/enrol", msgspec.json.encode(request), {"Lontara-Request": str(uuid4())})
    except TransportFailed as error:
        raise _unreachable(error) from error
    if answer.status not in (200, 201):
        raise problem_of(answer)
    try:
        return msgspec.json.decode(plain_body(answer), type=EnrolAnswer)
    except msgspec.DecodeError as error:
        raise Problem("malformed_answer", "This is no answer of a Lontara server; nothing was changed.", {},
                      "Check the address; open a web page once to log in to the network.") from error  # fmt: skip


def _keep(store: Store, answer: EnrolAnswer, key: bytes, known: _Known, now_ms: int) -> None:
    former, forked_at = store.setting("device"), store.setting("forked_at")
    went_back = known.lost or bool(store.setting("log_gap")) or store.setting("epoch") not in (None, answer.epoch)
    for name in ("device", "org", "org_name", "time_zone", "server", "epoch", "server_key", "employee", "nip", "full_name"):
        store.set_setting(name, getattr(answer, name))
    store.set_setting("device_key", to_base64(key))
    store.add_log(answer.device, to_base64(key))
    store.set_setting("server_offset", answer.server_time - now_ms)
    store.set_setting("received_seq", 0)
    store.set_setting("backed_up_seq", 0)
    store.set_setting("quarantined_seq", 0)
    for name in ("forked_at", "log_gap", "wiped_at"):
        store.set_setting(name, None)
    if former is None:
        # Decisions that were made before are no news on this device.
        store.set_setting("enrolled_at", answer.server_time)
        return
    store.set_setting("former_device", former)
    if went_back:
        begin_epoch_enrolled(store, answer.epoch, known.heads, answer.server_time)
        return
    re_chain_unreceived(store, forked_at=forked_at)
    start_fresh_pull(store, why=OTHER_SCOPES)
