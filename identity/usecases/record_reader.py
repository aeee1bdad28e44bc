"""Read all records for something slow, without keeping a transaction open for longer than the reading takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

from identity.domain.errors import IdentityError, Reason
from identity.domain.source_record import SealedVersion
from identity.ports.transactor import Transaction, Transactor

AHEAD = 4
"""Batches read ahead of whoever takes them."""


class RecordReader:
    """Reads every live record, sealed, in one snapshot; the transaction ends with the last record read, not with the work on it."""

    def __init__(self, transactor: Transactor) -> None:
        self._transactor = transactor

    async def batches(self, counted: Callable[[int], None] | None = None) -> AsyncGenerator[list[SealedVersion], None]:
        """Yield the newest version of every live record, in record id order; ``counted`` is told first how many there are.

        Closing the generator ends the reading, however much was read ahead.

        Raises:
            IdentityError: ``STORE_UNAVAILABLE`` if the connection is lost on the way.
        """
        reading = _Reading(counted)
        task = asyncio.create_task(reading.run(self._transactor))
        try:
            while (versions := await reading.next()) is not None:
                yield versions
            await task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


class _Reading:
    """One reading. The queue has no bound, so that its end can always be told, even by a reader that is being cancelled;
    what bounds it is the room that each batch takes and gives back.
    """

    def __init__(self, counted: Callable[[int], None] | None) -> None:
        self._counted = counted
        self._room = asyncio.Semaphore(AHEAD)
        self._ready: asyncio.Queue[list[SealedVersion] | None] = asyncio.Queue()
        self._begun = False

    async def next(self) -> list[SealedVersion] | None:
        """Return the next batch; None when there is no more, for whatever reason."""
        versions = await self._ready.get()
        self._room.release()
        return versions

    async def run(self, transactor: Transactor) -> None:
        try:
            await transactor.run(self._scan, read_only=True)
        finally:
            self._ready.put_nowait(None)

    async def _scan(self, tx: Transaction) -> None:
        if self._begun:
            # What was yielded cannot be taken back, and another snapshot might differ from it.
            raise IdentityError(Reason.STORE_UNAVAILABLE, why="lost while reading")
        self._begun = True
        if self._counted is not None:
            self._counted(await tx.records.count())
        async for versions in tx.records.scan():
            await self._room.acquire()
            self._ready.put_nowait(versions)
