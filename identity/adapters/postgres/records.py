"""Sealed records in PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from itertools import accumulate

from identity.adapters.postgres.bulk import BULK_FROM, bulk_insert, insert_keys
from identity.adapters.postgres.link import BEFORE_ALL, Link, Row
from identity.domain.source_record import RecordAddress, RecordHead, RecordId, SealedVersion
from identity.ports.record_store import Candidates
from identity.ports.transactor import ConcurrentChangeError

_HEAD = "record_id, source, key_mac, version, content_mac, deleted"

_FIND = f"""
SELECT {_HEAD} FROM unnest($1::text[], $2::bytea[]) AS asked (source, key_mac) JOIN identity.record USING (source, key_mac)
"""  # noqa: S608 - our own column list

_HEADS = f"SELECT {_HEAD} FROM identity.record WHERE record_id = ANY($1::uuid[])"  # noqa: S608 - our own column list

# The keys of all records come as one array, and each record's as a slice of it: arrays of unequal arrays do not exist.
_INSERT_NEW = """
INSERT INTO identity.record (record_id, source, key_mac, version, content_mac, deleted, block_keys, changed_at)
SELECT n.record_id, n.source, n.key_mac, 1, n.content_mac, false, ($7::int8[])[n.first:n.last], $8
FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::bytea[], $5::int4[], $6::int4[])
    AS n (record_id, source, key_mac, content_mac, first, last)
