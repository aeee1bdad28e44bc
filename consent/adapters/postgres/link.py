"""The one connection a transaction works on, and what runs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, TypeVar

import asyncpg

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Link: TypeAlias = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Row: TypeAlias = asyncpg.Record
else:
    Link = asyncpg.Connection
    Row = asyncpg.Record

T = TypeVar("T")


class Runner(Protocol):
    """Runs units of work on a connection: handed in by wiring, which knows the pool and its limits.

    Both give up with what ``failed`` makes of a cause and the number of attempts.
    """

    async def run(
        self,
        work: Callable[[Link], Awaitable[T]],
        *,
        failed: Callable[[str, int], Exception],
        isolation: Literal["repeatable_read", "read_committed"],
        read_only: bool,
    ) -> T:
        """Run ``work`` in one transaction, again when it loses a race or its connection.

        Raises:
            RuntimeError: if ``read_only`` work writes.
        """
        ...

    async def ask(self, question: Callable[[Link], Awaitable[T]], *, failed: Callable[[str, int], Exception]) -> T:
        """Run a single statement that reads, without a transaction around it."""
        ...
