"""Whether a use of data may go ahead. Identity passes purposes on; it does not know what they mean."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from identity.domain.source_record import IdentityId, RecordId


@dataclass(frozen=True, slots=True)
class Use:
    """Who asks, for what, on whose behalf: opaque names, checked against the caller registry before they come here."""

    caller: str
    purpose: str
    recipient: str


@dataclass(frozen=True, slots=True)
class Release:
    """The gate's answer to one release. ``warnings`` go out with the answer."""

    permitted: bool
    ground: str
    warnings: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        raise TypeError("a Release has no truth value: read .permitted")


class PurposeGate(Protocol):
    """Stands in the path of every release and of linking (DESIGN §4.7). Anything unknown is refused."""

    async def may_release(self, use: Use, identities: Sequence[IdentityId]) -> list[Release]:
        """Decide, for each identity, whether ``use`` may learn it. Order is kept."""
        ...

    async def may_link(self, records: Collection[RecordId]) -> frozenset[RecordId]:
        """Return the records whose subjects do not object to unification; the others stay alone."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """What every answer must say about this gate (empty for a real one)."""
        ...
