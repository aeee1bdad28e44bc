"""Transactions over whatever runs units of work on a connection, and hearing without one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import TypeVar

from consent.adapters.keys import ConsentKeys
from consent.adapters.postgres.catalogue import LastRead, PostgresCatalogueStore
from consent.adapters.postgres.counter import Counter
from consent.adapters.postgres.events import PostgresEventStore, fetch_heard, heard, reached_of
from consent.adapters.postgres.link import Link, Runner
from consent.adapters.postgres.requests import PostgresRequestStore
from consent.adapters.postgres.rows import Rows
from consent.domain.anchor import Anchor
from consent.domain.errors import ConsentError, Reason
from consent.ports.hearing import Heard
from consent.ports.transactor import Transaction

T = TypeVar("T")


class PostgresTransaction:
    """Fulfils ``Transaction``: all stores on one connection."""

    def __init__(self, link: Link, rows: Rows, counter: Counter, last: LastRead) -> None:
        self.events = PostgresEventStore(link, rows, counter)
        self.catalogue = PostgresCatalogueStore(link, rows.macs, counter, last)
        self.requests = PostgresRequestStore(link, rows.macs)


class PostgresTransactor:
    """Fulfils ``Transactor`` and ``Hearing``."""

    def __init__(self, runner: Runner, keys: ConsentKeys) -> None:
        self._runner = runner
        self._rows = Rows(keys)
        self._last = LastRead()

    async def run(self, work: Callable[[Transaction], Awaitable[T]], *, read_only: bool = False) -> T:
        """Run ``work`` in one transaction: after all writers before it (``counter.py``), or on one snapshot when ``read_only``.

        Raises:
            ConsentError: ``STORE_UNAVAILABLE`` with its ``cause`` when the database is away, full, overloaded, or races never end.
            RuntimeError: if ``read_only`` work writes.
        """

        async def once(link: Link) -> T:
            counter = Counter(link, self._rows.macs)
            if not read_only:
                await counter.hold()
            answer = await work(PostgresTransaction(link, self._rows, counter, self._last))
            await counter.settle()
            return answer

        return await self._runner.run(
            once, failed=_unavailable, isolation="repeatable_read" if read_only else "read_committed", read_only=read_only
        )

    async def heard(self, anchors: Collection[Anchor]) -> Heard:
        """Return everything heard of the anchors, in one round trip unless the catalogue has changed since it was read."""
        found = await self._runner.ask(lambda link: fetch_heard(link, anchors), failed=_unavailable)
        reached = reached_of(found, self._rows)
        published = self._last.get(reached.catalogue)
        if published is None:
            return await self.run(lambda tx: _heard(tx, anchors), read_only=True)
        events, echoes = heard(found, anchors, self._rows, reached.entries)
        return Heard(reached.revision, published, events, echoes)


async def _heard(tx: Transaction, anchors: Collection[Anchor]) -> Heard:
    published = await tx.catalogue.published()
    return Heard(await tx.events.revision(), published, await tx.events.of(anchors), await tx.events.echoes(anchors))


def _unavailable(cause: str, attempts: int) -> ConsentError:
    return ConsentError(Reason.STORE_UNAVAILABLE, cause=cause, attempts=attempts)
