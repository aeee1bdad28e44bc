"""Units of work: all of it, or none of it, seen by nobody half-way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from identity.ports.bundle_store import BundleStore
from identity.ports.edge_store import EdgeStore
from identity.ports.identity_store import IdentityStore
from identity.ports.judgement_store import JudgementStore
from identity.ports.key_store import KeyStore
from identity.ports.record_store import RecordStore
from identity.ports.request_store import RequestStore

T = TypeVar("T")


class ConcurrentChangeError(Exception):
    """Somebody else changed what this transaction read; the transactor runs the work again."""


class Transaction(Protocol):
    """The stores, all inside one serializable transaction."""

    @property
    def records(self) -> RecordStore: ...
    @property
    def identities(self) -> IdentityStore: ...
    @property
    def edges(self) -> EdgeStore: ...
    @property
    def judgements(self) -> JudgementStore: ...
    @property
    def bundles(self) -> BundleStore: ...
    @property
    def requests(self) -> RequestStore: ...
    @property
    def keys(self) -> KeyStore: ...


class Transactor(Protocol):
    """Runs work in a transaction."""

    async def run(self, work: Callable[[Transaction], Awaitable[T]], *, read_only: bool = False) -> T:
        """Run ``work`` and commit; on a serialization failure, a deadlock or a dropped connection, run it again.

        ``work`` may run several times, so it must have no effect outside the transaction. Read-only work sees one snapshot.

        Raises:
            IdentityError: ``STORE_UNAVAILABLE`` when the database cannot be reached or the retries are used up.
        """
        ...
