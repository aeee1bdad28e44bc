"""Migrations: plain SQL files, forward only, applied once, in order, each in one transaction.

Rules
- A file is ``0001_what_it_does.sql``; numbers count from 1 without a gap.
- What was applied is remembered with the file's SHA-256; a file that changed afterwards is refused.
- A database that knows a migration this code does not is newer than the code, and is left alone.
- Concurrent runs wait for each other on one row; nobody waits longer than ``lock_timeout`` for a busy table.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib.resources.abc import Traversable
from typing import TypeVar

import asyncpg

from services.database.access import Connection, connect
from services.database.connection import SERVICE_ROLES, ConnectionSettings, Database
from services.database.errors import DatabaseError, DatabaseProblem

T = TypeVar("T")

_FILE = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_LOCK_TIMEOUT = "10s"
_TRIES = 5


class MigrationState(StrEnum):
    """How a migration stands in a database."""

    APPLIED = "applied"
    PENDING = "pending"
    CHANGED = "changed"  # applied, but the file is another one now
    UNKNOWN = "unknown"  # applied by newer code


@dataclass(frozen=True, slots=True)
class Migration:
    """One file."""

    version: int
    name: str
    sql: str
    digest: str


@dataclass(frozen=True, slots=True)
class MigrationStatus:
    """One migration, and how it stands; ``applied_at`` is None while it does not."""

    version: int
    name: str
    state: MigrationState
    applied_at: datetime | None


def read_migrations(folder: Traversable) -> list[Migration]:
    """Return the migrations in a folder, in order.

    Raises:
        DatabaseError: ``MIGRATION_MISSING`` when the numbers leave a gap.
    """
    found = []
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if (match := _FILE.fullmatch(file.name)) is not None:
            content = file.read_bytes()
            found.append(Migration(int(match[1]), file.name.removesuffix(".sql"), content.decode(), hashlib.sha256(content).hexdigest()))
    if [migration.version for migration in found] != list(range(1, len(found) + 1)):
        raise DatabaseError(
            DatabaseProblem.MIGRATION_MISSING,
            what="the migration files do not count 0001, 0002, … without a gap",
            where=str(folder),
            remedy="Install entente again.",
        )
    return found


async def migrate(database: Database, folder: Traversable, *, schema: str = "identity") -> list[str]:
    """Bring the database's schema up to date and return the names of the migrations applied now.

    Raises:
        DatabaseError: ``DATABASE_NEWER``, ``MIGRATION_CHANGED``, ``MIGRATION_FAILED``, ``LOCKED``, ``NOT_PERMITTED``, or the connection's.
    """
    migrations = read_migrations(folder)
    async with _connection(database.owner) as connection:
        await _ensure_service_roles(connection, must_join=database.identity.role is not None)
        await _retrying(lambda: _prepare(connection, schema))
        applied: list[str] = []
        while (name := await _retrying(lambda: _apply_next(connection, schema, migrations))) is not None:
            applied.append(name)
        return applied


async def migration_status(database: Database, folder: Traversable, *, schema: str = "identity") -> list[MigrationStatus]:
    """Return every migration, of the code and of the database, and how it stands.

    Raises:
        DatabaseError: when the database cannot be reached.
    """
    migrations = read_migrations(folder)
    async with _connection(database.owner) as connection:
        rows = await _applied(connection, schema)
    statuses = []
    for migration in migrations:
        row = rows.pop(migration.version, None)
        same = row is not None and row["digest"] == migration.digest
        state = MigrationState.PENDING if row is None else MigrationState.APPLIED if same else MigrationState.CHANGED
        statuses.append(MigrationStatus(migration.version, migration.name, state, None if row is None else row["applied_at"]))
    statuses += [MigrationStatus(version, row["name"], MigrationState.UNKNOWN, row["applied_at"]) for version, row in sorted(rows.items())]
    return statuses


def _refusal(status: MigrationStatus, schema: str) -> DatabaseError:
    where = f"schema {schema}, migration {status.name}"
    if status.state is MigrationState.UNKNOWN:
        what, problem = "the database is newer than this code", DatabaseProblem.DATABASE_NEWER
        remedy = "Install the entente that migrated it, or a newer one."
    else:
        what, problem = "a migration that was applied is not the file that this code ships", DatabaseProblem.MIGRATION_CHANGED
        remedy = "Install the entente that migrated it: applied files never change."
    return DatabaseError(problem, what=what, where=where, remedy=remedy)


async def _prepare(connection: Connection, schema: str) -> None:
    async with connection.transaction():
        await connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
        await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        await connection.execute(
            f"CREATE TABLE IF NOT EXISTS {schema}.schema_migration "
            "(version int4 PRIMARY KEY, name text NOT NULL, digest text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        await connection.execute(
            f"INSERT INTO {schema}.schema_migration (version, name, digest) VALUES (0, 'lock', '') ON CONFLICT DO NOTHING"  # noqa: S608 - our own name
        )


async def _apply_next(connection: Connection, schema: str, migrations: list[Migration]) -> str | None:
    """Apply the first pending migration and return its name, or None if there is none."""
    async with connection.transaction():
        await connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
        await connection.execute(f"SELECT FROM {schema}.schema_migration WHERE version = 0 FOR UPDATE")
        rows = await _applied(connection, schema)
        for migration in migrations:
            row = rows.pop(migration.version, None)
            if row is not None and row["digest"] != migration.digest:
                raise _refusal(MigrationStatus(migration.version, migration.name, MigrationState.CHANGED, None), schema)
        for version, row in rows.items():
            raise _refusal(MigrationStatus(version, row["name"], MigrationState.UNKNOWN, None), schema)
        done: int = await connection.fetchval(f"SELECT max(version) FROM {schema}.schema_migration")  # noqa: S608 - our own name
        if done == len(migrations):
            return None
        following = migrations[done]
        await _execute(connection, following)
        await connection.execute(
            f"INSERT INTO {schema}.schema_migration (version, name, digest) VALUES ($1, $2, $3)",  # noqa: S608 - our own name
            following.version,
            following.name,
            following.digest,
        )
        return following.name


async def _execute(connection: Connection, migration: Migration) -> None:
    try:
        await connection.execute(migration.sql)
    except (asyncpg.LockNotAvailableError, asyncpg.SerializationError, asyncpg.DeadlockDetectedError):
        raise
    except asyncpg.PostgresError as error:
        raise DatabaseError(
            DatabaseProblem.MIGRATION_FAILED,
            what=f"a migration failed with SQLSTATE {error.sqlstate}; nothing of it was kept",
            where=migration.name,
            remedy="Look the code up in PostgreSQL's documentation, Appendix A; mend the cause and run `entente db migrate` again.",
        ) from error


async def _applied(connection: Connection, schema: str) -> dict[int, asyncpg.Record]:
    if await connection.fetchval("SELECT to_regclass($1)", f"{schema}.schema_migration") is None:
        return {}
    rows = await connection.fetch(f"SELECT version, name, digest, applied_at FROM {schema}.schema_migration WHERE version > 0")  # noqa: S608 - our own name
    return {row["version"]: row for row in rows}


async def _ensure_service_roles(connection: Connection, *, must_join: bool) -> None:
    """See to it that the services' roles exist and, where we connect as somebody else, that we may take them on."""
    user = await connection.fetchval("SELECT current_user")
    try:
        for role in SERVICE_ROLES:
            await _ensure_role(connection, role, user, must_join=must_join)
    except asyncpg.InsufficientPrivilegeError as error:
        orders = [order for role in SERVICE_ROLES for order in (f"CREATE ROLE {role} NOLOGIN;", f'GRANT {role} TO "{user}";')]
        raise DatabaseError(
            DatabaseProblem.NOT_PERMITTED,
            what=f"the user {user} may not make the roles {', '.join(SERVICE_ROLES)}, with which the services work",
            where="ENTENTE_DATABASE_URL",
            remedy=f"Have an administrator run once, for those that are missing: {' '.join(orders)}",
        ) from error


