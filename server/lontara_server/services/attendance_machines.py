"""Attendance machines that push by themselves: each has a key of its own, shown once and kept as a hash.

The key begins with the number of its org, so that it is looked up in that org alone. Works in the transaction that it
is given.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Final

from lontara_core.canonical import tidy_text
from lontara_core.problems import Problem
from lontara_server.services.conflicts import utc
from lontara_server.services.orgs import RandomBytes
from lontara_server.storage import attendance as store
from lontara_server.storage.attendance import MachineRow
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit, org_of

NAME_LENGTH_MAX: Final = 80
_KEY_BYTES: Final = 20
_KEY: Final = re.compile(r"([1-9][0-9]{0,8})-([0-9a-f]{40})\Z")
_SERIAL: Final = re.compile(r"[A-Za-z0-9._-]{1,40}\Z")
# Written down at most this often: a machine asks every few seconds.
_TOUCH_MS: Final = 60 * 1000


@dataclass(frozen=True)
class Pusher:
    """A machine that has shown its key, and the org that it belongs to."""

    org_id: int
    machine: MachineRow


def add_machine(
    connection: Connection, org_id: int, serial: str, name: str, *, by: str, now_ms: int, random_bytes: RandomBytes
) -> str:
    """Let a machine push, and return its key, which nobody can read again. Added again, it has a new key.

    Raises Problem invalid_field.
    """
    title = tidy_text(name) or serial
    if not _SERIAL.match(serial):
        raise _invalid("serial", "A serial number has 1 to 40 letters, digits, dots, hyphens or underscores.")
    if len(title) > NAME_LENGTH_MAX:
        raise _invalid("name", f"A machine's name has at most {NAME_LENGTH_MAX} characters.")
    key = f"{org_id}-{random_bytes(_KEY_BYTES).hex()}"
    if any(each.serial == serial for each in store.machines_of(connection, org_id)):
        store.change_machine(connection, org_id, serial, name=title, key_hash=_hash(key), active=True)
    else:
        store.add_machine(connection, org_id, serial, title, _hash(key))
    add_audit(connection, org_id, "machine.add", by=by, now_ms=now_ms, subject=serial, facts={"name": title})
    return key


def revoke_machine(connection: Connection, org_id: int, serial: str, *, by: str, now_ms: int) -> None:
    """Take a machine's key away; what it pushed stays. Raises Problem not_found."""
    known = next((each for each in store.machines_of(connection, org_id) if each.serial == serial), None)
    if known is None:
        raise Problem(
            "not_found",
            f"There is no machine {serial}. Nothing was changed.",
            {"serial": serial},
            "`lontara-server attendance machine list` shows every machine.",
        )
    if known.active:
        store.change_machine(connection, org_id, serial, active=False)
        add_audit(connection, org_id, "machine.revoke", by=by, now_ms=now_ms, subject=serial)


def list_machines(connection: Connection, org_id: int) -> list[dict[str, Any]]:
    """Every machine in JSON types."""
    return [
        {
            "serial": each.serial,
            "name": each.name,
            "active": each.active,
            "last_seen_at": None if each.last_seen_at is None else utc(each.last_seen_at),
        }
        for each in store.machines_of(connection, org_id)
    ]


def pusher_of(connection: Connection, key: str, serial: str | None, now_ms: int) -> Pusher:
    """The machine behind a key, if it may push now; noted as heard. Raises Problem machine_refused.

    serial: as the machine says itself; None: it does not.
    """
    found = _KEY.match(key)
    org_id = int(found[1]) if found else 0
    machine = store.machine_of_key(connection, org_id, _hash(key)) if found and org_of(connection, org_id) else None
    if machine is None or not machine.active or serial not in (None, machine.serial):
        raise Problem(
            "machine_refused",
            "This key opens for no machine of this serial number. Nothing was taken in.",
            {},
            "An admin makes a new key: lontara-server attendance machine add.",
        )
    if now_ms - (machine.last_seen_at or 0) >= _TOUCH_MS:
        store.change_machine(connection, org_id, machine.serial, last_seen_at=now_ms)
    return Pusher(org_id, machine)


def _hash(key: str) -> bytes:
    # A key is 160 bits by chance: nothing is won by hashing it slowly.
    return hashlib.sha256(b"lontara-machine-1" + key.encode("ascii")).digest()


def _invalid(name: str, why: str) -> Problem:
    return Problem("invalid_field", f"{why} Nothing was changed.", {"field": name}, "Correct it and send it again.")
