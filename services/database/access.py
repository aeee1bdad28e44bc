"""Opening one connection, with failures an operator can act upon."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import asyncpg

from services.database.connection import ConnectionSettings
from services.database.errors import DatabaseError, DatabaseProblem

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection

_TIMEOUT = 15.0


async def connect(settings: ConnectionSettings) -> Connection:
    """Open one connection.

    Raises:
        DatabaseError: ``WRONG_PASSWORD``, ``NOT_PERMITTED``, ``UNREACHABLE``; none repeats the DSN.
    """
    try:
        return await asyncpg.connect(settings.dsn, server_settings=settings.server_settings, timeout=_TIMEOUT)
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError) as error:
        raise DatabaseError(
            DatabaseProblem.WRONG_PASSWORD,
            what="PostgreSQL refuses this user or password",
            where="ENTENTE_DATABASE_URL, or `postgres/passwords.json` in the home",
            remedy="Correct the URL; for the embedded database delete that file while nothing runs: the next start sets fresh passwords.",
        ) from error
    except (asyncpg.InvalidParameterValueError, asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedObjectError) as error:
        raise DatabaseError(
            DatabaseProblem.NOT_PERMITTED,
            what=f"this user may not work as {settings.role}",
            where="ENTENTE_DATABASE_URL",
            remedy="Run `entente db migrate` first; it makes the role, or says what an administrator must do.",
        ) from error
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise DatabaseError(
            DatabaseProblem.UNREACHABLE,
            what=f"PostgreSQL cannot be reached ({type(error).__name__})",
            where="ENTENTE_DATABASE_URL, or the embedded database of the home",
            remedy="Is it running, and is the URL right?",
        ) from error
