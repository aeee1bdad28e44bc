"""Serializable transactions over whatever runs units of work on a connection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal, Protocol, TypeVar

from identity.adapters.postgres.evidence import PostgresEdgeStore, PostgresJudgementStore
from identity.adapters.postgres.identities import PostgresIdentityStore
from identity.adapters.postgres.ledgers import PostgresBundleStore, PostgresKeyStore, PostgresRequestStore
from identity.adapters.postgres.link import Link
from identity.adapters.postgres.records import PostgresRecordStore
from identity.domain.errors import IdentityError, Reason
from identity.ports.transactor import ConcurrentChangeError, Transaction

T = TypeVar("T")


class Runner(Protocol):
    """Runs units of work on a connection: handed in by wiring, which knows the pool and its limits."""

    async def run(
        self,
        work: Callable[[Link], Awaitable[T]],
        *,
        failed: Callable[[str, int], Exception],
        isolation: Literal["serializable", "repeatable_read"],
        read_only: bool,
        race: type[Exception],
    ) -> T:
        """Run ``work`` in one transaction, again when it raises ``race`` or the database fails; give up with what ``failed`` makes of
        a cause and the number of attempts.

        Raises:
            RuntimeError: if ``read_only`` work writes.
        """
        ...


class PostgresTransaction:
    """Fulfils ``Transaction``: all stores on one connection."""

    def __init__(self, link: Link) -> None:
        self.records = PostgresRecordStore(link)
        self.identities = PostgresIdentityStore(link)
        self.edges = PostgresEdgeStore(link)
        self.judgements = PostgresJudgementStore(link)
        self.bundles = PostgresBundleStore(link)
        self.requests = PostgresRequestStore(link)
        self.keys = PostgresKeyStore(link)


class PostgresTransactor:
    """Fulfils ``Transactor``."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def run(self, work: Callable[[Transaction], Awaitable[T]], *, read_only: bool = False) -> T:
        """Run ``work`` in one transaction: serializable, or on one snapshot when ``read_only``.

        Raises:
            IdentityError: ``STORE_UNAVAILABLE`` with its ``cause`` when the database is away, full, overloaded, or races never end.
            RuntimeError: if ``read_only`` work writes.
        """
        return await self._runner.run(
            lambda link: work(PostgresTransaction(link)),
            failed=_unavailable,
            isolation="repeatable_read" if read_only else "serializable",
            read_only=read_only,
            race=ConcurrentChangeError,
        )


def _unavailable(cause: str, attempts: int) -> IdentityError:
    return IdentityError(Reason.STORE_UNAVAILABLE, cause=cause, attempts=attempts)
