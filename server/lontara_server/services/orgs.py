"""The server's identity and its orgs: made once, each org with a server actor that writes its own log.

Each function works in the transaction that it is given; random bytes come from the caller.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lontara_core.canonical import sha256, tidy_text
from lontara_core.identifiers import derived_id
from lontara_core.log import genesis
from lontara_core.problems import Problem
from lontara_core.signing import public_key_of
from lontara_server.storage import devices as device_store
from lontara_server.storage import orgs as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import IdentityRow, OrgRow

RandomBytes: TypeAlias = Callable[[int], bytes]

TIME_ZONE_DEFAULT: Final = "Asia/Makassar"
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}\Z")


def init_server(connection: Connection, *, now_ms: int, random_bytes: RandomBytes) -> IdentityRow:
    """Give this server its id, epoch and signing key. Doing it twice keeps the first."""
    known = store.identity(connection)
    if known is not None:
        return known
    row = IdentityRow(
        server_id=derived_id(now_ms, random_bytes(32)), epoch=random_bytes(16).hex(), private_key=random_bytes(32)
    )
    store.add_identity(connection, row)
    return row


def identity_of(connection: Connection) -> IdentityRow:
    """Who this server is. Raises Problem not_initialised."""
    row = store.identity(connection)
    if row is None:
        raise Problem(
            "not_initialised",
            "This server has no identity yet. Nothing was changed.",
            {},
            "Run `lontara-server init --org CODE --name NAME --admin LOGIN`.",
        )
    return row


def create_org(
    connection: Connection,
    *,
    code: str,
    name: str,
    by: str,
    now_ms: int,
    random_bytes: RandomBytes,
    time_zone: str = TIME_ZONE_DEFAULT,
) -> OrgRow:
    """Make an org with its server actor. Raises Problem invalid_field, already_exists."""
    name = tidy_text(name)
    _check_org(code, name, time_zone)
    known = store.all_orgs(connection)
    if any(org.code.lower() == code.lower() for org in known):
        raise Problem(
            "already_exists",
            f"There is an org {code} already. Nothing was changed.",
            {"org": code},
            "Choose another code, or use the org that is there.",
        )
    row = OrgRow(
        org_id=max((org.org_id for org in known), default=0) + 1,
        uid=derived_id(now_ms, random_bytes(32)),
        code=code,
        name=name,
        time_zone=time_zone,
        last_seq=0,
    )
    store.add_org(connection, row, feed_genesis(row.uid))
    add_server_actor(connection, row, now_ms, random_bytes)
    store.add_audit(connection, row.org_id, "org.create", by=by, now_ms=now_ms, subject=code)
    return row


def feed_genesis(uid: str) -> bytes:
    """The chain head of an org's feed before its first batch."""
    return sha256(uid.encode("ascii"))


def _check_org(code: str, name: str, time_zone: str) -> None:
    if not _CODE.match(code):
        raise Problem(
            "invalid_field",
            f"{code!r} is no code of an org. Nothing was changed.",
            {"field": "org", "value": code},
            "Use 1 to 40 letters, digits, dots, hyphens or underscores.",
        )
    if not 1 <= len(name) <= 200:
        raise Problem(
            "invalid_field",
            "An org's name has 1 to 200 characters. Nothing was changed.",
            {"field": "name", "value": name},
            "Give its name with --name.",
        )
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Problem(
            "invalid_field",
            f"There is no time zone {time_zone!r}. Nothing was changed.",
            {"field": "time_zone", "value": time_zone},
            "Use Asia/Jakarta (WIB), Asia/Makassar (WITA) or Asia/Jayapura (WIT).",
        ) from error


def add_server_actor(connection: Connection, org: OrgRow, now_ms: int, random_bytes: RandomBytes) -> None:
    """Give the org the actor in whose log the server writes in this epoch."""
    device, private_key = derived_id(now_ms, random_bytes(32)), random_bytes(32)
    device_store.add_device(
        connection,
        org.org_id,
        device_store.NewDevice(
            id=device,
            employee_id=None,
            lineage=device,
            kind="server",
            name="server",
            public_key=public_key_of(private_key),
            private_key=private_key,
            head=genesis(org.uid, device),
            enrolled_at=now_ms,
            origins=False,
        ),
    )


def orgs_of_server(connection: Connection) -> tuple[OrgRow, ...]:
    """Every org of this server, the oldest first."""
    return tuple(store.all_orgs(connection))


def choose_org(orgs: Sequence[OrgRow], code: str | None) -> OrgRow:
    """The org with this code, or the only one. Raises Problem not_found, org_not_named."""
    if code is not None:
        found = [org for org in orgs if org.code.lower() == code.lower()]
        if not found:
            raise Problem(
                "not_found",
                f"There is no org {code} here. Nothing was changed.",
                {"org": code, "orgs": [org.code for org in orgs]},
                "Name one of the orgs that are there.",
            )
        return found[0]
    if not orgs:
        raise Problem(
            "not_found",
            "There is no org here yet. Nothing was changed.",
            {},
            "Run `lontara-server init --org CODE --name NAME --admin LOGIN`.",
        )
    if len(orgs) > 1:
        raise Problem(
            "org_not_named",
            "This server holds several orgs. Nothing was changed.",
            {"orgs": [org.code for org in orgs]},
            "Name the one you mean with --org or LONTARA_ORG.",
        )
    return orgs[0]


def org_named(connection: Connection, org_id: int) -> OrgRow:
    """The org with this number, which our own rows name."""
    org = store.org_of(connection, org_id)
    assert org is not None, "rows name orgs that exist"
    return org


def status(connection: Connection) -> dict[str, Any]:
    """What this server is, and for each org how much it holds and what waits."""
    me = identity_of(connection)
    orgs = [
        {
            "org": org.code,
            "name": org.name,
            "time_zone": org.time_zone,
            "feed_seq": org.last_seq,
            "devices": len(device_store.devices_of(connection, org.org_id)),
            **store.counts_of(connection, org.org_id),
        }
        for org in store.all_orgs(connection)
    ]
    return {"server_id": me.server_id, "epoch": me.epoch, "server_key": public_key_of(me.private_key), "orgs": orgs}
