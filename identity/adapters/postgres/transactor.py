"""Serializable transactions over a bounded pool, run again when they lose a race or their connection."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import asyncpg

from identity.adapters.postgres.evidence import PostgresEdgeStore, PostgresJudgementStore
from identity.adapters.postgres.failures import Failure, Recourse, judge_failure
from identity.adapters.postgres.identities import PostgresIdentityStore
from identity.adapters.postgres.ledgers import PostgresBundleStore, PostgresKeyStore, PostgresRequestStore
from identity.adapters.postgres.link import Link
from identity.adapters.postgres.records import PostgresRecordStore
from identity.domain.errors import IdentityError, Reason
from identity.ports.transactor import ConcurrentChangeError, Transaction

if TYPE_CHECKING:
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
else:
    Pool = asyncpg.Pool

T = TypeVar("T")

_FIRST_PAUSE = 0.002
_LONGEST_PAUSE = 0.25


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a transactor takes, and how long it waits; times in seconds."""

    connections: int = 8
    """At most so many at once: PostgreSQL works best with few; the others wait."""
    acquire_timeout: float = 5.0
    """How long one waits for a connection before load is shed."""
    statement_timeout: float = 120.0
    """The longest statement: replacing all edges of a million records."""
    lock_timeout: float = 10.0
    patience: float = 15.0
    """How long a unit of work is tried again while the server is away: three times what a restart may take."""
    attempts: int = 20
    """How often it is tried again after losing a race."""


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


class _LostError(Exception):
    """The database failed under a unit of work; carries the judgement, not the driver's text."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.cause)


class PostgresTransactor:
    """Fulfils ``Transactor``. Made by ``open_transactor``."""

    def __init__(self, pool: Pool, limits: Limits) -> None:
        self._pool = pool
        self._limits = limits

    async def run(self, work: Callable[[Transaction], Awaitable[T]], *, read_only: bool = False) -> T:
        """Run ``work`` in one transaction: serializable, or on one snapshot when ``read_only``.

        Raises:
            IdentityError: ``STORE_UNAVAILABLE`` with its ``cause`` when the database is away, full, overloaded, or races never end.
            RuntimeError: if ``read_only`` work writes.
        """
        deadline = time.monotonic() + self._limits.patience
        races = waits = 0
        while True:
            try:
                return await self._once(work, read_only=read_only)
            except ConcurrentChangeError:
                failure = Failure(Recourse.RACE, "conflict")
            except _LostError as lost:
                failure = lost.failure
            races += failure.recourse is Recourse.RACE
            waits += failure.recourse is Recourse.RECONNECT
            if failure.recourse is Recourse.NONE or races >= self._limits.attempts or (waits and time.monotonic() >= deadline):
                if read_only and failure.cause == "read-only-database":
                    raise RuntimeError("this transaction is read-only")
                raise IdentityError(Reason.STORE_UNAVAILABLE, cause=failure.cause, attempts=max(1, races + waits))
            await asyncio.sleep(_pause(races + waits))

    async def _once(self, work: Callable[[Transaction], Awaitable[T]], *, read_only: bool) -> T:
        link = await self._acquire()
        try:
            try:
                async with link.transaction(isolation="repeatable_read" if read_only else "serializable", readonly=read_only):
                    return await work(PostgresTransaction(link))
            except asyncpg.PostgresError as error:
                raise _LostError(judge_failure(error)) from None
            except (asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
                raise _LostError(Failure(Recourse.RECONNECT, "unreachable") if _gone(link) else judge_failure(error)) from None
            except OSError as error:  # ours only if it broke the connection: the work may have files of its own
                if not _gone(link):
                    raise
                raise _LostError(judge_failure(error)) from None
        finally:
            await self._release(link)

    async def _acquire(self) -> asyncpg.pool.PoolConnectionProxy[asyncpg.Record]:
        try:
            return await self._pool.acquire(timeout=self._limits.acquire_timeout)
        except TimeoutError:
            raise _LostError(Failure(Recourse.NONE, "overloaded")) from None
        except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
            raise _LostError(judge_failure(error)) from None

    async def _release(self, link: asyncpg.pool.PoolConnectionProxy[asyncpg.Record]) -> None:
        try:
            await self._pool.release(link, timeout=self._limits.acquire_timeout)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
            return  # it was broken, and is gone from the pool


def _gone(link: asyncpg.pool.PoolConnectionProxy[asyncpg.Record]) -> bool:
    """Whether the connection is lost: closed, or taken back by its pool, which then answers no question about it."""
    try:
        return link.is_closed()
    except asyncpg.InterfaceError:
        return True


def _pause(attempt: int) -> float:
    """Return a jittered, growing pause, so that those who collided do not collide again."""
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * (1 << min(attempt, 10)))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret


async def _keep_session(_connection: object) -> None:
    """Leave the session as it is on release: no store changes it, and the driver's reset would cost a round trip each time."""


@asynccontextmanager
async def open_transactor(
    dsn: str, *, server_settings: Mapping[str, str] | None = None, limits: Limits | None = None
) -> AsyncIterator[PostgresTransactor]:
    """Open a pool on the database and close it afterwards; connections are made when first needed.

    Args:
        dsn: where the database is.
        server_settings: start-up parameters, such as ``role``.
        limits: how much, how long.
    """
    chosen = limits or Limits()
    settings = {
        "statement_timeout": f"{round(chosen.statement_timeout * 1000)}",
        "lock_timeout": f"{round(chosen.lock_timeout * 1000)}",
        "jit": "off",
        "enable_seqscan": "off",  # plans made while a table was small outlive its growth, and reading it all conflicts with everybody
        **(server_settings or {}),
    }
    pool = asyncpg.create_pool(dsn, min_size=0, max_size=chosen.connections, server_settings=settings, reset=_keep_session)
    try:
        await pool
        yield PostgresTransactor(pool, chosen)
    finally:
        await _close(pool)


async def _close(pool: Pool) -> None:
    try:
        await asyncio.wait_for(pool.close(), timeout=5)
    except TimeoutError:
        pool.terminate()
