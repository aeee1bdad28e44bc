"""Time, as an argument."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; timezone-aware UTC."""

    def now(self) -> datetime:
        """Return the current instant, with tzinfo UTC."""
        ...
