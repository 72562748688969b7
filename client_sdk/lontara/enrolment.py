"""Enrolment: a one-time code makes this store a device of one person, with a key of its own made here.

Enrolled again, after a fork or where the server does not know the device any more, it goes on under a new id and
key, and takes along what the server has not received (sync_protocol.md §13).
"""

from __future__ import annotations

import platform
import secrets
from uuid import uuid4

import msgspec

from lontara.engine import plain_body, problem_of
from lontara.settling import re_chain, start_fresh_pull
from lontara.store import Store
from lontara.transport import Transport, TransportFailed
from lontara_core import signing
from lontara_core.canonical import from_base64, to_base64
from lontara_core.messages import EnrolAnswer, EnrolRequest
from lontara_core.problems import Problem


def enrol(
    store: Store, transport: Transport, code: str, *, server_key: str | None, name: str | None, now_ms: int
) -> EnrolAnswer:
    """Ask the server for a device id and keep what it answers, in one transaction with the log that goes along."""
    key = secrets.token_bytes(32)
    answer = _ask(store, transport, code, key, name or platform.node() or "laptop")
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
        _keep(store, answer, key, now_ms)
    return answer


def _ask(store: Store, transport: Transport, code: str, key: bytes, name: str) -> EnrolAnswer:
    public_key, former = signing.public_key_of(key), store.setting("device")
    covered = signing.enrol_input(code=code, public_key=public_key, former=former)
    former_signature = None
    if former is not None:
        former_signature = signing.sign(from_base64(store.setting("device_key")), covered)
    request = EnrolRequest(code=code, public_key=public_key, device_name=name,
                           signature=signing.sign(key, covered), former=former, former_signature=former_signature)  # fmt: skip
    try:
        answer = transport.post("/v1/enrol", msgspec.json.encode(request), {"Lontara-Request": str(uuid4())})
    except TransportFailed as error:
        raise Problem("server_unreachable", "The server cannot be reached; nothing was changed.",
                      {"why": str(error)}, "Try again when there is a signal.") from error  # fmt: skip
    if answer.status not in (200, 201):
        raise problem_of(answer)
    try:
        return msgspec.json.decode(plain_body(answer), type=EnrolAnswer)
    except msgspec.DecodeError as error:
        raise Problem("malformed_answer", "This is no answer of a Lontara server; nothing was changed.", {},
                      "Check the address; open a web page once to log in to the network.") from error  # fmt: skip


def _keep(store: Store, answer: EnrolAnswer, key: bytes, now_ms: int) -> None:
    former, forked_at = store.setting("device"), store.setting("forked_at")
    other_epoch = store.setting("epoch") not in (None, answer.epoch)
    for name in ("device", "org", "org_name", "time_zone", "server", "epoch", "server_key", "employee", "nip", "full_name"):
        store.set_setting(name, getattr(answer, name))
    store.set_setting("device_key", to_base64(key))
    store.set_setting("server_offset", answer.server_time - now_ms)
    store.set_setting("received_seq", 0)
    store.set_setting("backed_up_seq", 0)
    store.set_setting("quarantined_seq", 0)
    store.set_setting("forked_at", None)
    store.set_setting("wiped_at", None)
    if former is None:
        return
    store.set_setting("former_device", former)
    re_chain(store, forked_at=forked_at, everything=other_epoch)
    start_fresh_pull(store, keep_revisions=not other_epoch)