"""

_UPDATE_HEADS = """
UPDATE identity.record AS r
SET version = n.version, content_mac = n.content_mac, deleted = false, block_keys = ($6::int8[])[n.first:n.last], changed_at = $7
FROM unnest($1::uuid[], $2::int4[], $3::bytea[], $4::int4[], $5::int4[]) AS n (record_id, version, content_mac, first, last)
WHERE r.record_id = n.record_id AND r.version = n.version - 1
"""

_INSERT_VERSIONS = """
INSERT INTO identity.record_version (record_id, version, content_mac, bucket, epoch, wrapped_key, sealed, standardiser, recorded_at)
SELECT v.*, $9 FROM unnest($1::uuid[], $2::int4[], $3::bytea[], $4::int4[], $5::int4[], $6::bytea[], $7::bytea[], $8::int4[]) AS v
"""

_KEYS_OF = """
SELECT k.key, r.record_id FROM identity.record AS r CROSS JOIN LATERAL unnest(r.block_keys) AS k (key) WHERE r.record_id = ANY($1::uuid[])
"""

# Row by row through the primary key: a join might read the whole index.
_DROP_KEYS = """
DELETE FROM identity.block_key AS b USING unnest($1::int8[], $2::uuid[]) AS k (key, record_id)
WHERE b.key = k.key AND b.record_id = k.record_id
"""

_LIVE_KEYS = "SELECT record_id, block_keys FROM identity.record WHERE record_id = ANY($1::uuid[]) AND NOT deleted"

_RETAG = """
UPDATE identity.record AS r SET block_keys = ($4::int8[])[n.first:n.last]
FROM unnest($1::uuid[], $2::int4[], $3::int4[]) AS n (record_id, first, last) WHERE r.record_id = n.record_id
"""

_MARK_DELETED = """
UPDATE identity.record SET deleted = true, block_keys = '{}', changed_at = $2 WHERE record_id = ANY($1::uuid[]) AND NOT deleted
"""

_COLUMNS = """
r.record_id, r.source, r.key_mac, r.block_keys, v.version, v.content_mac, v.bucket, v.epoch, v.wrapped_key, v.sealed, v.standardiser
"""

_READ = f"""
SELECT {_COLUMNS} FROM identity.record AS r JOIN identity.record_version AS v ON v.record_id = r.record_id AND v.version = r.version
WHERE NOT r.deleted AND r.record_id = ANY($1::uuid[])
"""  # noqa: S608 - our own column list

_WRITTEN = """
SELECT r.record_id, v.recorded_at FROM identity.record AS r
JOIN identity.record_version AS v ON v.record_id = r.record_id AND v.version = r.version
WHERE NOT r.deleted AND r.record_id = ANY($1::uuid[])
"""

# Page by page along the primary key: the snapshot is the transaction's, and no plan can decide to sort everything first
# (OFFSET 0 keeps the versions looked up one by one).
_SCAN = f"""
SELECT {_COLUMNS} FROM (
    SELECT record_id, source, key_mac, block_keys, version FROM identity.record
    WHERE NOT deleted AND record_id > $1 ORDER BY record_id LIMIT $2
) AS r CROSS JOIN LATERAL (
    SELECT * FROM identity.record_version AS n WHERE n.record_id = r.record_id AND n.version = r.version OFFSET 0
) AS v ORDER BY r.record_id
"""  # noqa: S608 - our own column list

_SCAN_HEADS = f"""
SELECT {_HEAD} FROM identity.record WHERE NOT deleted AND record_id > $1 ORDER BY record_id LIMIT $2
"""  # noqa: S608 - our own column list

# Page by page along the unique index of addresses.
_SCAN_SOURCE = f"""
SELECT {_HEAD} FROM identity.record WHERE NOT deleted AND source = $1 AND key_mac > $2 ORDER BY key_mac LIMIT $3
"""  # noqa: S608 - our own column list

# From each source to the next along the same index, however many records are between them.
_SOURCES = """
WITH RECURSIVE known (source) AS (
    (SELECT source FROM identity.record ORDER BY source LIMIT 1)
    UNION ALL
    SELECT (SELECT r.source FROM identity.record AS r WHERE r.source > k.source ORDER BY r.source LIMIT 1)
    FROM known AS k WHERE k.source IS NOT NULL
)
SELECT source FROM known AS k
WHERE EXISTS (SELECT FROM identity.record AS r WHERE r.source = k.source AND NOT r.deleted)
"""

# One row more than the cap tells a block that is too large; its rows are not sent. OFFSET 0 keeps the planner from
# writing the look-up out once for each use of its result.
_CANDIDATES = """
SELECT k.key, CASE WHEN cardinality(b.ids) <= $2 THEN b.ids END AS ids
FROM unnest($1::int8[]) AS k (key)
CROSS JOIN LATERAL (SELECT ARRAY(
    SELECT record_id FROM identity.block_key WHERE block_key.key = k.key ORDER BY record_id LIMIT $2 + 1
) AS ids OFFSET 0) AS b
WHERE b.ids <> '{}'
"""


class PostgresRecordStore:
    """Fulfils ``RecordStore``."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def find(self, addresses: Collection[RecordAddress]) -> dict[RecordAddress, RecordHead]:
        rows = await self._link.fetch(_FIND, [a.source for a in addresses], [a.key_mac for a in addresses])
        return {head.address: head for head in map(_head, rows)}

    async def heads(self, record_ids: Collection[RecordId]) -> dict[RecordId, RecordHead]:
        rows = await self._link.fetch(_HEADS, list(record_ids))
        return {head.record_id: head for head in map(_head, rows)}

    async def add(self, versions: Sequence[SealedVersion], at: datetime) -> None:
        fresh = [version for version in versions if version.version == 1]
        changed = [version for version in versions if version.version != 1]
        if len(fresh) >= BULK_FROM:
            await bulk_insert(self._link, fresh, at)
        elif fresh:
            ids = [v.record_id for v in fresh]
            sources, macs = [v.address.source for v in fresh], [v.address.key_mac for v in fresh]
            await self._link.execute(
                _INSERT_NEW, ids, sources, macs, [v.content_mac for v in fresh], *_slices([v.block_keys for v in fresh]), at
            )
            await self._append(fresh, at)
        if changed:
            await self._change(changed, at)

    async def _change(self, changed: Sequence[SealedVersion], at: datetime) -> None:
        ids = [v.record_id for v in changed]
        await self._drop_keys(ids)
        numbers, macs = [v.version for v in changed], [v.content_mac for v in changed]
        done = await self._link.execute(_UPDATE_HEADS, ids, numbers, macs, *_slices([v.block_keys for v in changed]), at)
        if done != f"UPDATE {len(changed)}":
            raise ConcurrentChangeError
        await self._append(changed, at)

    async def _append(self, versions: Sequence[SealedVersion], at: datetime) -> None:
        await self._link.execute(
            _INSERT_VERSIONS,
            [v.record_id for v in versions],
            [v.version for v in versions],
            [v.content_mac for v in versions],
            [v.bucket for v in versions],
            [v.epoch for v in versions],
            [v.wrapped_key for v in versions],
            [v.sealed for v in versions],
            [v.standardiser for v in versions],
            at,
        )
        await insert_keys(self._link, [(v.record_id, v.block_keys) for v in versions])

    async def _drop_keys(self, ids: Sequence[RecordId]) -> None:
        """Remove the records' blocking keys; ``record.block_keys`` says which they are."""
        await self._drop([(row["key"], row["record_id"]) for row in await self._link.fetch(_KEYS_OF, ids)])

    async def _drop(self, keys: list[tuple[int, RecordId]]) -> None:
        """Remove blocking keys, in their order: a batch then walks the index once from left to right."""
        if keys:
            keys.sort()
            await self._link.execute(_DROP_KEYS, [key for key, _ in keys], [record_id for _, record_id in keys])

    async def delete(self, record_ids: Collection[RecordId], at: datetime) -> None:
        ids = list(record_ids)
        await self._drop_keys(ids)
        await self._link.execute(_MARK_DELETED, ids, at)

    async def read(self, record_ids: Collection[RecordId]) -> dict[RecordId, SealedVersion]:
        rows = await self._link.fetch(_READ, list(record_ids))
        return {version.record_id: version for version in map(_version, rows)}

    async def written(self, record_ids: Collection[RecordId]) -> dict[RecordId, datetime]:
        return {row["record_id"]: row["recorded_at"] for row in await self._link.fetch(_WRITTEN, list(record_ids))}

    async def candidates(self, keys: Collection[int], *, cap: int) -> Candidates:
        rows = await self._link.fetch(_CANDIDATES, list(set(keys)), cap)
        return Candidates(
            by_key={row["key"]: tuple(row["ids"]) for row in rows if row["ids"] is not None},
            truncated=frozenset(row["key"] for row in rows if row["ids"] is None),
        )

    async def retag(self, keys: Mapping[RecordId, Sequence[int]]) -> None:
        # Only what differs is written: rules that a new model shares with the last one are most of a million records' keys.
        stored = {row["record_id"]: set(row["block_keys"]) for row in await self._link.fetch(_LIVE_KEYS, list(keys))}
        wanted = {record_id: set(tags) for record_id, tags in keys.items() if record_id in stored}
        await self._drop([(key, record_id) for record_id, tags in wanted.items() for key in stored[record_id] - tags])
        await self._link.execute(_RETAG, list(wanted), *_slices([keys[record_id] for record_id in wanted]))
        await insert_keys(self._link, [(record_id, tuple(tags - stored[record_id])) for record_id, tags in wanted.items()])

    async def scan(self, *, batch: int = 5000) -> AsyncIterator[list[SealedVersion]]:
        last = BEFORE_ALL
        while rows := await self._link.fetch(_SCAN, last, batch):
            last = rows[-1]["record_id"]
            yield [_version(row) for row in rows]

    async def scan_heads(self, *, batch: int = 20000) -> AsyncIterator[list[RecordHead]]:
        last = BEFORE_ALL
        while rows := await self._link.fetch(_SCAN_HEADS, last, batch):
            last = rows[-1]["record_id"]
            yield [_head(row) for row in rows]

    async def scan_source(self, source: str, *, batch: int = 20000) -> AsyncIterator[list[RecordHead]]:
        last = b""
        while rows := await self._link.fetch(_SCAN_SOURCE, source, last, batch):
            last = rows[-1]["key_mac"]
            yield [_head(row) for row in rows]

    async def sources(self) -> list[str]:
        return sorted(row["source"] for row in await self._link.fetch(_SOURCES))

    async def count(self) -> int:
        total: int = await self._link.fetchval("SELECT count(*) FROM identity.record WHERE NOT deleted")
        return total


def _head(row: Row) -> RecordHead:
    record_id, source, key_mac, version, content_mac, deleted = row
    return RecordHead(record_id, RecordAddress(source, key_mac), version, content_mac, deleted=deleted)


def _version(row: Row) -> SealedVersion:
    record_id, source, key_mac, block_keys, version, content_mac, bucket, epoch, wrapped_key, sealed, standardiser = row
    return SealedVersion(
        record_id=record_id,
        address=RecordAddress(source, key_mac),
        version=version,
        content_mac=content_mac,
        bucket=bucket,
        epoch=epoch,
        wrapped_key=wrapped_key,
        sealed=sealed,
        standardiser=standardiser,
        block_keys=tuple(block_keys),
    )


def _slices(keys: Sequence[Sequence[int]]) -> tuple[list[int], list[int], list[int]]:
    """Return where each record's keys begin and end (from 1, inclusive, as PostgreSQL slices), and the keys of all."""
    ends = list(accumulate(map(len, keys)))
    firsts = [1, *(end + 1 for end in ends[:-1])]
    return firsts, ends, [key for each in keys for key in each]
