"""Which database a process works on: the home's own, or the one it is told of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from consent.adapters.sql import MIGRATIONS as CONSENT_MIGRATIONS
from identity.adapters.sql import MIGRATIONS as IDENTITY_MIGRATIONS
from services.database.connection import Database, external_database
from services.database.embedded import embedded_database
from services.database.migration import MigrationStatus, migrate, migration_status
from services.settings import Settings

__all__ = ["Database", "MigrationStatus", "apply_migrations", "open_database", "read_migration_status"]

_SCHEMAS = {"identity": IDENTITY_MIGRATIONS, "consent": CONSENT_MIGRATIONS}


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """Give the ways into the database of these settings; the embedded one runs at least as long as the context is open.

    Raises:
        DatabaseError: if it cannot be started or reached; says what, where and what to do.
    """
    if settings.database_url is not None:
        yield external_database(settings.database_url)
        return
    async with embedded_database(settings.home, bin_dir=settings.postgres_bin) as database:
        yield database


async def apply_migrations(database: Database) -> list[str]:
    """Bring every schema up to date; return the migrations that were applied now, as ``schema/name``."""
    applied = {schema: await migrate(database, folder, schema=schema) for schema, folder in _SCHEMAS.items()}
    return [f"{schema}/{name}" for schema, names in applied.items() for name in names]


async def read_migration_status(database: Database) -> list[MigrationStatus]:
    """Return each migration, named ``schema/name``, and whether it is applied."""
    found = {schema: await migration_status(database, folder, schema=schema) for schema, folder in _SCHEMAS.items()}
    return [replace(one, name=f"{schema}/{one.name}") for schema, statuses in found.items() for one in statuses]
