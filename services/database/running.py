"""Units of work on a bounded pool of connections, run again when they lose a race or their connection.

Both contexts store through it, and neither knows it: wiring hands a ``WorkRunner`` to each context's adapter, which says what its work,
its errors and its isolation are.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

import asyncpg

from services.database.failures import Failure, Recourse, judge_failure

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
    Link: TypeAlias = PoolConnectionProxy[asyncpg.Record]
else:
    Pool = asyncpg.Pool
    Link = asyncpg.Connection

T = TypeVar("T")
Work: TypeAlias = Callable[[Link], Awaitable[T]]
Isolation: TypeAlias = Literal["serializable", "repeatable_read", "read_committed"]
Failed: TypeAlias = Callable[[str, int], Exception]
"""Makes the error to raise of a cause, by a name that may be shown, and the number of attempts."""

_FIRST_PAUSE = 0.002
_LONGEST_PAUSE = 0.25
_CHANCE = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a runner takes, and how long it waits; times in seconds."""

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


class _LostError(Exception):
    """The database failed under a unit of work; carries the judgement, not the driver's text."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.cause)


class WorkRunner:
    """Runs units of work. Made by ``open_runner``."""

    def __init__(self, pool: Pool, limits: Limits) -> None:
        self._pool = pool
        self._limits = limits

    async def run(
        self,
        work: Work[T],
        *,
        failed: Failed,
        isolation: Isolation = "serializable",
        read_only: bool = False,
        race: type[Exception] | None = None,
    ) -> T:
        """Run ``work`` in one transaction and commit, again and again while there is hope.

        Args:
            work: may be run several times, so it has no effect outside the transaction.
            failed: makes what is raised when the database is away, full, overloaded, or races never end.
            isolation: how the transaction is isolated.
            read_only: whether PostgreSQL is to refuse writes.
            race: what ``work`` raises on finding that it lost a race.

        Raises:
            RuntimeError: if ``read_only`` work writes.
        """

        async def once(link: Link) -> T:
            async with link.transaction(isolation=isolation, readonly=read_only):
                return await work(link)

        return await self._insist(once, failed, race, read_only=read_only)

    async def ask(self, question: Work[T], *, failed: Failed) -> T:
        """Run ``question``, a single statement that reads: it sees one snapshot by itself, and a transaction around it would cost
        two more round trips. Fails as ``run`` does.
        """
        return await self._insist(question, failed, None, read_only=True)

    async def _insist(self, once: Work[T], failed: Failed, race: type[Exception] | None, *, read_only: bool) -> T:
        deadline = time.monotonic() + self._limits.patience
        races = waits = 0
        while True:
            try:
                return await self._once(once, race)
            except _LostError as lost:
                failure = lost.failure
            races += failure.recourse is Recourse.RACE
            waits += failure.recourse is Recourse.RECONNECT
            if failure.recourse is Recourse.NONE or races >= self._limits.attempts or (waits and time.monotonic() >= deadline):
                if read_only and failure.cause == "read-only-database":
                    raise RuntimeError("this transaction is read-only")
                raise failed(failure.cause, max(1, races + waits))
            await asyncio.sleep(_pause(races + waits))

    async def _once(self, once: Work[T], race: type[Exception] | None) -> T:
        link = await self._acquire()
        try:
            return await once(link)
        except asyncpg.PostgresError as error:
            raise _LostError(judge_failure(error)) from None
        except (asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
            raise _LostError(Failure(Recourse.RECONNECT, "unreachable") if _gone(link) else judge_failure(error)) from None
        except OSError as error:  # ours only if it broke the connection: the work may have files of its own
            if not _gone(link):
                raise
            raise _LostError(judge_failure(error)) from None
        except Exception as error:
            if race is None or not isinstance(error, race):
                raise
            raise _LostError(Failure(Recourse.RACE, "conflict")) from None
        finally:
            await self._release(link)

    async def _acquire(self) -> Link:
        try:
            return await self._pool.acquire(timeout=self._limits.acquire_timeout)
        except TimeoutError:
            raise _LostError(Failure(Recourse.NONE, "overloaded")) from None
        except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
            raise _LostError(judge_failure(error)) from None

    async def _release(self, link: Link) -> None:
        try:
            await self._pool.release(link, timeout=self._limits.acquire_timeout)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
            return  # it was broken, and is gone from the pool


def _gone(link: Link) -> bool:
    """Whether the connection is lost: closed, or taken back by its pool, which then answers no question about it."""
    try:
        return link.is_closed()
    except asyncpg.InterfaceError:
        return True


def _pause(attempt: int) -> float:
    """Return a jittered, growing pause, so that those who collided do not collide again."""
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * (1 << min(attempt, 10)))
    return longest * _CHANCE.uniform(0.5, 1.0)


async def _keep_session(_connection: object) -> None:
    """Leave the session as it is on release: no store changes it, and the driver's reset would cost a round trip each time."""


@asynccontextmanager
async def open_runner(
    dsn: str, *, server_settings: Mapping[str, str] | None = None, limits: Limits | None = None
) -> AsyncIterator[WorkRunner]:
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
        yield WorkRunner(pool, chosen)
    finally:
        await _close(pool)


async def _close(pool: Pool) -> None:
    try:
        await asyncio.wait_for(pool.close(), timeout=5)
    except TimeoutError:
        pool.terminate()
