"""Bitemporal assignments in PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import datetime

from identity.adapters.postgres.bulk import BULK_FROM, bulk_assign, bulk_create
from identity.adapters.postgres.link import BEFORE_ALL, Link, Row
from identity.domain.source_record import IdentityId, RecordId
from identity.domain.unified_identity import Assignment, AssignmentPlan, Cause, IdentityEvent, IdentityState, UnifiedIdentity
from identity.ports.identity_store import IdentityHistory
from identity.ports.transactor import ConcurrentChangeError

_CURRENT = "SELECT record_id, identity_id FROM identity.assignment WHERE record_id = ANY($1::uuid[]) AND valid_to IS NULL"

_MEMBERS = "SELECT identity_id, record_id FROM identity.assignment WHERE identity_id = ANY($1::uuid[]) AND valid_to IS NULL"

_COLUMNS = "identity_id, state, created_at, superseded_by, split_into, quarantined"

_READ = f"SELECT {_COLUMNS} FROM identity.identity WHERE identity_id = ANY($1::uuid[])"  # noqa: S608 - our own column list

_FORMER = """
SELECT record_id, identity_id, valid_to IS NULL AS now FROM identity.assignment
WHERE record_id = ANY($1::uuid[]) ORDER BY record_id, ordinal DESC
"""

_CREATE = """
INSERT INTO identity.identity (identity_id, state, created_at, created_cause, superseded_by, split_into, quarantined)
SELECT id, 'current', $2, $3, NULL, '{}', false FROM unnest($1::uuid[]) AS n (id)
"""

_CLOSE = "UPDATE identity.assignment SET valid_to = $2 WHERE record_id = ANY($1::uuid[]) AND valid_to IS NULL"

_ORDINALS = "SELECT record_id, max(ordinal) AS last FROM identity.assignment WHERE record_id = ANY($1::uuid[]) GROUP BY record_id"

_OPEN = """
INSERT INTO identity.assignment (record_id, ordinal, identity_id, valid_from, valid_to, cause)
SELECT n.record_id, n.ordinal, n.identity_id, $4, NULL, $5
FROM unnest($1::uuid[], $2::int4[], $3::uuid[]) AS n (record_id, ordinal, identity_id)
"""

_SET_STATE = """
UPDATE identity.identity AS i SET state = $2, superseded_by = n.survivor, split_into = $4
FROM unnest($1::uuid[], $3::uuid[]) AS n (identity_id, survivor) WHERE i.identity_id = n.identity_id
"""

_SET_QUARANTINE = "UPDATE identity.identity SET quarantined = $2 WHERE identity_id = ANY($1::uuid[])"

_TELL = """
INSERT INTO identity.identity_event (identity_id, ordinal, kind, at, cause, others)
SELECT n.identity_id, 1 + (SELECT count(*) FROM identity.identity_event AS e WHERE e.identity_id = n.identity_id), $3, $4, $5,
       CASE WHEN n.other IS NULL THEN $6::uuid[] ELSE ARRAY[n.other] END
FROM unnest($1::uuid[], $2::uuid[]) AS n (identity_id, other)
"""

_IDENTITY = f"SELECT {_COLUMNS}, created_cause FROM identity.identity WHERE identity_id = $1"  # noqa: S608 - our own column list

# What ends an assignment begins the next one; a record that leaves for nowhere was deleted.
_LIVES = """
SELECT a.record_id, a.identity_id, a.valid_from, a.valid_to, a.cause,
       CASE WHEN a.valid_to IS NOT NULL THEN coalesce(n.cause, 'deletion') END AS end_cause
