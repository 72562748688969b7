"""What a running server holds for its pages and routes: the database, its identity, its secret and its clock.

Pages ask it for a transaction and hand the connection on to the services; it decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeVar

from lontara_core import signing
from lontara_server.services.orgs import RandomBytes, identity_of
from lontara_server.storage.engine import Connection, Engine, run_in_transaction, transaction
from lontara_server.storage.orgs import IdentityRow
from lontara_server.storage.schema import check_current

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Server:
    """A server that is ready: its database is up to date and it knows who it is."""

    engine: Engine
    identity: IdentityRow
    secret: bytes
    now_ms: Callable[[], int]
    random_bytes: RandomBytes

    def transaction(self) -> AbstractContextManager[Connection]:
        """One transaction, committed at the end or rolled back on any error."""
        return transaction(self.engine)

    def settled(self, work: Callable[[Connection], _Result]) -> _Result:
        """What `work` returns in a transaction of its own, done again where another one was in its way.

        For what devices send and people decide: `work` has no effect but on the database. Raises Problem busy.
        """
        return run_in_transaction(self.engine, work)

    def sign_answer(self, request: str, status: int, body: bytes) -> str:
        """The server's signature over an answer, as sent, to the request with this id (sync_protocol.md §6)."""
        covered = signing.answer_input(server=self.identity.server_id, request=request, status=status, body=body)
        return signing.sign(self.identity.private_key, covered)


def open_server(engine: Engine, *, secret: bytes, now_ms: Callable[[], int], random_bytes: RandomBytes) -> Server:
    """Check that the database is up to date and read who this server is.

    Raises Problem database_not_migrated, database_newer, database_unreachable, not_initialised.
    """
    check_current(engine)
    with transaction(engine) as connection:
        identity = identity_of(connection)
    return Server(engine, identity, secret, now_ms, random_bytes)


def is_ready(server: Server) -> bool:
    """Whether the database answers and still is this server's, in this epoch."""
    with server.transaction() as connection:
        return identity_of(connection) == server.identity
