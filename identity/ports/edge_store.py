"""Where the machine's edges live, and the review queue that is a view of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from typing import Protocol

from identity.domain.cluster import Pair
from identity.domain.edge import Edge
from identity.domain.refusal import LinkRefusal, Place, Waiting
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

    async def mark_refused(self, marks: Mapping[Pair, LinkRefusal | None]) -> None:
        """Say of stored links why clustering refused them, or (None) that it does not.

        A pair without an edge of grade link is passed over. An edge that is stored anew comes without a mark.
        """
        ...

    async def review(self, *, after: Place | None, limit: int, centre: float) -> list[Waiting]:
        """Return edges that want a steward (grade hold or review, or a refused link; never judged), hardest first.

        The order is that of ``Waiting.place(centre)``; ``after`` is the place of the last one seen.
        """
        ...

    def scan(self, *, batch: int = 20000) -> AsyncIterator[list[Edge]]:
        """Iterate over all edges in (left, right) order."""
        ...

    async def count(self) -> int:
        """Return the number of stored edges."""
        ...
