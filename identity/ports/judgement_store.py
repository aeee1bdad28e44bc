"""Where judgements live: append-only."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from identity.domain.judgement import Judgement
from identity.domain.source_record import RecordId


class JudgementStore(Protocol):
    """Decisions on pairs. Part of a ``Transaction``."""

    async def add(self, judgement: Judgement) -> None:
        """Append a judgement; earlier ones on the pair stay as history."""
        ...

    async def touching(self, record_ids: Collection[RecordId]) -> list[Judgement]:
        """Return the standing (newest) judgement of every pair with at least one end among the records."""
        ...

    async def all(self) -> list[Judgement]:
        """Return the standing judgement of every judged pair."""
        ...
