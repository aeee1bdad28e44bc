"""A lane of a bulk load: takes chunks one after the other, in this process or another."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from identity.domain.ingest import IngestCounts
from identity.domain.mapping import Rejection
from identity.domain.source_record import RecordId
from identity.ports.record_source import Chunk

KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class IdentifiedChunk:
    """The keyed addresses of a chunk's rows, in order: ``KEY_BYTES`` each. ``unnamed`` rows have no key that could be read."""

    keys: bytes
    unnamed: int = 0


@dataclass(frozen=True, slots=True)
class LoadedChunk:
    """What became of a chunk's rows; ``fresh`` are the records that are new or changed and not assigned yet."""

    counts: IngestCounts
    rejected: tuple[Rejection, ...] = ()
    fresh: tuple[RecordId, ...] = ()


class IngestLane(Protocol):
    """Identifies, then loads, one chunk at a time."""

    async def identify(self, chunk: Chunk) -> IdentifiedChunk:
        """Read a chunk and tell its rows' addresses, so that rows whose key came before can be left out."""
        ...

    async def load(self, repeated: Collection[int]) -> LoadedChunk:
        """Store the identified chunk in one transaction, without the rows (by position in ``keys``) that repeat a key.

        Raises:
            IdentityError: ``STORE_UNAVAILABLE``; nothing of the chunk is stored then.
        """
        ...
