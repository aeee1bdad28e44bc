"""The machine's own clock and randomness, behind their ports."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from uuid import UUID

from identity.ports.clock import Clock

_NOISE_BYTES = 10  # of which 74 bits are used


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        """Return the current instant."""
        return datetime.now(UTC)


class RandomIds:
    """UUIDv7 from a clock and the operating system's randomness (RFC 9562 §5.7). Keeps no randomness, so a fork repeats none."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def new(self) -> UUID:
        """Return a fresh id: 48 bits of milliseconds, version and variant, 74 random bits."""
        return self.many(1)[0]

    def many(self, count: int) -> list[UUID]:
        """Return ids of one millisecond, ascending; their noise is drawn at once, since each draw is a system call."""
        milliseconds = int(self._clock.now().timestamp() * 1000) & ((1 << 48) - 1)
        stamp = (milliseconds << 80) | (0x7 << 76) | (0b10 << 62)
        noise = os.urandom(_NOISE_BYTES * count)
        drawn = sorted([int.from_bytes(noise[at : at + _NOISE_BYTES], "big") >> 6 for at in range(0, len(noise), _NOISE_BYTES)])
        return [UUID(int=stamp | (bits >> 62 << 64) | (bits & ((1 << 62) - 1))) for bits in drawn]
