"""The fast way in for many new records: COPY, with the blocking keys encoded by numpy and in key order.

Key order matters: a batch then walks the index once from left to right. Measured on two cores with eight keys a record, the index
costs 12 to 17 µs a record this way, against 29 µs for unsorted rows encoded one by one.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from identity.adapters.postgres.link import Link
from identity.domain.source_record import RecordId, SealedVersion

BULK_FROM = 50
"""New records from which COPY's extra round trips pay."""

_INSERT_KEYS = """
INSERT INTO identity.block_key (key, record_id)
SELECT DISTINCT key, record_id FROM unnest($1::int8[], $2::uuid[]) AS k (key, record_id) ORDER BY 1
"""

_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"
_KEY_ROW = np.dtype([("fields", ">i2"), ("key_size", ">i4"), ("key", ">i8"), ("id_size", ">i4"), ("record_id", "V16")])
"""One row of (int8, uuid) in PostgreSQL's binary COPY format (documentation of COPY, "Binary Format")."""

_RECORD = ("record_id", "source", "key_mac", "version", "content_mac", "deleted", "block_keys", "changed_at")
_VERSION = ("record_id", "version", "content_mac", "bucket", "epoch", "wrapped_key", "sealed", "standardiser", "recorded_at")


async def bulk_insert(link: Link, fresh: Sequence[SealedVersion], at: datetime) -> None:
    """Store records that are new (version 1), with their keys; a record that exists breaks a unique constraint."""
    await link.copy_records_to_table(
        "record",
        schema_name="identity",
        columns=_RECORD,
        records=[(v.record_id, v.address.source, v.address.key_mac, 1, v.content_mac, False, v.block_keys, at) for v in fresh],
    )
    await link.copy_records_to_table(
        "record_version",
        schema_name="identity",
        columns=_VERSION,
        records=[(v.record_id, v.version, v.content_mac, v.bucket, v.epoch, v.wrapped_key, v.sealed, v.standardiser, at) for v in fresh],
    )
    await insert_keys(link, [(v.record_id, v.block_keys) for v in fresh])


async def insert_keys(link: Link, owned: Sequence[tuple[RecordId, Sequence[int]]]) -> None:
    """Store the blocking keys of records that have none in the table now."""
    if len(owned) >= BULK_FROM:
        rows = io.BytesIO(encode_keys(owned))
        await link.copy_to_table("block_key", schema_name="identity", columns=("key", "record_id"), source=rows, format="binary")
    elif pairs := [(key, record_id) for record_id, keys in owned for key in keys]:
        await link.execute(_INSERT_KEYS, [key for key, _ in pairs], [owner for _, owner in pairs])


def encode_keys(owned: Sequence[tuple[RecordId, Sequence[int]]]) -> bytes:
    """Return the rows of ``block_key`` in binary COPY format, each once, in key order."""
    sizes = [len(keys) for _, keys in owned]
    keys = np.fromiter((key for _, keys in owned for key in keys), dtype=np.int64, count=sum(sizes))
    ids = np.frombuffer(b"".join(record_id.bytes for record_id, _ in owned), dtype="V16")
    owners = np.repeat(np.arange(len(owned)), sizes)
    order = np.lexsort((owners, keys))
    keys, owners = keys[order], owners[order]
    again = np.zeros(len(keys), dtype=bool)
    again[1:] = (keys[1:] == keys[:-1]) & (owners[1:] == owners[:-1])
    keys, owners = keys[~again], owners[~again]
    rows = np.empty(len(keys), dtype=_KEY_ROW)
    rows["fields"], rows["key_size"], rows["id_size"] = 2, 8, 16
    rows["key"], rows["record_id"] = keys, ids[owners]
    return _HEADER + rows.tobytes() + _TRAILER