FROM identity.assignment AS a
LEFT JOIN identity.assignment AS n ON n.record_id = a.record_id AND n.ordinal = a.ordinal + 1 AND n.valid_from = a.valid_to
WHERE a.identity_id = $1 ORDER BY a.valid_from, a.record_id, a.ordinal
"""

_EVENTS = "SELECT identity_id, kind, at, cause, others FROM identity.identity_event WHERE identity_id = $1 ORDER BY ordinal"

_SCAN = """
SELECT record_id, identity_id FROM identity.assignment WHERE valid_to IS NULL AND record_id > $1 ORDER BY record_id LIMIT $2
"""

_COUNT = "SELECT count(DISTINCT identity_id) FROM identity.assignment WHERE valid_to IS NULL"


class PostgresIdentityStore:
    """Fulfils ``IdentityStore``."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def current(self, record_ids: Collection[RecordId]) -> dict[RecordId, IdentityId]:
        return {row["record_id"]: row["identity_id"] for row in await self._link.fetch(_CURRENT, list(record_ids))}

    async def members(self, identity_ids: Collection[IdentityId]) -> dict[IdentityId, frozenset[RecordId]]:
        found: dict[IdentityId, set[RecordId]] = {identity: set() for identity in identity_ids}
        for row in await self._link.fetch(_MEMBERS, list(found)):
            found[row["identity_id"]].add(row["record_id"])
        return {identity: frozenset(records) for identity, records in found.items()}

    async def read(self, identity_ids: Collection[IdentityId]) -> dict[IdentityId, UnifiedIdentity]:
        rows = await self._link.fetch(_READ, list(identity_ids))
        return {identity.identity_id: identity for identity in map(_identity, rows)}

    async def former(self, record_ids: Collection[RecordId]) -> dict[RecordId, tuple[IdentityId, ...]]:
        past: dict[RecordId, dict[IdentityId, None]] = {}
        now: dict[RecordId, IdentityId] = {}
        for row in await self._link.fetch(_FORMER, list(record_ids)):
            record, identity = row["record_id"], row["identity_id"]
            if row["now"]:
                now[record] = identity
            elif identity != now.get(record):
                past.setdefault(record, {})[identity] = None
        return {record: tuple(identities) for record, identities in past.items()}

    async def apply(self, plan: AssignmentPlan, *, at: datetime, cause: Cause) -> None:
        await self._create(plan.created, at, cause)
        if plan.revived:
            await self._set(plan.revived, IdentityState.CURRENT)
            await self._tell(plan.revived, "revived", at, cause)
        await self._move(plan, at, cause)
        if plan.superseded:
            survivors = list(plan.superseded.values())
            await self._set(plan.superseded, IdentityState.SUPERSEDED, survivors)
            await self._tell(plan.superseded, "superseded", at, cause, survivors)
        for identity, parts in plan.split.items():
            await self._set([identity], IdentityState.SPLIT, parts=parts)
            await self._tell([identity], "split", at, cause, parts=parts)
        if plan.retired:
            await self._set(plan.retired, IdentityState.RETIRED)
            await self._tell(plan.retired, "retired", at, cause)
        for kind, marked in (("quarantined", plan.quarantined), ("released", plan.released)):
            if marked:
                await self._link.execute(_SET_QUARANTINE, list(marked), kind == "quarantined")
                await self._tell(marked, kind, at, cause)

    async def found(self, homes: Mapping[RecordId, IdentityId], *, at: datetime, cause: Cause) -> None:
        await self._create(list(homes.values()), at, cause)
        await self._open([(record, 1, identity) for record, identity in homes.items()], at, cause)

    async def _create(self, created: Sequence[IdentityId], at: datetime, cause: Cause) -> None:
        if len(created) >= BULK_FROM:
            await bulk_create(self._link, created, at, cause)
        elif created:
            await self._link.execute(_CREATE, list(created), at, cause.value)

    async def _move(self, plan: AssignmentPlan, at: datetime, cause: Cause) -> None:
        moving = [*plan.assigned, *plan.unassigned]
        if not moving:
            return
        last = {row["record_id"]: row["last"] for row in await self._link.fetch(_ORDINALS, moving)}
        if last:
            await self._link.execute(_CLOSE, list(last), at)
        await self._open([(record, last.get(record, 0) + 1, identity) for record, identity in plan.assigned.items()], at, cause)

    async def _open(self, rows: Sequence[tuple[RecordId, int, IdentityId]], at: datetime, cause: Cause) -> None:
        if len(rows) >= BULK_FROM:
            await bulk_assign(self._link, rows, at, cause)
        elif rows:
            records, ordinals, identities = ([row[i] for row in rows] for i in range(3))
            await self._link.execute(_OPEN, records, ordinals, identities, at, cause.value)

    async def _set(
        self,
        identities: Iterable[IdentityId],
        state: IdentityState,
        survivors: Sequence[IdentityId] = (),
        *,
        parts: Sequence[IdentityId] = (),
    ) -> None:
        ids = list(identities)
        done = await self._link.execute(_SET_STATE, ids, state.value, list(survivors), list(parts))
        if done != f"UPDATE {len(ids)}":  # an id that was never issued, or is not visible yet
            raise ConcurrentChangeError

    async def _tell(
        self,
        identities: Iterable[IdentityId],
        kind: str,
        at: datetime,
        cause: Cause,
        others: Sequence[IdentityId] = (),
        *,
        parts: Sequence[IdentityId] = (),
    ) -> None:
        await self._link.execute(_TELL, list(identities), list(others), kind, at, cause.value, list(parts))

    async def history(self, identity_id: IdentityId) -> IdentityHistory | None:
        row = await self._link.fetchrow(_IDENTITY, identity_id)
        if row is None:
            return None
        created = IdentityEvent(identity_id, "created", row["created_at"], Cause(row["created_cause"]))
        lives = await self._link.fetch(_LIVES, identity_id)
        events = await self._link.fetch(_EVENTS, identity_id)
        return IdentityHistory(
            identity=_identity(row),
            assignments=tuple(map(_assignment, lives)),
            events=(created, *(IdentityEvent(e["identity_id"], e["kind"], e["at"], Cause(e["cause"]), tuple(e["others"])) for e in events)),
        )

    async def scan(self, *, batch: int = 20000) -> AsyncIterator[list[tuple[RecordId, IdentityId]]]:
        last = BEFORE_ALL
        while rows := await self._link.fetch(_SCAN, last, batch):
            last = rows[-1]["record_id"]
            yield [(row["record_id"], row["identity_id"]) for row in rows]

    async def count(self) -> int:
        total: int = await self._link.fetchval(_COUNT)
        return total


def _assignment(row: Row) -> Assignment:
    ended = Cause(row["end_cause"]) if row["end_cause"] else None
    return Assignment(row["record_id"], row["identity_id"], row["valid_from"], row["valid_to"], Cause(row["cause"]), ended)


def _identity(row: Row) -> UnifiedIdentity:
    return UnifiedIdentity(
        identity_id=row["identity_id"],
        state=IdentityState(row["state"]),
        created_at=row["created_at"],
        superseded_by=row["superseded_by"],
        split_into=tuple(row["split_into"]),
        quarantined=row["quarantined"],
    )
