"""Answers already given, so that a request repeated is answered alike and done once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer given before. ``body_mac`` is keyed, over the request."""

    body_mac: bytes
    answer: bytes


class RequestStore(Protocol):
    """Answers by caller, method and request id. Part of a ``Transaction``."""

    async def find(self, caller: str, method: str, request_id: str) -> Answered | None:
        """Return the answer that was given, if any."""
        ...

    async def keep(self, caller: str, method: str, request_id: str, answered: Answered, *, at: datetime) -> None:
        """Store an answer."""
        ...
