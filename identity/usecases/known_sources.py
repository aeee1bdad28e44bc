"""Known sources: which source systems have records here.

For the person at the command line who may have mistyped one. Not offered over gRPC, where a source that is unknown and one
that the caller may not name look alike.
"""

from __future__ import annotations

from collections.abc import Collection

from identity.ports.transactor import Transactor


class SourceList:
    """Tells which sources have live records."""

    def __init__(self, *, transactor: Transactor) -> None:
        self._transactor = transactor

    async def __call__(self, permitted: Collection[str]) -> tuple[str, ...]:
        """Return the sources that have a live record and are among ``permitted``, in order; of others nothing is told.

        Raises:
            IdentityError: ``STORE_UNAVAILABLE``.
        """
        stored = await self._transactor.run(lambda tx: tx.records.sources(), read_only=True)
        return tuple(source for source in stored if source in permitted)
