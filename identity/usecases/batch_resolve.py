"""Resolve many queries in one transaction: same answers as one by one, in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from identity.domain.errors import IdentityError, Reason
from identity.ports.transactor import Transaction, Transactor
from identity.usecases.answer import Resolution, ResolveIdentity
from identity.usecases.answering import Answering

MAX_QUERIES = 1000
"""Most queries in one request."""


@dataclass(frozen=True, slots=True)
class BatchResolveIdentities:
    """Who are these? At most ``MAX_QUERIES``."""

    queries: tuple[ResolveIdentity, ...]


class BatchResolver:
    """Resolves many queries: reads in bulk, so that each costs a fraction of a single one."""

    def __init__(self, *, transactor: Transactor, answering: Answering) -> None:
        self._transactor = transactor
        self._answering = answering

    async def __call__(self, command: BatchResolveIdentities) -> Sequence[Resolution]:
        """Answer the queries, in order.

        Raises:
            IdentityError: ``TOO_MANY_ITEMS``; else as for one query.
        """
        if len(command.queries) > MAX_QUERIES:
            raise IdentityError(Reason.TOO_MANY_ITEMS, limit=MAX_QUERIES, given=len(command.queries))

        async def work(tx: Transaction) -> Sequence[Resolution]:
            return await self._answering.within(tx, command.queries)

        return await self._transactor.run(work, read_only=True)
