"""Transactions over the stores in memory: one at a time, so trivially serializable."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import TypeVar

from consent.adapters.memory.stores import Memory, MemoryCatalogueStore, MemoryEventStore, MemoryRequestStore
from consent.domain.anchor import Anchor
from consent.ports.hearing import Heard
from consent.ports.transactor import Transaction

T = TypeVar("T")


class MemoryTransaction:
    """Fulfils ``Transaction``."""

    def __init__(self, memory: Memory) -> None:
        self.events = MemoryEventStore(memory)
        self.catalogue = MemoryCatalogueStore(memory)
        self.requests = MemoryRequestStore(memory)


class MemoryTransactor:
    """Fulfils ``Transactor`` and ``Hearing``; a failed run leaves no trace. Work must not start another run inside itself."""

    def __init__(self) -> None:
        self._memory = Memory()
        self._stores = MemoryTransaction(self._memory)
        self._turn = asyncio.Lock()

    async def run(self, work: Callable[[Transaction], Awaitable[T]], *, read_only: bool = False) -> T:
        """Run ``work`` alone, and keep what it wrote only if it returns."""
        async with self._turn:
            self._memory.begin(read_only=read_only)
            try:
                answer = await work(self._stores)
            except BaseException:
                self._memory.roll_back()
                raise
            self._memory.commit()
            return answer

    async def heard(self, anchors: Collection[Anchor]) -> Heard:
        """Return everything heard of the anchors."""

        async def read(tx: Transaction) -> Heard:
            published = await tx.catalogue.published()
            return Heard(await tx.events.revision(), published, await tx.events.of(anchors), await tx.events.echoes(anchors))

        return await self.run(read, read_only=True)
