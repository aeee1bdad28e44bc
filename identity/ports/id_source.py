"""Fresh ids, as an argument."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID


class IdSource(Protocol):
    """Mints ids that were never given before."""

    def new(self) -> UUID:
        """Return a fresh UUIDv7 (RFC 9562 §5.7): 48-bit time, 74 random bits."""
        ...

    def many(self, count: int) -> list[UUID]:
        """Return so many fresh ids; ascending, if those of one instant can be, since storage indexes them faster then."""
        ...