async def _ensure_role(connection: Connection, role: str, user: str, *, must_join: bool) -> None:
    if not await connection.fetchval("SELECT count(*) FROM pg_roles WHERE rolname = $1", role):
        with suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):  # another run made it at the same moment
            await connection.execute(f"CREATE ROLE {role} NOLOGIN")
    if must_join and not await _may_become(connection, role):
        await connection.execute(f'GRANT {role} TO "{user}"')


async def _may_become(connection: Connection, role: str) -> bool:
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL ROLE {role}")
            await connection.execute("RESET ROLE")
    except asyncpg.InsufficientPrivilegeError:
        return False
    return True


async def _retrying(step: Callable[[], Awaitable[T]]) -> T:
    """Run a step again while it loses races against another run."""
    for remaining in reversed(range(_TRIES)):
        try:
            return await step()
        except (asyncpg.UniqueViolationError, asyncpg.SerializationError, asyncpg.DeadlockDetectedError):
            if remaining == 0:
                raise _locked() from None
        except asyncpg.LockNotAvailableError:
            raise _locked() from None
        except asyncpg.InsufficientPrivilegeError as error:
            raise DatabaseError(
                DatabaseProblem.NOT_PERMITTED,
                what="this user may not change the schema",
                where="ENTENTE_DATABASE_URL",
                remedy="Have an administrator run: GRANT CREATE ON DATABASE … TO that user; or migrate as the database's owner.",
            ) from error
        await asyncio.sleep(0.1)
    raise _locked()


def _locked() -> DatabaseError:
    return DatabaseError(
        DatabaseProblem.LOCKED,
        what=f"another process held a table for longer than {_LOCK_TIMEOUT}",
        where="the database",
        remedy="Nothing was changed. Stop long-running work (an ingest, a link) and run `entente db migrate` again.",
    )


@asynccontextmanager
async def _connection(settings: ConnectionSettings) -> AsyncIterator[Connection]:
    connection = await connect(settings)
    try:
        yield connection
    finally:
        await connection.close()
