"""Sealed records, edges and ids with invented content, for store tests."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

from identity.domain.source_record import IdentityId, RecordAddress, RecordId, SealedVersion

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def moment(minutes: int) -> datetime:
    """Return an instant after noon of a certain day."""
    return NOON + timedelta(minutes=minutes)


def record_id(number: int) -> RecordId:
    """Return the same id for the same number; greater for a greater one."""
    return RecordId(UUID(int=(0x0197_0000_0000_7000 << 64) | (1 << 63) | number))


def identity_id(number: int) -> IdentityId:
    """Return the same id for the same number."""
    return IdentityId(UUID(int=(0x0198_0000_0000_7000 << 64) | (1 << 63) | number))


def sealed(number: int, *, version: int = 1, keys: tuple[int, ...] = (), source: str = "crm", content: int | None = None) -> SealedVersion:
    """Return a version of record ``number``; its bytes depend on its arguments only."""
    seed = random.Random(f"{number}/{version}/{content}")
    return SealedVersion(
        record_id=record_id(number),
        address=RecordAddress(source, number.to_bytes(16, "big")),
        version=version,
        content_mac=seed.randbytes(16),
        bucket=number % 16,
        epoch=1,
        wrapped_key=seed.randbytes(40),
        sealed=seed.randbytes(300),
        standardiser=1,
        block_keys=keys,
    )
