"""What attendance machines push by themselves: their options, and lines of punches, each taken in once.

A machine sends the same lines again until it is told how many were received. Lines that are no punch count among them
and are kept with the import run: a machine that is refused for one would send nothing else for ever.
Works in the transaction that it is given.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from lontara_server.services.access import local_date
from lontara_server.services.attendance_file import PUSH_COLUMNS, read_lines
from lontara_server.services.attendance_import import ImportedPunches, take_in
from lontara_server.services.attendance_machines import Pusher
from lontara_server.services.import_runs import SourceFile, remember_import
from lontara_server.services.orgs import org_named
from lontara_server.storage.engine import Connection

KIND: Final = "attendance_push"
_HOUR: Final = timedelta(hours=1)


def options_for(connection: Connection, pusher: Pusher, now_ms: int) -> str:
    """What a machine is told when it connects: to push punches as they come, and which time zone it is in."""
    zone = ZoneInfo(org_named(connection, pusher.org_id).time_zone)
    offset = datetime.fromtimestamp(now_ms / 1000, zone).utcoffset() or timedelta()
    lines = (
        f"GET OPTION FROM: {pusher.machine.serial}", "ATTLOGStamp=None", "OPERLOGStamp=9999", "ATTPHOTOStamp=None",
        "ErrorDelay=30", "Delay=10", "TransTimes=00:00;14:05", "TransInterval=1", "TransFlag=TransData AttLog",
        f"TimeZone={offset // _HOUR}", "Realtime=1", "Encrypt=None",
    )  # fmt: skip
    return "\n".join(lines) + "\n"


def take_push(connection: Connection, pusher: Pusher, body: bytes, now_ms: int) -> ImportedPunches:
    """Take in the lines of one push. What was pushed before changes nothing, and leaves no import run.

    Raises Problem file_too_large.
    """
    org_id, serial = pusher.org_id, pusher.machine.serial
    latest = local_date(connection, org_id, now_ms) + timedelta(days=1)
    held = read_lines(body, PUSH_COLUMNS, latest)
    held.lines = [replace(each, punch=replace(each.punch, machine=serial)) for each in held.lines]

    def remember(done: ImportedPunches) -> str | None:
        if not done.new and not done.refused:
            return None
        file = SourceFile(body, serial)
        by = f"machine {serial}"
        return remember_import(connection, org_id, KIND, file, done.outcome(held.texts), by=by, now_ms=now_ms)

    return take_in(connection, org_id, held, remember, now_ms=now_ms)
