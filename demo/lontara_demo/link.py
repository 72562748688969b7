"""A poor link: a small TCP relay on loopback that is slow, cuts connections and loses answers, by a seed.

It knows bytes and connections only, nothing of what they say.
"""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Self

CHUNK_BYTES: Final = 4096
LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True)
class Quality:
    """How poor the link is.

    cut_after_bytes: a connection is cut after about so many bytes (half to one and a half times), both ways together.
    answer_loss: chance from 0 to 1 that a request arrives and its answer never does.
    faults_max: after so many cuts and losses the link is only slow, so that whoever tries again comes to an end.
    """

    bytes_per_second: int = 60_000
    delay_seconds: float = 0.03
    cut_after_bytes: int = 8_000
    answer_loss: float = 0.15
    faults_max: int = 60


@dataclass
class Traffic:
    """What went over the link so far. A connection that has ended was whole, cut, or lost an answer."""

    connection_count: int = 0
    whole_count: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    cut_count: int = 0
    lost_answer_count: int = 0


class PoorLink:
    """The relay, from `with` to its end: what connects to `port` reaches the server, sometimes."""

    def __init__(self, server_port: int, quality: Quality, *, seed: int) -> None:
        self.traffic = Traffic()
        self._server_port = server_port
        self._quality = quality
        self._seed = seed
        self._lock = threading.Lock()
        self._calls: set[_Call] = set()
        self._listener = socket.create_server((LOOPBACK, 0))
        self._closing = False
        self._thread = threading.Thread(target=self._accept, name="poor-link", daemon=True)

    @property
    def port(self) -> int:
        """Where it listens, on loopback."""
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._closing = True
        # A last connection of our own wakes the thread that waits for one.
        socket.create_connection((LOOPBACK, self.port)).close()
        self._thread.join()
        self._listener.close()
        for call in list(self._calls):
            self._end(call)

    def _accept(self) -> None:
        while True:
            device, _address = self._listener.accept()
            if self._closing:
                device.close()
                return
            try:
                server = socket.create_connection((LOOPBACK, self._server_port))
            except OSError:
                device.close()
                continue
            with self._lock:
                self.traffic.connection_count += 1
                chance = random.Random(f"{self._seed}:{self.traffic.connection_count}")
            call = _Call(device, server, int(self._quality.cut_after_bytes * chance.uniform(0.5, 1.5)), chance)
            with self._lock:
                self._calls.add(call)
            for pump in (self._pump_up, self._pump_down):
                threading.Thread(target=pump, args=(call,), name="poor-link-call", daemon=True).start()

    def _pump_up(self, call: _Call) -> None:
        for chunk in call.chunks_from(call.device):
            if not call.asking:
                call.asking = True
                time.sleep(self._quality.delay_seconds)
            with self._lock:
                self.traffic.bytes_up += len(chunk)
            if self._breaks(call, len(chunk)) or not self._pass_on(chunk, call.server):
                break
        self._end(call)

    def _pump_down(self, call: _Call) -> None:
        for chunk in call.chunks_from(call.server):
            if call.asking:
                call.asking = False
                if self._loses_answer(call):
                    break
                time.sleep(self._quality.delay_seconds)
            with self._lock:
                self.traffic.bytes_down += len(chunk)
            if self._breaks(call, len(chunk)) or not self._pass_on(chunk, call.device):
                break
        self._end(call)

    def _pass_on(self, chunk: bytes, receiver: socket.socket) -> bool:
        time.sleep(len(chunk) / self._quality.bytes_per_second)
        try:
            receiver.sendall(chunk)
        except OSError:
            return False
        return True

    def _breaks(self, call: _Call, byte_count: int) -> bool:
        with self._lock:
            call.bytes_left -= byte_count
            if call.bytes_left > 0 or call.is_broken or not self._may_fail():
                return call.is_broken
            call.is_broken = True
            self.traffic.cut_count += 1
            return True

    def _loses_answer(self, call: _Call) -> bool:
        with self._lock:
            lost = call.chance.random() < self._quality.answer_loss
            if not lost or call.is_broken or not self._may_fail():
                return call.is_broken
            call.is_broken = True
            self.traffic.lost_answer_count += 1
            return True

    def _may_fail(self) -> bool:
        return self.traffic.cut_count + self.traffic.lost_answer_count < self._quality.faults_max

    def _end(self, call: _Call) -> None:
        call.cut()
        with self._lock:
            if call in self._calls and not call.is_broken:
                self.traffic.whole_count += 1
            self._calls.discard(call)


class _Call:
    """One connection through the relay. `asking`: bytes went up since the last that came down; `is_broken`: the link
    has cut it or lost its answer."""

    def __init__(self, device: socket.socket, server: socket.socket, bytes_left: int, chance: random.Random) -> None:
        self.device = device
        self.server = server
        self.bytes_left = bytes_left
        self.chance = chance
        self.asking = False
        self.is_broken = False

    @staticmethod
    def chunks_from(sender: socket.socket) -> Iterator[bytes]:
        """What arrives, until either side ends."""
        while True:
            try:
                chunk = sender.recv(CHUNK_BYTES)
            except OSError:
                return
            if not chunk:
                return
            yield chunk

    def cut(self) -> None:
        """End both sides; safe to call again."""
        for side in (self.device, self.server):
            # Without the shutdown a thread that waits in `recv` would wait on; an error says it is down already.
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
            side.close()
