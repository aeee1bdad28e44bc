"""Where assignments live: which record belongs to which identity, when, and why."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from identity.domain.source_record import IdentityId, RecordId
from identity.domain.unified_identity import Assignment, AssignmentPlan, Cause, IdentityEvent, UnifiedIdentity


@dataclass(frozen=True, slots=True)
class IdentityHistory:
    """What is known of an identity: itself, all its assignments ever, and its events, oldest first."""

    identity: UnifiedIdentity
    assignments: tuple[Assignment, ...]
    events: tuple[IdentityEvent, ...]


class IdentityStore(Protocol):
    """Bitemporal assignments. Part of a ``Transaction``."""

    async def current(self, record_ids: Collection[RecordId]) -> dict[RecordId, IdentityId]:
        """Return the current identity of each record that has one."""
        ...

    async def members(self, identity_ids: Collection[IdentityId]) -> dict[IdentityId, frozenset[RecordId]]:
        """Return the records now assigned to each identity."""
        ...

    async def read(self, identity_ids: Collection[IdentityId]) -> dict[IdentityId, UnifiedIdentity]:
        """Return the identities that were ever issued, as they stand."""
        ...

    async def former(self, record_ids: Collection[RecordId]) -> dict[RecordId, tuple[IdentityId, ...]]:
        """Return the identities each record belonged to before, newest first, for reviving an id after a split."""
        ...

    async def apply(self, plan: AssignmentPlan, *, at: datetime, cause: Cause) -> None:
        """Apply a plan whole: close and open assignments, change states, write events.

        Raises:
            ConcurrentChangeError: if an assignment moved meanwhile; the transactor retries.
        """
        ...

    async def found(self, homes: Mapping[RecordId, IdentityId], *, at: datetime, cause: Cause) -> None:
        """Bring identities into being, each of one record that never had any: what ``apply`` would do, without looking first.

        Raises:
            ConcurrentChangeError: if such a record was assigned before, or the identity exists (or the driver's word for it, which
                the transactor takes alike).
        """
        ...

    async def history(self, identity_id: IdentityId) -> IdentityHistory | None:
        """Return everything known of an identity, or None if the id was never issued."""
        ...

    def scan(self, *, batch: int = 20000) -> AsyncIterator[list[tuple[RecordId, IdentityId]]]:
        """Iterate over all current assignments, in record id order, in one snapshot."""
        ...

    async def count(self) -> int:
        """Return the number of identities that now have records."""
        ...
