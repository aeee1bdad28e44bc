"""Where sealed records live."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from identity.domain.source_record import RecordAddress, RecordHead, RecordId, SealedVersion


@dataclass(frozen=True, slots=True)
class Candidates:
    """Live records that share a blocking key. ``truncated`` lists the keys whose block was larger than the cap:
    such a key contributes no candidates at all (a narrower one must), so that the result does not depend on luck.
    """

    by_key: Mapping[int, tuple[RecordId, ...]] = field(default_factory=dict)
    truncated: frozenset[int] = frozenset()


class RecordStore(Protocol):
    """Sealed, immutable, versioned source records and their blocking keys. Part of a ``Transaction``."""

    async def find(self, addresses: Collection[RecordAddress]) -> dict[RecordAddress, RecordHead]:
        """Return the heads of the records that exist, deleted ones included."""
        ...

    async def heads(self, record_ids: Collection[RecordId]) -> dict[RecordId, RecordHead]:
        """Return the heads of the records that exist, deleted ones included."""
        ...

    async def add(self, versions: Sequence[SealedVersion], at: datetime) -> None:
        """Store new versions (version 1 creates the record), make each the head, and replace its blocking keys.

        A deleted record that gets a new version lives again. ``version`` must be the head's plus one.

        Raises:
            ConcurrentChangeError: if the head moved meanwhile; the transactor retries.
        """
        ...

    async def delete(self, record_ids: Collection[RecordId], at: datetime) -> None:
        """Mark records deleted and drop their blocking keys; their versions stay, sealed."""
        ...

    async def retag(self, keys: Mapping[RecordId, Sequence[int]]) -> None:
        """Replace the blocking keys of live records, after the blocking rules or the standardiser changed; contents and versions stay."""
        ...

    async def read(self, record_ids: Collection[RecordId]) -> dict[RecordId, SealedVersion]:
        """Return the newest version of each live record (``block_keys`` included)."""
        ...

    async def written(self, record_ids: Collection[RecordId]) -> dict[RecordId, datetime]:
        """Return when the newest version of each live record was stored."""
        ...

    async def candidates(self, keys: Collection[int], *, cap: int) -> Candidates:
        """Return live records per blocking key, each key read up to ``cap`` records."""
        ...

    def scan(self, *, batch: int = 5000) -> AsyncIterator[list[SealedVersion]]:
        """Iterate over the newest version of every live record, in record id order, in one snapshot."""
        ...

    def scan_heads(self, *, batch: int = 20000) -> AsyncIterator[list[RecordHead]]:
        """Iterate over the heads of all live records, in record id order: tells what changed since a ``scan``, without the contents."""
        ...

    def scan_source(self, source: str, *, batch: int = 20000) -> AsyncIterator[list[RecordHead]]:
        """Iterate over the heads of a source's live records, in the order of their key MACs, in one snapshot.

        Costs by what that source has or had, whatever others have.
        """
        ...

    async def sources(self) -> list[str]:
        """Return the sources that have a live record, in order. Costs by the number of sources, not of records
        (but for a source of deleted records only).
        """
        ...

    async def count(self) -> int:
        """Return the number of live records."""
        ...
