"""The demo's poor link: it carries bytes, cuts, loses answers, and comes to an end of its faults."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from lontara_demo.link import PoorLink, Quality

FAST = Quality(bytes_per_second=100_000_000, delay_seconds=0.0, cut_after_bytes=1_000_000, answer_loss=0.0)


class Echo:
    """A server that sends back what it gets, and counts the bytes that arrived."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.byte_count = 0
        self.arrived = threading.Event()

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            try:
                while chunk := connection.recv(65_536):
                    self.byte_count += len(chunk)
                    self.arrived.set()
                    connection.sendall(chunk)
            except OSError:
                return


@pytest.fixture
def echo() -> Iterator[Echo]:
    server = Echo()
    threading.Thread(target=server.run, daemon=True).start()
    yield server
    server.listener.shutdown(socket.SHUT_RDWR)
    server.listener.close()


@contextmanager
def linked(echo: Echo, quality: Quality) -> Iterator[PoorLink]:
    with PoorLink(echo.port, quality, seed=1) as link:
        yield link


def ask(link: PoorLink, text: bytes) -> bytes:
    """Send and read the same number of bytes, or fewer where the link was cut."""
    answer = b""
    with socket.create_connection(("127.0.0.1", link.port), timeout=5) as connection:
        try:
            connection.sendall(text)
            while len(answer) < len(text) and (chunk := connection.recv(65_536)):
                answer += chunk
        except OSError:
            return answer
    return answer


def test_a_good_link_carries_every_byte_both_ways(echo: Echo) -> None:
    text = b"a" * 30_000
    with linked(echo, FAST) as link:
        answer = ask(link, text)

        assert answer == text
        assert (link.traffic.bytes_up, link.traffic.bytes_down) == (30_000, 30_000)


def test_a_connection_is_cut_after_its_bytes(echo: Echo) -> None:
    with linked(echo, replace(FAST, cut_after_bytes=10_000)) as link:
        answer = ask(link, b"a" * 100_000)

        assert len(answer) < 100_000
        assert link.traffic.cut_count >= 1


def test_a_lost_answer_is_of_a_request_that_arrived(echo: Echo) -> None:
    with linked(echo, replace(FAST, answer_loss=1.0)) as link:
        answer = ask(link, b"request")

        assert answer == b""
        assert echo.arrived.wait(5)
        assert link.traffic.lost_answer_count == 1


def test_after_the_last_fault_the_link_is_only_slow(echo: Echo) -> None:
    with linked(echo, replace(FAST, answer_loss=1.0, faults_max=3)) as link:
        answers = [ask(link, b"request") for _ in range(5)]

        assert answers == [b"", b"", b"", b"request", b"request"]


def test_every_connection_was_whole_cut_or_lost_its_answer(echo: Echo) -> None:
    with linked(echo, replace(FAST, answer_loss=0.5, cut_after_bytes=20_000, faults_max=6)) as link:
        for _ in range(12):
            ask(link, b"a" * 15_000)

    traffic = link.traffic
    assert traffic.whole_count + traffic.cut_count + traffic.lost_answer_count == traffic.connection_count == 12
    assert (traffic.cut_count + traffic.lost_answer_count, traffic.whole_count) == (6, 6)
