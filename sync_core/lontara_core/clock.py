"""The hybrid logical clock and what can be said of a device's own clock (sync_protocol.md §5, §12).

Clocks are evidence, never order: the server's revision orders. No clock is read here; every time is passed in,
in milliseconds since 1970 UTC.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec

Hlc: TypeAlias = tuple[int, int]

SUSPECT_AFTER_MS: Final = 10 * 60 * 1000
BACKDATED_AFTER_MS: Final = 24 * 60 * 60 * 1000

# Three days short of the calendar's end, so that every time zone and the days around can be named.
CALENDAR_END_MS: Final = 253_402_041_600_000


def within_calendar(at_ms: int) -> int:
    """`at_ms`, or the nearest moment that a calendar can name: a clock may claim more years than there are."""
    return max(0, min(at_ms, CALENDAR_END_MS))


def tick(last: Hlc, now_ms: int, first: int) -> Hlc:
    """The next stamp after `last`: the wall clock, or the last stamp counted on where the clock has not moved.

    first: the counter of a new millisecond, `first_counter` of the device.
    """
    return (now_ms, first) if now_ms > last[0] else (last[0], last[1] + 1)


def first_counter(device: str) -> int:
    """Where a device begins to count in each millisecond: the last 31 bits of its id.

    What a record's id is derived from holds no author. Thousands of people write the same words of the same morning:
    of two in one millisecond each has to make a record of their own.
    """
    return int(device[-8:], 16) & 0x7FFF_FFFF


def clamp(stamp: Hlc, now_ms: int) -> Hlc:
    """`stamp`, but never later than the server's own clock: a clock that runs ahead wins nothing by it."""
    return stamp if stamp[0] <= now_ms else (now_ms, 0)


class ClockReading(msgspec.Struct, frozen=True):
    """A device's clocks at one moment: wall (ms since 1970 UTC), monotonic (ms since boot) and the boot's id."""

    wall_ms: int
    mono_ms: int | None
    boot: str | None


def true_time(captured: ClockReading, sent: ClockReading, server_ms: int) -> int | None:
    """When something was captured, told by the server's clock: `server_ms` is its clock when `sent` arrived.

    Returns None where device and capture do not share a boot: then nothing is known but the wall clock.
    """
    if captured.boot is None or captured.boot != sent.boot or captured.mono_ms is None or sent.mono_ms is None:
        return None
    if captured.mono_ms > sent.mono_ms:
        return None
    return server_ms - (sent.mono_ms - captured.mono_ms)


def clock_flags(wall_ms: int, truth: int | None, server_ms: int) -> tuple[str, ...]:
    """`clock_suspect` for a wall clock far from the true time of capture, `backdated` where it claims to be a day or
    more earlier.

    Where only the wall clock is known, a capture later than its own arrival is all that can be told.
    """
    if truth is None:
        return ("clock_suspect",) if wall_ms > server_ms + SUSPECT_AFTER_MS else ()
    if truth - wall_ms > BACKDATED_AFTER_MS:
        return ("clock_suspect", "backdated")
    return ("clock_suspect",) if abs(truth - wall_ms) > SUSPECT_AFTER_MS else ()
