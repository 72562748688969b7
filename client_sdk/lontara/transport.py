"""How bytes reach the server: the protocol of two words that the engine asks for, and HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final, Protocol
from urllib.parse import urlsplit

import httpx

from lontara_core.messages import INFLATED_BYTES_MAX
from lontara_core.problems import Problem

CONNECT_SECONDS: Final = 15.0
READ_SECONDS: Final = 60.0


@dataclass(frozen=True)
class HttpAnswer:
    """An answer as it came over the wire, not inflated; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class TransportFailed(Exception):
    """No answer came. `reached`: the server was reached, so the link cut in between and a smaller batch may pass."""

    def __init__(self, why: str, *, reached: bool) -> None:
        super().__init__(why)
        self.reached = reached


class Transport(Protocol):
    """Where the engine sends; an answer that is not the server's is told by its missing signature."""

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        """Send and wait for the answer; raises TransportFailed."""


class HttpTransport:
    """HTTP(S) to one server. Plain http only to this machine itself, or where `insecure_lan` was chosen."""

    def __init__(self, url: str, *, insecure_lan: bool = False) -> None:
        check_url(url, insecure_lan=insecure_lan)
        timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
        self._client = httpx.Client(base_url=url.rstrip("/"), timeout=timeout, follow_redirects=False)

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        asked = {"Content-Type": "application/json", "Accept-Encoding": "gzip", **headers}
        try:
            with self._client.stream("POST", path, content=body, headers=asked) as response:
                raw = bytearray()
                for part in response.iter_raw():
                    raw += part
                    if len(raw) > INFLATED_BYTES_MAX:
                        raise TransportFailed("an answer beyond every limit", reached=False)
                named = {name.lower(): value for name, value in response.headers.items()}
                return HttpAnswer(response.status_code, named, bytes(raw))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise TransportFailed(type(error).__name__, reached=False) from error
        except httpx.HTTPError as error:
            raise TransportFailed(type(error).__name__, reached=True) from error

    def close(self) -> None:
        """Let the connection go."""
        self._client.close()


def check_url(url: str, *, insecure_lan: bool) -> None:
    """Raise Problem for an address that is no http(s) address, or plain http over a network."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Problem("invalid_url", "The server's address begins with https:// and names a host.", {"url": url},
                      "Ask for the address again.")  # fmt: skip
    if parts.scheme == "http" and not insecure_lan and not _is_loopback(parts.hostname):
        raise Problem("plain_http_refused", "Plain http lets everybody on the way read along; it was not used.",
                      {"url": url}, "Use https, or enrol with --insecure-lan inside a closed network.")  # fmt: skip


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
