"""Resolve: who is this, answered with a grade, a reason and the recipient's own pseudonym (DESIGN §4.6)."""

from __future__ import annotations

from identity.domain.resolution import ResolveGrade
from identity.ports.transactor import Transaction, Transactor
from identity.usecases.answer import Candidate, MatchReason, Resolution, ResolveIdentity
from identity.usecases.answering import Answering

__all__ = ["Candidate", "IdentityResolver", "MatchReason", "Resolution", "ResolveGrade", "ResolveIdentity"]


class IdentityResolver:
    """Resolves one query."""

    def __init__(self, *, transactor: Transactor, answering: Answering) -> None:
        self._transactor = transactor
        self._answering = answering

    async def __call__(self, query: ResolveIdentity) -> Resolution:
        """Answer one query. Nobody found is an answer, not an error.

        Raises:
            IdentityError: ``INVALID_ATTRIBUTES``, ``SEAL_BROKEN``, ``BUNDLE_INVALID``, ``STORE_UNAVAILABLE``.
        """

        async def work(tx: Transaction) -> Resolution:
            return (await self._answering.within(tx, [query]))[0]

        return await self._transactor.run(work, read_only=True)
