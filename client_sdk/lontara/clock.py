"""The device's clocks, as a thing that is passed in. The one place of the SDK that reads the system's time."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """What the SDK asks of a clock."""

    def wall_ms(self) -> int:
        """Milliseconds since 1970 UTC by the device's own clock."""

    def offset_minutes(self) -> int:
        """Minutes east of UTC at this moment."""

    def mono_ms(self) -> int | None:
        """Milliseconds since the device was started, sleep included; None where the platform has no such clock."""

    def boot(self) -> str | None:
        """What tells this start of the device from another; None where nothing does."""

    def pause(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The clocks of this machine."""

    def wall_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def offset_minutes(self) -> int:
        offset = datetime.now(UTC).astimezone().utcoffset()
        return 0 if offset is None else int(offset.total_seconds()) // 60

    if sys.platform == "linux":

        def mono_ms(self) -> int | None:
            return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000

    else:

        def mono_ms(self) -> int | None:
            return None

    def boot(self) -> str | None:
        try:
            return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        except OSError:
            return None

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)
