"""Where wrapped keys live. The key that wraps them is elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A key encrypted under another.

    ``kind`` is ``tenant``, ``index`` or ``bucket``; ``bucket`` is -1 for all but bucket keys; ``epoch`` counts from 1.
    """

    kind: str
    bucket: int
    epoch: int
    wrapped_by: str
    wrapped: bytes


class KeyStore(Protocol):
    """Wrapped tenant and bucket keys. Part of a ``Transaction``."""

    async def all(self) -> list[WrappedKey]:
        """Return every wrapped key."""
        ...

    async def add(self, keys: Sequence[WrappedKey]) -> None:
        """Store keys that are not there yet; a key that is there (same kind, bucket, epoch) is left as it is."""
        ...
