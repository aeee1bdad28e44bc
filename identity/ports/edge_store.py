"""Where the machine's edges live, and the review queue that is a view of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable
from typing import Protocol

from identity.domain.edge import Edge
from identity.domain.source_record import RecordId


class EdgeStore(Protocol):
    """Scored pairs under the active bundle. Part of a ``Transaction``."""

    async def touching(self, record_ids: Collection[RecordId]) -> list[Edge]:
        """Return every stored edge with at least one end among the records."""
        ...

    async def replace_for(self, record_ids: Collection[RecordId], edges: Iterable[Edge]) -> None:
        """Drop every edge touching the records, then store the given ones."""
        ...

    async def replace_all(self, edges: Iterable[Edge]) -> None:
        """Drop every edge, then store the given ones (batch link)."""
        ...

    async def review(self, *, after: tuple[float, RecordId, RecordId] | None, limit: int, centre: float) -> list[Edge]:
        """Return edges that want a steward (grade hold or review, no standing judgement), hardest first.

        Hardest means nearest to ``centre`` by decision weight; ``after`` is (distance, left, right) of the last one seen.
        """
        ...

    def scan(self, *, batch: int = 20000) -> AsyncIterator[list[Edge]]:
        """Iterate over all edges in (left, right) order."""
        ...

    async def count(self) -> int:
        """Return the number of stored edges."""
        ...
