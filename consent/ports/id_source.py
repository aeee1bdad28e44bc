"""Where new ids come from."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID


class IdSource(Protocol):
    """Mints ids."""

    def new(self) -> UUID:
        """Return a new random UUIDv7 (RFC 9562)."""
        ...
