"""The link between the devices and the server: by chance it loses, doubles, delays, cuts and mixes up what goes over it.

Things may happen while a request is on its way: other devices sync, and the same person goes on writing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from lontara.transport import HttpAnswer, TransportFailed
from simulation.office import Office, ServerCrashed
from simulation.tablet import Crashed, Tablet

# What becomes of a request, with how often out of the sum.
FAULTS: Final = {
    "none": 56,
    "no signal": 5,
    "request lost": 6,
    "answer lost": 8,
    "answer cut": 2,
    "doubled": 5,
    "delayed": 6,
    "older answer": 3,
    "portal": 2,
    "busy": 2,
    "server dies": 5,
    "server dies before commit": 3,
}
STATEMENTS_MAX: Final = 40
# Beyond this a device that has a link asks for ever.
REQUESTS_OF_ONE_SYNC_MAX: Final = 300


class Endless(Exception):
    """A device goes on asking without end."""


@dataclass(frozen=True)
class Request:
    """A request as it went out."""

    path: str
    body: bytes
    headers: Mapping[str, str]


class Network:
    """All links together; `calm` ends the faults, and then delayed requests are the only surprise left."""

    def __init__(self, office: Office, chance: Callable[[], Random], meanwhile: Callable[[Tablet], None]) -> None:
        self._office, self._chance, self._meanwhile = office, chance, meanwhile
        self.calm = False
        self.delayed: list[Request] = []
        self._older: list[HttpAnswer] = []
        self.faults: Counter[str] = Counter()
        self.requests = 0

    def link(self, tablet: Tablet) -> Link:
        return Link(self, tablet)

    def carry(self, request: Request, sender: Tablet) -> HttpAnswer:
        """Bring one request to the server, whatever happens to it; raises TransportFailed."""
        self.requests += 1
        fault = "none" if self.calm else self._chance().choices(list(FAULTS), list(FAULTS.values()))[0]
        self.faults[fault] += 1
        self._meanwhile(sender)
        answer = self._suffer(fault, request)
        self._meanwhile(sender)
        return answer

    def deliver_late(self) -> bool:
        """Let one delayed request arrive, its answer heard by nobody; whether there was one."""
        if not self.delayed:
            return False
        request = self.delayed.pop(self._chance().randrange(len(self.delayed)))
        self._deliver(request)
        return True

    def _suffer(self, fault: str, request: Request) -> HttpAnswer:
        if fault == "no signal":
            raise TransportFailed(fault, reached=False)
        if fault == "request lost":
            raise TransportFailed(fault, reached=True)
        if fault == "delayed":
            self.delayed.append(request)
            raise TransportFailed(fault, reached=True)
        if fault == "older answer" and self._older:
            self.delayed.append(request)
            return self._chance().choice(self._older)
        if fault == "portal":
            return HttpAnswer(200, {}, b"<html>Silakan masuk</html>")
        if fault == "busy":
            return HttpAnswer(503, {"retry-after": "2"}, b"")
        return self._reach(fault, request)

    def _reach(self, fault: str, request: Request) -> HttpAnswer:
        """The faults in which the server gets the request."""
        if fault == "server dies":
            self._office.statements_left = self._chance().randint(1, STATEMENTS_MAX)
        answer = self._deliver(request, dies_before_commit=fault == "server dies before commit")
        if fault == "doubled":
            second = self._deliver(request)
            answer = self._chance().choice([answer, second])
        self._older.append(answer)
        if fault == "answer lost":
            raise TransportFailed(fault, reached=True)
        if fault == "answer cut":
            cut = self._chance().randrange(len(answer.body))
            return HttpAnswer(answer.status, answer.headers, answer.body[:cut])
        return answer

    def _deliver(self, request: Request, *, dies_before_commit: bool = False) -> HttpAnswer:
        try:
            return self._office.answer(
                request.path, request.body, request.headers, dies_before_commit=dies_before_commit
            )  # fmt: skip
        except ServerCrashed as crash:
            self._office.restart()
            raise TransportFailed("server died", reached=True) from crash
        finally:
            self._office.statements_left = None


class Link:
    """One device's transport. A process that died while its request was away hears no answer."""

    def __init__(self, network: Network, tablet: Tablet) -> None:
        self._network, self._tablet, self._life = network, tablet, tablet.lives
        self._carried = 0

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        self._carried += 1
        if self._carried > REQUESTS_OF_ONE_SYNC_MAX:
            raise Endless
        try:
            return self._network.carry(Request(path, body, dict(headers)), self._tablet)
        finally:
            if self._tablet.lives != self._life:
                raise Crashed
