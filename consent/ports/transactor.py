"""Units of work: all or nothing, one writer after another, run again when they lose a race."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from consent.ports.catalogue_store import CatalogueStore
from consent.ports.event_store import EventStore
from consent.ports.request_store import RequestStore

T = TypeVar("T")


class Transaction(Protocol):
    """All stores, in one transaction."""

    @property
    def events(self) -> EventStore:
        """Consent events."""
        ...

    @property
    def catalogue(self) -> CatalogueStore:
        """Purposes and notices."""
        ...

    @property
    def requests(self) -> RequestStore:
        """Answers already given."""
        ...


class Transactor(Protocol):
    """Runs units of work."""

    async def run(self, work: Callable[[Transaction], Awaitable[T]], *, read_only: bool = False) -> T:
        """Run ``work``, which may be called again, and return its result once it is durable. Work that writes runs after all that was
        committed before and sees it; read-only work sees one instant.

        Raises:
            ConsentError: ``STORE_UNAVAILABLE``.
            RuntimeError: if ``read_only`` work writes.
        """
        ...
