"""What a failure of the database means to a unit of work: run it again, or give up, and under which name.

Rules
- A driver's text never leaves: it can quote a value. What leaves is one of the names below, or an SQLSTATE.
- A lost race (40001, 40P01, a unique key taken meanwhile) is run again at once; a lost server, for as long as patience lasts.
- When the connection is lost during COMMIT nobody knows whether it happened. The work is run again all the same: it reads
  before it writes, so it finds its own work done (``request_id``, head version, current assignment).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

import asyncpg


class Recourse(Enum):
    """What may help."""

    RACE = auto()
    RECONNECT = auto()
    NONE = auto()


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure, by a name that may be shown."""

    recourse: Recourse
    cause: str


_RACES = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, asyncpg.UniqueViolationError)
_AWAY = (
    asyncpg.PostgresConnectionError,  # class 08
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
_NAMED: tuple[tuple[type[Exception], str], ...] = (
    (asyncpg.QueryCanceledError, "statement-timeout"),
    (asyncpg.LockNotAvailableError, "lock-timeout"),
    (asyncpg.DiskFullError, "disk-full"),
    (asyncpg.ReadOnlySQLTransactionError, "read-only-database"),
    (asyncpg.InvalidPasswordError, "wrong-password"),
    (asyncpg.InvalidAuthorizationSpecificationError, "wrong-password"),
    (asyncpg.InsufficientPrivilegeError, "not-permitted"),
    (asyncpg.UndefinedTableError, "not-migrated"),
    (asyncpg.InvalidSchemaNameError, "not-migrated"),
    (asyncpg.UndefinedColumnError, "not-migrated"),
)


def judge_failure(error: BaseException) -> Failure:
    """Say what an exception of the driver, or of the socket below it, means."""
    if isinstance(error, _RACES):
        return Failure(Recourse.RACE, "conflict")
    if isinstance(error, (*_AWAY, OSError)):
        return Failure(Recourse.RECONNECT, "unreachable")
    for kind, cause in _NAMED:
        if isinstance(error, kind):
            return Failure(Recourse.NONE, cause)
    if isinstance(error, asyncpg.PostgresError):
        return Failure(Recourse.NONE, f"sqlstate-{error.sqlstate}")
    # The driver says "closed", "in the middle of being closed" and the like by this one class; wrong arguments are a subclass of it.
    if isinstance(error, asyncpg.InternalClientError) or type(error) is asyncpg.InterfaceError:
        return Failure(Recourse.RECONNECT, "unreachable")
    return Failure(Recourse.NONE, type(error).__name__)
