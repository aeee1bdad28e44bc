"""Bundles, answered requests and wrapped keys in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from identity.adapters.memory.journal import Journal, Table
from identity.ports.bundle_store import StoredBundle
from identity.ports.key_store import WrappedKey


class MemoryBundleStore:
    """Fulfils ``BundleStore``."""

    def __init__(self, journal: Journal) -> None:
        self._bundles: Table[str, StoredBundle] = Table(journal)
        self._promotions: Table[int, tuple[str, datetime]] = Table(journal)

    async def put(self, bundle: StoredBundle) -> None:
        if bundle.digest not in self._bundles:
            self._bundles.put(bundle.digest, bundle)

    async def get(self, digest: str) -> StoredBundle | None:
        return self._bundles.get(digest)

    async def stored(self) -> list[tuple[str, datetime]]:
        return sorted(
            ((bundle.digest, bundle.created_at) for bundle in self._bundles.values()), key=lambda one: (one[1], one[0]), reverse=True
        )

    async def promote(self, digest: str, at: datetime) -> None:
        self._promotions.put(len(self._promotions), (digest, at))

    async def active(self) -> str | None:
        return self._promotions[len(self._promotions) - 1][0] if len(self._promotions) else None

    async def promotions(self) -> list[tuple[str, datetime]]:
        return list(reversed(list(self._promotions.values())))


class MemoryRequestStore:
    """Fulfils ``RequestStore``."""

    def __init__(self, journal: Journal) -> None:
        self._answers: Table[tuple[str, str, str], tuple[bytes, bytes]] = Table(journal)

    async def recall(self, caller: str, method: str, request_id: str) -> tuple[bytes, bytes] | None:
        return self._answers.get((caller, method, request_id))

    async def remember(self, caller: str, method: str, request_id: str, *, body_mac: bytes, answer: bytes, at: datetime) -> None:
        del at
        self._answers.put((caller, method, request_id), (body_mac, answer))


class MemoryKeyStore:
    """Fulfils ``KeyStore``."""

    def __init__(self, journal: Journal) -> None:
        self._keys: Table[tuple[str, int, int], WrappedKey] = Table(journal)

    async def all(self) -> list[WrappedKey]:
        return [self._keys[name] for name in sorted(self._keys)]

    async def add(self, keys: Sequence[WrappedKey]) -> None:
        for key in keys:
            name = (key.kind, key.bucket, key.epoch)
            if name not in self._keys:
                self._keys.put(name, key)
