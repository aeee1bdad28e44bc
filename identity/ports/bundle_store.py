"""Where model bundles live: immutable, signed, promoted explicitly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredBundle:
    """A bundle as stored. ``document`` is the sealed canonical form; ``digest`` is the hex SHA-256 of the plain canonical form."""

    digest: str
    document: bytes
    created_at: datetime


class BundleStore(Protocol):
    """Bundles by digest, and which one is active. Part of a ``Transaction``."""

    async def put(self, bundle: StoredBundle) -> None:
        """Store a bundle; storing the same digest again changes nothing."""
        ...

    async def get(self, digest: str) -> StoredBundle | None:
        """Return a bundle."""
        ...

    async def stored(self) -> list[tuple[str, datetime]]:
        """Return the digest and the creation time of every bundle, newest first."""
        ...

    async def promote(self, digest: str, at: datetime) -> None:
        """Make a stored bundle the active one; earlier promotions stay as history."""
        ...

    async def active(self) -> str | None:
        """Return the digest of the active bundle, or None if none was ever promoted (the default one then serves)."""
        ...

    async def promotions(self) -> list[tuple[str, datetime]]:
        """Return every promotion, newest first; a rollback is a promotion of an earlier digest."""
        ...
