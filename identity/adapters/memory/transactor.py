"""Transactions over the stores in memory: one at a time, so trivially serializable."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from identity.adapters.memory.bundles import MemoryBundleStore, MemoryKeyStore, MemoryRequestStore
from identity.adapters.memory.edges import MemoryEdgeStore, MemoryJudgementStore
from identity.adapters.memory.identities import MemoryIdentityStore
from identity.adapters.memory.journal import Journal
from identity.adapters.memory.records import MemoryRecordStore
from identity.domain.errors import IdentityError, Reason
from identity.ports.transactor import ConcurrentChangeError, Transaction

T = TypeVar("T")

ATTEMPTS = 5


class MemoryTransaction:
    """Fulfils ``Transaction``."""

    def __init__(self, journal: Journal) -> None:
        self.records = MemoryRecordStore(journal)
        self.identities = MemoryIdentityStore(journal)
        self.judgements = MemoryJudgementStore(journal)
        self.edges = MemoryEdgeStore(journal, self.judgements)
        self.bundles = MemoryBundleStore(journal)
        self.requests = MemoryRequestStore(journal)
        self.keys = MemoryKeyStore(journal)


class MemoryTransactor:
    """Fulfils ``Transactor``; a failed run leaves no trace. Work must not start another run inside itself."""

    def __init__(self) -> None:
        self._journal = Journal()
        self._stores = MemoryTransaction(self._journal)
        self._turn = asyncio.Lock()

    async def run(self, work: Callable[[Transaction], Awaitable[T]], *, read_only: bool = False) -> T:
        """Run ``work`` alone, and keep what it wrote only if it returns.

        Raises:
            IdentityError: ``STORE_UNAVAILABLE`` if the work found a conflict every time it was tried.
        """
        async with self._turn:
            for _ in range(ATTEMPTS):
                self._journal.begin(read_only=read_only)
                try:
                    answer = await work(self._stores)
                except ConcurrentChangeError:
                    self._journal.roll_back()
                except BaseException:
                    self._journal.roll_back()
                    raise
                else:
                    self._journal.commit()
                    return answer
        raise IdentityError(Reason.STORE_UNAVAILABLE, attempts=ATTEMPTS)
