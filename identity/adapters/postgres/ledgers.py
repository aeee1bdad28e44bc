"""Bundles, answered requests and wrapped keys in PostgreSQL: small tables that are only ever appended to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from identity.adapters.postgres.link import Link
from identity.ports.bundle_store import StoredBundle
from identity.ports.key_store import WrappedKey

_PUT_BUNDLE = "INSERT INTO identity.bundle (digest, document, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"

_PROMOTE = """
INSERT INTO identity.promotion (ordinal, digest, at) SELECT 1 + coalesce(max(ordinal), 0), $1, $2 FROM identity.promotion
"""

_REMEMBER = "INSERT INTO identity.request (caller, method, request_id, body_mac, answer, at) VALUES ($1, $2, $3, $4, $5, $6)"

_RECALL = "SELECT body_mac, answer FROM identity.request WHERE caller = $1 AND method = $2 AND request_id = $3"

_ADD_KEYS = """
INSERT INTO identity.wrapped_key (kind, bucket, epoch, wrapped_by, wrapped)
SELECT * FROM unnest($1::text[], $2::int4[], $3::int4[], $4::text[], $5::bytea[]) ON CONFLICT DO NOTHING
"""


class PostgresBundleStore:
    """Fulfils ``BundleStore``."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def put(self, bundle: StoredBundle) -> None:
        await self._link.execute(_PUT_BUNDLE, bundle.digest, bundle.document, bundle.created_at)

    async def get(self, digest: str) -> StoredBundle | None:
        row = await self._link.fetchrow("SELECT digest, document, created_at FROM identity.bundle WHERE digest = $1", digest)
        return None if row is None else StoredBundle(row["digest"], row["document"], row["created_at"])

    async def stored(self) -> list[tuple[str, datetime]]:
        rows = await self._link.fetch("SELECT digest, created_at FROM identity.bundle ORDER BY created_at DESC, digest DESC")
        return [(row["digest"], row["created_at"]) for row in rows]

    async def promote(self, digest: str, at: datetime) -> None:
        await self._link.execute(_PROMOTE, digest, at)

    async def active(self) -> str | None:
        digest: str | None = await self._link.fetchval("SELECT digest FROM identity.promotion ORDER BY ordinal DESC LIMIT 1")
        return digest

    async def promotions(self) -> list[tuple[str, datetime]]:
        rows = await self._link.fetch("SELECT digest, at FROM identity.promotion ORDER BY ordinal DESC")
        return [(row["digest"], row["at"]) for row in rows]


class PostgresRequestStore:
    """Fulfils ``RequestStore``."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def recall(self, caller: str, method: str, request_id: str) -> tuple[bytes, bytes] | None:
        row = await self._link.fetchrow(_RECALL, caller, method, request_id)
        return None if row is None else (row["body_mac"], row["answer"])

    async def remember(self, caller: str, method: str, request_id: str, *, body_mac: bytes, answer: bytes, at: datetime) -> None:
        await self._link.execute(_REMEMBER, caller, method, request_id, body_mac, answer, at)


class PostgresKeyStore:
    """Fulfils ``KeyStore``."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def all(self) -> list[WrappedKey]:
        rows = await self._link.fetch(
            "SELECT kind, bucket, epoch, wrapped_by, wrapped FROM identity.wrapped_key ORDER BY kind, bucket, epoch"
        )
        return [WrappedKey(*row) for row in rows]

    async def add(self, keys: Sequence[WrappedKey]) -> None:
        await self._link.execute(
            _ADD_KEYS,
            [key.kind for key in keys],
            [key.bucket for key in keys],
            [key.epoch for key in keys],
            [key.wrapped_by for key in keys],
            [key.wrapped for key in keys],
        )
