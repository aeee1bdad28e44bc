"""What was already answered: makes every mutation idempotent by ``request_id`` (AIP-155)."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class RequestStore(Protocol):
    """Answers by (caller, method, request id). Part of a ``Transaction``."""

    async def recall(self, caller: str, method: str, request_id: str) -> tuple[bytes, bytes] | None:
        """Return (body MAC, answer) of a request already answered, or None."""
        ...

    async def remember(self, caller: str, method: str, request_id: str, *, body_mac: bytes, answer: bytes, at: datetime) -> None:
        """Store the answer in the same transaction as the change it reports. The answer holds only ids, counts and enumerations."""
        ...
