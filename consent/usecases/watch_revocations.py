"""Tell of every denial as it is acknowledged: in order, none left out, and at least every second how far it has come.

Rules
- The store is asked, not a queue: nothing is kept for a reader, so nothing is dropped for want of room, and a reader that comes back with
  the last revision it read hears everything since.
- All denials of a revision are told together: whoever has read a revision has read all of it.
- A denial of every purpose, of every recipient or of every channel concerns each of them.
- A reader that takes longer than ``patience`` to take what it is given is sent away (``READER_TOO_SLOW``), since what it knows is old.
- A hint makes it faster and is never relied upon.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final

from consent.domain.errors import ConsentError, Reason
from consent.domain.event import DENIALS, ConsentEvent
from consent.ports.revision_hint import RevisionHint
from consent.ports.transactor import Transaction, Transactor

_ENOUGH: Final = 2000
"""Events read at once: more than one request can record, so that the first revision read is seldom cut."""


@dataclass(frozen=True, slots=True)
class WatchRevocations:
    """Denials of a purpose that concern a recipient. ``after`` is the revision after which to begin; None: now."""

    caller: str
    purpose: str
    recipient: str
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Revoked:
    """Denials, and the revision up to which everything has been told. Without denials: that there were none."""

    events: tuple[ConsentEvent, ...]
    revision: int


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: between two looks at the store, between two signs of life at most, and for a reader to take what it is given."""

    poll: float = 0.2
    heartbeat: float = 1.0
    patience: float = 5.0


class _Sleep:
    """No hint: waits the time out."""

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class RevocationWatcher:
    """Handles ``WatchRevocations``."""

    def __init__(self, *, transactor: Transactor, hint: RevisionHint | None = None, pace: Pace | None = None) -> None:
        self._transactor = transactor
        self._hint = hint or _Sleep()
        self._pace = pace or Pace()

    async def __call__(self, command: WatchRevocations) -> AsyncGenerator[Revoked, None]:
        """Iterate until cancelled. The first item comes at once.

        Raises:
            ConsentError: ``REVISION_NOT_REACHED`` if ``after`` is of a future that this store does not have; ``READER_TOO_SLOW``;
                ``EVENT_ALTERED``; ``STORE_UNAVAILABLE``.
        """
        loop = asyncio.get_running_loop()
        after, told = await self._begin(command.after), float("-inf")
        while True:
            heard = await self._read(after)
            denials = tuple(event for event in heard.events if _concerns(event, command))
            now = loop.time()
            if denials or now - told >= self._pace.heartbeat:
                yield Revoked(denials, heard.revision)
                told = loop.time()
                if told - now > self._pace.patience:
                    raise ConsentError(Reason.READER_TOO_SLOW)
            behind, after = bool(heard.events), heard.revision
            if not behind:
                await self._hint.wait(self._pace.poll)

    async def _begin(self, after: int | None) -> int:
        newest = await self._transactor.run(_newest, read_only=True)
        if after is not None and after > newest:
            raise ConsentError(Reason.REVISION_NOT_REACHED)
        return newest if after is None else after

    async def _read(self, after: int) -> Revoked:
        """Return what was recorded after a revision, of whole revisions only."""
        limit = _ENOUGH

        async def read(tx: Transaction) -> tuple[int, list[ConsentEvent]]:
            return await tx.events.revision(), await tx.events.since(after, limit=limit)

        while True:
            newest, events = await self._transactor.run(read, read_only=True)
            if len(events) < limit:
                return Revoked(tuple(events), max([newest, *(event.revision for event in events[-1:])]))
            last = events[-1].revision
            if whole := tuple(event for event in events if event.revision < last):
                return Revoked(whole, last - 1)
            limit *= 2


async def _newest(tx: Transaction) -> int:
    return await tx.events.revision()


def _concerns(event: ConsentEvent, command: WatchRevocations) -> bool:
    return event.kind in DENIALS and event.purpose in {None, command.purpose} and event.recipient in {None, command.recipient}
