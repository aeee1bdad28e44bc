"""A lane of a bulk load: takes chunks one after the other, in this process or another."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from identity.domain.ingest import IngestCounts
from identity.domain.mapping import Rejection
from identity.ports.record_source import Chunk

KEY_BYTES = 16
ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class IdentifiedChunk:
    """The keyed addresses of a chunk's rows, in order: ``KEY_BYTES`` each. ``unnamed`` rows were refused before they had one."""

    keys: bytes
    unnamed: int = 0


@dataclass(frozen=True, slots=True)
class LoadedChunk:
    """What became of a chunk's rows; ``fresh`` are the ids of records that are new or changed and not assigned yet: ``ID_BYTES`` each."""

    counts: IngestCounts
    rejected: tuple[Rejection, ...] = ()
    fresh: bytes = b""


class IngestLane(Protocol):
    """Identifies, prepares, then commits each chunk. While one is being committed, or waits for it, the next may be identified and
    prepared: a lane holds two chunks at most. Only committing needs the database to itself: of several lanes, let one commit while
    the others work, since serializable transactions that write the same index pages at once lose races.
    """

    async def identify(self, chunk: Chunk) -> IdentifiedChunk:
        """Read a chunk and tell its rows' addresses, so that rows whose key came before can be left out."""
        ...

    async def prepare(self, repeated: Collection[int]) -> None:
        """Make the identified chunk ready to store, without the rows (by position in ``keys``) that repeat a key."""
        ...

    async def commit(self) -> LoadedChunk:
        """Store the chunk that was prepared first in one transaction.

        Raises:
            IdentityError: ``STORE_UNAVAILABLE``; nothing of the chunk is stored then.
        """
        ...
