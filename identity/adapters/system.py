"""The machine's own clock and randomness, behind their ports."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from uuid import UUID

from identity.ports.clock import Clock

_RANDOM_BITS = 74


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        """Return the current instant."""
        return datetime.now(UTC)


class RandomIds:
    """UUIDv7 from a clock and the operating system's randomness (RFC 9562 §5.7)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def new(self) -> UUID:
        """Return a fresh id: 48 bits of milliseconds, version and variant, 74 random bits."""
        milliseconds = int(self._clock.now().timestamp() * 1000) & ((1 << 48) - 1)
        noise = secrets.randbits(_RANDOM_BITS)
        high, low = noise >> 62, noise & ((1 << 62) - 1)
        return UUID(int=(milliseconds << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low)
