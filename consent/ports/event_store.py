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
        """Take the next revision: above every one that was committed before, and below every one that will be. Holds others up until
        the transaction ends.
        """
        ...

    async def revision(self) -> int:
        """Return the newest committed revision, 0 before the first."""
        ...

    async def append(self, events: Sequence[ConsentEvent], echoes: Sequence[tuple[Anchor, UUID]]) -> None:
        """Store events under the revision they carry, and the anchors each denial stays with (anchor, event id)."""
        ...

    async def of(self, anchors: Collection[Anchor]) -> list[ConsentEvent]:
        """Return every event of the anchors, in the order of (revision, event id)."""
        ...

    async def echoes(self, anchors: Collection[Anchor]) -> list[Echo]:
        """Return every denial of another anchor that stays with one of these."""
        ...

    async def since(self, revision: int, *, limit: int) -> list[ConsentEvent]:
        """Return at most ``limit`` events after a revision, in order; events of one revision may be cut: ask again from the last one's
        revision minus one to see all of it.
        """
        ...
