"""Rows in PostgreSQL's binary COPY format (documentation of COPY, "Binary Format"): each field as its length and its bytes.

Written by hand because the driver's own encoder asks each value for its kind, which takes longer than everything else of a bulk load's
transaction.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

import numpy as np

from identity.domain.source_record import IdentityId, RecordId, SealedVersion

_HEADER: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER: Final = b"\xff\xff"
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_INT8_TYPE, _UUID_TYPE = 20, 2950  # pg_type.oid of what arrays hold
_ID_SIZE: Final = (16).to_bytes(4, "big")
_NULL: Final = b"\xff\xff\xff\xff"
_FALSE: Final = b"\x00\x00\x00\x01\x00"
_COUNT: Final = struct.Struct(">h")
_SIZE: Final = struct.Struct(">i")
_INT4: Final = struct.Struct(">ii")
_INT8: Final = struct.Struct(">iq")
_NO_ITEMS: Final = struct.Struct(">iiii")
_ITEMS: Final = struct.Struct(">iiiiii")
_ITEM: Final = np.dtype([("size", ">i4"), ("value", ">i8")])
_KEY_ROW: Final = np.dtype([("fields", ">i2"), ("key_size", ">i4"), ("key", ">i8"), ("id_size", ">i4"), ("record_id", "V16")])

RECORD: Final = ("record_id", "source", "key_mac", "version", "content_mac", "deleted", "block_keys", "changed_at")
VERSION: Final = ("record_id", "version", "content_mac", "bucket", "epoch", "wrapped_key", "sealed", "standardiser", "recorded_at")
KEY: Final = ("key", "record_id")
IDENTITY: Final = ("identity_id", "state", "created_at", "created_cause", "superseded_by", "split_into", "quarantined")
ASSIGNMENT: Final = ("record_id", "ordinal", "identity_id", "valid_from", "cause")


def encode_records(fresh: Sequence[SealedVersion], at: datetime) -> bytes:
    """Return the ``RECORD`` columns of records that are new: version 1, not deleted."""
    start, sources = _COUNT.pack(len(RECORD)) + _ID_SIZE, {source: _text(source) for source in {v.address.source for v in fresh}}
    first, end = _number(1), _instant(at)
    return _rows(
        (
            start,
            v.record_id.bytes,
            sources[v.address.source],
            _size(len(v.address.key_mac)),
            v.address.key_mac,
            first,
            _size(len(v.content_mac)),
            v.content_mac,
            _FALSE,
            keys,
            end,
        )
        for v, keys in zip(fresh, _arrays([v.block_keys for v in fresh]), strict=True)
    )


def encode_versions(fresh: Sequence[SealedVersion], at: datetime) -> bytes:
    """Return the ``VERSION`` columns."""
    start, end = _COUNT.pack(len(VERSION)) + _ID_SIZE, _instant(at)
    return _rows(
        (
            start,
            v.record_id.bytes,
            _number(v.version),
            _size(len(v.content_mac)),
            v.content_mac,
            _number(v.bucket),
            _number(v.epoch),
            _size(len(v.wrapped_key)),
            v.wrapped_key,
            _size(len(v.sealed)),
            v.sealed,
            _number(v.standardiser),
            end,
        )
        for v in fresh
    )


def encode_identities(created: Iterable[IdentityId], at: datetime, cause: str) -> bytes:
    """Return the ``IDENTITY`` columns of identities that begin."""
    start = _COUNT.pack(len(IDENTITY)) + _ID_SIZE
    end = _text("current") + _instant(at) + _text(cause) + _NULL + _NO_ITEMS.pack(12, 0, 0, _UUID_TYPE) + _FALSE
    return _rows((start, identity.bytes, end) for identity in created)


def encode_assignments(rows: Iterable[tuple[RecordId, int, IdentityId]], at: datetime, cause: str) -> bytes:
    """Return the ``ASSIGNMENT`` columns of assignments that begin."""
    start, end = _COUNT.pack(len(ASSIGNMENT)) + _ID_SIZE, _instant(at) + _text(cause)
    return _rows((start, record.bytes, _number(ordinal), _ID_SIZE, identity.bytes, end) for record, ordinal, identity in rows)


def encode_keys(owned: Sequence[tuple[RecordId, Sequence[int]]]) -> bytes:
    """Return the ``KEY`` columns of records with their keys, each row once, in key order."""
    sizes = [len(keys) for _, keys in owned]
    keys = _joined([keys for _, keys in owned])
    ids = np.frombuffer(b"".join([record_id.bytes for record_id, _ in owned]), dtype="V16")
    owners = np.repeat(np.arange(len(owned)), sizes)
    order = np.lexsort((owners, keys))
    keys, owners = keys[order], owners[order]
    again = np.zeros(len(keys), dtype=bool)
    again[1:] = (keys[1:] == keys[:-1]) & (owners[1:] == owners[:-1])
    keys, owners = keys[~again], owners[~again]
    rows = np.empty(len(keys), dtype=_KEY_ROW)
    rows["fields"], rows["key_size"], rows["id_size"] = len(KEY), 8, 16
    rows["key"], rows["record_id"] = keys, ids[owners]
    return _HEADER + rows.tobytes() + _TRAILER


def _rows(rows: Iterable[tuple[bytes, ...]]) -> bytes:
    return b"".join([_HEADER, *[part for row in rows for part in row], _TRAILER])


@lru_cache(maxsize=4096)
def _size(length: int) -> bytes:
    """Return a length as it stands before a field; there are few different ones."""
    return _SIZE.pack(length)


@lru_cache(maxsize=1024)
def _number(value: int) -> bytes:
    """Return a field of type int4; there are few different ones."""
    return _INT4.pack(4, value)


def _text(value: str) -> bytes:
    text = value.encode()
    return _size(len(text)) + text


def _instant(at: datetime) -> bytes:
    return _INT8.pack(8, (at - _EPOCH) // timedelta(microseconds=1))


def _arrays(lists: Sequence[Sequence[int]]) -> list[bytes]:
    """Return each list as a field of type int8[]."""
    joined = _joined(lists)
    items = np.empty(len(joined), dtype=_ITEM)
    items["size"], items["value"] = 8, joined
    body, width = items.tobytes(), _ITEM.itemsize
    arrays, begin = [], 0
    for count in map(len, lists):
        end = begin + count * width
        arrays.append(
            _ITEMS.pack(20 + end - begin, 1, 0, _INT8_TYPE, count, 1) + body[begin:end] if count else _NO_ITEMS.pack(12, 0, 0, _INT8_TYPE)
        )
        begin = end
    return arrays


def _joined(lists: Sequence[Sequence[int]]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([number for numbers in lists for number in numbers], dtype=np.int64)
