"""Bitemporal assignments in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import replace
from datetime import datetime

from identity.adapters.memory.journal import Index, Journal, Table
from identity.domain.source_record import IdentityId, RecordId
from identity.domain.unified_identity import Assignment, AssignmentPlan, Cause, IdentityEvent, IdentityState, UnifiedIdentity
from identity.ports.identity_store import IdentityHistory
from identity.ports.transactor import ConcurrentChangeError


class MemoryIdentityStore:
    """Fulfils ``IdentityStore``."""

    def __init__(self, journal: Journal) -> None:
        self._identities: Table[IdentityId, UnifiedIdentity] = Table(journal)
        self._current: Table[RecordId, IdentityId] = Table(journal)
        self._members: Index[IdentityId, RecordId] = Index(journal)
        self._ever: Index[IdentityId, RecordId] = Index(journal)
        self._lives: Table[RecordId, tuple[Assignment, ...]] = Table(journal)
        self._events: Table[IdentityId, tuple[IdentityEvent, ...]] = Table(journal)

    async def current(self, record_ids: Collection[RecordId]) -> dict[RecordId, IdentityId]:
        return {record: self._current[record] for record in record_ids if record in self._current}

    async def members(self, identity_ids: Collection[IdentityId]) -> dict[IdentityId, frozenset[RecordId]]:
        return {identity: self._members.get(identity) for identity in identity_ids}

    async def read(self, identity_ids: Collection[IdentityId]) -> dict[IdentityId, UnifiedIdentity]:
        return {identity: self._identities[identity] for identity in identity_ids if identity in self._identities}

    async def former(self, record_ids: Collection[RecordId]) -> dict[RecordId, tuple[IdentityId, ...]]:
        former = {}
        for record in record_ids:
            now = self._current.get(record)
            past = dict.fromkeys(life.identity_id for life in reversed(self._lives.get(record) or ()) if life.identity_id != now)
            if past:
                former[record] = tuple(past)
        return former

    async def apply(self, plan: AssignmentPlan, *, at: datetime, cause: Cause) -> None:
        for identity in plan.created:
            self._identities.put(identity, UnifiedIdentity(identity, IdentityState.CURRENT, at))
            self._tell(identity, "created", at, cause)
        for identity in plan.revived:
            self._set(identity, IdentityState.CURRENT)
            self._tell(identity, "revived", at, cause)
        for record, target in plan.assigned.items():
            self._move(record, target, at, cause)
        for record in plan.unassigned:
            self._move(record, None, at, cause)
        for identity, survivor in plan.superseded.items():
            self._set(identity, IdentityState.SUPERSEDED, superseded_by=survivor)
            self._tell(identity, "superseded", at, cause, (survivor,))
        for identity, parts in plan.split.items():
            self._set(identity, IdentityState.SPLIT, split_into=parts)
            self._tell(identity, "split", at, cause, parts)
        for identity in plan.retired:
            self._set(identity, IdentityState.RETIRED)
            self._tell(identity, "retired", at, cause)
        for mark, identities in ((True, plan.quarantined), (False, plan.released)):
            for identity in identities:
                self._identities.put(identity, replace(self._identities[identity], quarantined=mark))
                self._tell(identity, "quarantined" if mark else "released", at, cause)

    async def found(self, homes: Mapping[RecordId, IdentityId], *, at: datetime, cause: Cause) -> None:
        if any(record in self._lives or identity in self._identities for record, identity in homes.items()):
            raise ConcurrentChangeError
        await self.apply(AssignmentPlan(created=tuple(homes.values()), assigned=homes), at=at, cause=cause)

    async def history(self, identity_id: IdentityId) -> IdentityHistory | None:
        identity = self._identities.get(identity_id)
        if identity is None:
            return None
        lives = [life for record in self._ever.get(identity_id) for life in self._lives[record] if life.identity_id == identity_id]
        return IdentityHistory(
            identity=identity,
            assignments=tuple(sorted(lives, key=lambda life: (life.valid_from, life.record_id))),
            events=self._events.get(identity_id) or (),
        )

    async def scan(self, *, batch: int = 20000) -> AsyncIterator[list[tuple[RecordId, IdentityId]]]:
        rows = sorted((record, self._current[record]) for record in self._current)
        for start in range(0, len(rows), batch):
            yield rows[start : start + batch]

    async def count(self) -> int:
        return len(self._members)

    def _set(
        self,
        identity: IdentityId,
        state: IdentityState,
        *,
        superseded_by: IdentityId | None = None,
        split_into: tuple[IdentityId, ...] = (),
    ) -> None:
        before = self._identities[identity]
        self._identities.put(identity, replace(before, state=state, superseded_by=superseded_by, split_into=split_into))

    def _move(self, record: RecordId, target: IdentityId | None, at: datetime, cause: Cause) -> None:
        lives = self._lives.get(record) or ()
        before = self._current.drop(record)
        if before is not None:
            self._members.discard(before, record)
            lives = (*lives[:-1], replace(lives[-1], valid_to=at, end_cause=cause))
        if target is not None:
            self._current.put(record, target)
            self._members.add(target, record)
            self._ever.add(target, record)
            lives = (*lives, Assignment(record, target, at, None, cause))
        self._lives.put(record, lives)

    def _tell(self, identity: IdentityId, kind: str, at: datetime, cause: Cause, others: tuple[IdentityId, ...] = ()) -> None:
        event = IdentityEvent(identity, kind, at, cause, others)
        self._events.put(identity, (*(self._events.get(identity) or ()), event))
