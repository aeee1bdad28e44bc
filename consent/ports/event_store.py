"""Where consent events live: append-only, in the order in which they were acknowledged."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol
from uuid import UUID

from consent.domain.anchor import Anchor
from consent.domain.event import ConsentEvent, Echo


class EventStore(Protocol):
    """Events and echoes. Part of a ``Transaction``. A row that was altered raises ``EVENT_ALTERED`` wherever it is read."""

    async def next_revision(self) -> int:
        """Take the next revision: above every one that was committed before, and below every one that will be. A transaction has one:
        asking again returns the same.
        """
        ...

    async def revision(self) -> int:
        """Return the newest committed revision, 0 before the first."""
        ...

    async def append(self, events: Sequence[ConsentEvent], echoes: Sequence[tuple[Anchor, UUID]]) -> None:
        """Store events under the revision they carry, which is the transaction's own, and the anchors each denial stays with
        (anchor, event id); an echo that is there already is left as it is. Echoes alone take a revision too: decisions change with them.

        Raises:
            ValueError: if an event carries another revision, or an echo is of an event that is not there.
        """
        ...

    async def of(self, anchors: Collection[Anchor]) -> list[ConsentEvent]:
        """Return every event of the anchors, in the order of (revision, event id)."""
        ...

    async def echoes(self, anchors: Collection[Anchor]) -> list[Echo]:
        """Return every denial of another anchor that stays with one of these."""
        ...

    async def since(self, revision: int, *, limit: int) -> list[ConsentEvent]:
        """Return at most ``limit`` events after a revision, in the order in which they were appended; events of one revision may be cut:
        ask again from the last one's revision minus one to see all of it.

        Raises:
            ConsentError: ``EVENT_ALTERED`` also if an event or echo that was recorded is no longer there: reading on from 0 until nothing
                comes is an audit of them all.
        """
        ...
