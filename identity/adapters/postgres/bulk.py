"""The fast way in for many new records: COPY, with everything encoded here and the blocking keys in key order.

Key order matters: a batch then walks the index once from left to right. Measured on two cores with eight keys a record, the index
costs 12 to 17 µs a record this way, against 29 µs for unsorted rows encoded one by one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime

from identity.adapters.postgres import binary_copy
from identity.adapters.postgres.link import Link
from identity.domain.source_record import IdentityId, RecordId, SealedVersion
from identity.domain.unified_identity import Cause

BULK_FROM = 50
"""New records from which COPY's extra round trips pay."""

_INSERT_KEYS = """
INSERT INTO identity.block_key (key, record_id)
SELECT DISTINCT key, record_id FROM unnest($1::int8[], $2::uuid[]) AS k (key, record_id) ORDER BY 1
"""


async def bulk_insert(link: Link, fresh: Sequence[SealedVersion], at: datetime) -> None:
    """Store records that are new (version 1), with their keys; a record that exists breaks a unique constraint."""
    await _copy(link, "record", binary_copy.RECORD, binary_copy.encode_records(fresh, at))
    await _copy(link, "record_version", binary_copy.VERSION, binary_copy.encode_versions(fresh, at))
    await insert_keys(link, [(v.record_id, v.block_keys) for v in fresh])


async def insert_keys(link: Link, owned: Sequence[tuple[RecordId, Sequence[int]]]) -> None:
    """Store the blocking keys of records that have none in the table now."""
    if len(owned) >= BULK_FROM:
        await _copy(link, "block_key", binary_copy.KEY, binary_copy.encode_keys(owned))
    elif pairs := [(key, record_id) for record_id, keys in owned for key in keys]:
        await link.execute(_INSERT_KEYS, [key for key, _ in pairs], [owner for _, owner in pairs])


async def bulk_create(link: Link, created: Iterable[IdentityId], at: datetime, cause: Cause) -> None:
    """Bring many identities into being."""
    await _copy(link, "identity", binary_copy.IDENTITY, binary_copy.encode_identities(created, at, cause.value))


async def bulk_assign(link: Link, rows: Iterable[tuple[RecordId, int, IdentityId]], at: datetime, cause: Cause) -> None:
    """Open many assignments: record, ordinal, identity."""
    await _copy(link, "assignment", binary_copy.ASSIGNMENT, binary_copy.encode_assignments(rows, at, cause.value))


async def _copy(link: Link, table: str, columns: Sequence[str], rows: bytes) -> None:
    await link.copy_to_table(table, schema_name="identity", columns=columns, source=_whole(rows), format="binary")


async def _whole(rows: bytes) -> AsyncIterator[bytes]:
    """Give the rows as the driver takes them: bytes it would take for a path, and a file it would read in a thread."""
    yield rows
