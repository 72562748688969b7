"""How often a sign-in may fail: each failure beyond a few makes the next attempt wait longer, and no wait is for ever.

Counted for an account from one address, for an account from anywhere, and for an address over all accounts. A login
that does not exist counts like one that does. Kept in this process alone: a server of several processes allows that
many times the attempts, and a restart forgets them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from lontara_core.problems import Problem

FORGET_MS: Final = 60 * 60 * 1000
PLACES_MAX: Final = 20_000
_FIRST_WAIT_MS: Final = 1000
_DOUBLINGS_MAX: Final = 20


@dataclass(frozen=True)
class Limit:
    """How many failures go free, and how long a wait becomes at most."""

    free: int
    wait_ms_max: int

    def wait_ms(self, failures: int) -> int:
        """How long to wait after so many failures."""
        if failures < self.free:
            return 0
        doubled: int = _FIRST_WAIT_MS << min(failures - self.free, _DOUBLINGS_MAX)
        return min(doubled, self.wait_ms_max)


# Somebody who guesses at one account waits long. Whoever keeps an account or an office's address busy from elsewhere
# costs its owner a minute at most.
LIMITS: Final = {
    "account from address": Limit(5, 15 * 60 * 1000),
    "account": Limit(30, 60 * 1000),
    "address": Limit(60, 60 * 1000),
}


@dataclass
class _Failures:
    count: int
    last_ms: int


@dataclass
class SignInThrottle:
    """The failures of late, by what they are counted for; the oldest fall out where there are too many places."""

    _failures: OrderedDict[tuple[str, ...], _Failures] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, account: str, address: str, now_ms: int) -> None:
        """Raise Problem too_many_requests while the account or the address has to wait."""
        with self._lock:
            waits = [self._left_ms(place, now_ms) for place in _places(account, address)]
        if max(waits) > 0:
            seconds = -(-max(waits) // 1000)
            raise Problem(
                "too_many_requests",
                f"Too many sign-ins have failed. The next may be tried in {seconds} seconds.",
                {"retry_after_seconds": seconds},
                "Wait, then try again; an admin can set a new password.",
            )

    def failed(self, account: str, address: str, now_ms: int) -> None:
        """Count one more failure."""
        with self._lock:
            for place in _places(account, address):
                known = self._failures.pop(place, None)
                count = known.count if known is not None and now_ms - known.last_ms < FORGET_MS else 0
                self._failures[place] = _Failures(count + 1, now_ms)
            while len(self._failures) > PLACES_MAX:
                self._failures.popitem(last=False)

    def succeeded(self, account: str, address: str) -> None:
        """Forget the account's failures; the address's stay, for it may guess at other accounts."""
        with self._lock:
            for place in _places(account, address):
                if place[0] != "address":
                    self._failures.pop(place, None)

    def _left_ms(self, place: tuple[str, ...], now_ms: int) -> int:
        known = self._failures.get(place)
        if known is None or now_ms - known.last_ms >= FORGET_MS:
            return 0
        # A clock that was set back must not make a wait longer than it is.
        passed = max(0, now_ms - known.last_ms)
        return LIMITS[place[0]].wait_ms(known.count) - passed


def _places(account: str, address: str) -> tuple[tuple[str, ...], ...]:
    return (("account from address", account, address), ("account", account), ("address", address))
