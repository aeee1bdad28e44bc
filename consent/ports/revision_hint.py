"""A hint that something was recorded. It saves time and nothing else: whoever trusts it alone misses things."""

from __future__ import annotations

from typing import Protocol


class RevisionHint(Protocol):
    """Waits for news."""

    async def wait(self, seconds: float) -> None:
        """Return when something may have been recorded, and at the latest after ``seconds``."""
        ...
