"""Where published purposes and notices live; a version is written once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from consent.domain.purpose import Notice, Published, Purpose


class CatalogueStore(Protocol):
    """Published versions. Part of a ``Transaction``."""

    async def published(self) -> Published:
        """Return all published versions, oldest first."""
        ...

    async def publish(self, purposes: Sequence[Purpose], notices: Sequence[Notice], *, at: datetime) -> None:
        """Store versions that were not published before. If any is new, that takes a revision: decisions change with it.

        Raises:
            ConsentError: ``VERSION_IS_PUBLISHED`` (``name``, ``version``) if one was, with another content.
        """
        ...
