"""Migrations: forward only, once, together or not at all; and the rights they leave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from consent.adapters.sql import MIGRATIONS as CONSENT_MIGRATIONS
from identity.adapters.sql import MIGRATIONS
from services.database import DatabaseError, DatabaseProblem, external_database
from services.database.access import connect
from services.database.connection import ConnectionSettings, Database
from services.database.embedded import embedded_database
from services.database.migration import Migration, MigrationState, migrate, migration_status, read_migrations
from tests.fixtures_database import DEBIAN, EMBEDDED, held_open, passable_directory, wait_until_stopped
from tests.integration.database.single_user import in_single_user_mode

SHIPPED = {"identity": MIGRATIONS, "consent": CONSENT_MIGRATIONS}
FIRST = "CREATE TABLE trial.one (id int4 PRIMARY KEY);\nGRANT SELECT ON trial.one TO entente_identity;\n"
SECOND = "ALTER TABLE trial.one ADD COLUMN name text;\n"
CONSENT_TABLES = ("revision", "event", "echo", "purpose_version", "notice_version", "request", "schema_migration")
TWICE = "INSERT INTO trial.one VALUES (1, 'canary'), (1, 'canary');"


@pytest.fixture(scope="module")
def running() -> Iterator[Database]:
    with passable_directory() as directory, held_open(embedded_database(directory / "home")) as database:
        yield database


@pytest.fixture
async def unmigrated(running: Database) -> Database:
    """A database without the schema ``trial``."""
    await run_as_owner(running, "DROP SCHEMA IF EXISTS trial CASCADE")
    return running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_one.sql").write_text(FIRST)
    (tmp_path / "0002_two.sql").write_text(SECOND)
    (tmp_path / "README").write_text("not a migration")
    return tmp_path


async def run_as_owner(database: Database, query: str) -> object:
    connection = await connect(database.owner)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def states(database: Database, folder: Path) -> list[MigrationState]:
    return [status.state for status in await migration_status(database, folder, schema="trial")]


async def test_a_fresh_database_gets_every_migration_in_order_and_only_once(unmigrated: Database, folder: Path) -> None:
    assert await states(unmigrated, folder) == [MigrationState.PENDING] * 2
    assert await migrate(unmigrated, folder, schema="trial") == ["0001_one", "0002_two"]
    assert await migrate(unmigrated, folder, schema="trial") == []
    assert await states(unmigrated, folder) == [MigrationState.APPLIED] * 2


async def test_concurrent_runs_apply_each_migration_once(unmigrated: Database, folder: Path) -> None:
    applied = await asyncio.gather(*(migrate(unmigrated, folder, schema="trial") for _ in range(4)))
    assert sorted(name for names in applied for name in names) == ["0001_one", "0002_two"]


async def test_a_migration_that_fails_leaves_nothing_of_itself_and_keeps_the_earlier(unmigrated: Database, folder: Path) -> None:
    (folder / "0002_two.sql").write_text(f"{SECOND}{TWICE}")
    with pytest.raises(DatabaseError) as failed:
        await migrate(unmigrated, folder, schema="trial")
    assert failed.value.problem is DatabaseProblem.MIGRATION_FAILED
    assert "23505" in str(failed.value)
    assert "canary" not in str(failed.value)
    assert await states(unmigrated, folder) == [MigrationState.APPLIED, MigrationState.PENDING]
    assert (
        await run_as_owner(unmigrated, "SELECT count(*) FROM pg_attribute WHERE attrelid = 'trial.one'::regclass AND attname = 'name'") == 0
    )
    (folder / "0002_two.sql").write_text(SECOND)
    assert await migrate(unmigrated, folder, schema="trial") == ["0002_two"]


async def test_a_file_that_changed_after_it_was_applied_is_refused(unmigrated: Database, folder: Path) -> None:
    await migrate(unmigrated, folder, schema="trial")
    (folder / "0001_one.sql").write_text(f"{FIRST}-- a harmless remark\n")
    assert await states(unmigrated, folder) == [MigrationState.CHANGED, MigrationState.APPLIED]
    with pytest.raises(DatabaseError) as refused:
        await migrate(unmigrated, folder, schema="trial")
    assert refused.value.problem is DatabaseProblem.MIGRATION_CHANGED
    assert "0001_one" in str(refused.value)


async def test_a_database_newer_than_the_code_is_left_alone(unmigrated: Database, folder: Path) -> None:
    await migrate(unmigrated, folder, schema="trial")
    (folder / "0002_two.sql").unlink()
    assert await states(unmigrated, folder) == [MigrationState.APPLIED, MigrationState.UNKNOWN]
    with pytest.raises(DatabaseError) as refused:
        await migrate(unmigrated, folder, schema="trial")
    assert refused.value.problem is DatabaseProblem.DATABASE_NEWER


def test_a_gap_in_the_numbers_is_refused(folder: Path) -> None:
    (folder / "0002_two.sql").rename(folder / "0003_three.sql")
    with pytest.raises(DatabaseError) as refused:
        read_migrations(folder)
    assert refused.value.problem is DatabaseProblem.MIGRATION_MISSING


async def test_a_busy_table_is_not_waited_for_for_ever(unmigrated: Database, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.database.migration._LOCK_TIMEOUT", "200ms")
    await migrate(unmigrated, folder, schema="trial")
    (folder / "0003_three.sql").write_text("ALTER TABLE trial.one ADD COLUMN more text;")
    holder = await connect(unmigrated.owner)
    try:
        async with holder.transaction():
            await holder.execute("LOCK TABLE trial.one IN ACCESS SHARE MODE")
            with pytest.raises(DatabaseError) as refused:
                await migrate(unmigrated, folder, schema="trial")
        assert refused.value.problem is DatabaseProblem.LOCKED
        assert await migrate(unmigrated, folder, schema="trial") == ["0003_three"]
    finally:
        await holder.close()


async def test_the_shipped_migrations_apply_and_none_is_left(running: Database) -> None:
    for schema, folder in SHIPPED.items():
        await migrate(running, folder, schema=schema)
        assert {status.state for status in await migration_status(running, folder, schema=schema)} == {MigrationState.APPLIED}


@pytest.mark.parametrize(
    "migration", [one for folder in SHIPPED.values() for one in read_migrations(folder)], ids=lambda migration: migration.name
)
def test_migrations_use_only_what_distributed_postgresql_has_too(migration: Migration) -> None:
    words = " ".join(line.split("--")[0] for line in migration.sql.lower().splitlines())
    for word in ("trigger", "sequence", "serial", "generated", "references", "listen", "advisory", "inherits", "concurrently", "unlogged"):
        assert word not in words


FORBIDDEN = [
    "CREATE TABLE identity.mine (id int4)",
    "CREATE TABLE public.mine (id int4)",
    "CREATE TEMPORARY TABLE mine (id int4)",
    "CREATE SCHEMA mine",
    "ALTER TABLE identity.record ADD COLUMN mine text",
    "DROP TABLE identity.edge",
    "DROP INDEX identity.assignment_current",
    "TRUNCATE identity.edge",
    "DELETE FROM identity.record",
    "UPDATE identity.record SET source = 'x'",
    "UPDATE identity.record_version SET sealed = ''",
    "DELETE FROM identity.record_version",
    "UPDATE identity.judgement SET verdict = 'same'",
    "DELETE FROM identity.judgement",
    "UPDATE identity.identity_event SET kind = 'split'",
    "DELETE FROM identity.identity_event",
    "DELETE FROM identity.identity",
    "UPDATE identity.identity SET created_at = now()",
    "UPDATE identity.assignment SET identity_id = record_id",
    "UPDATE identity.assignment SET valid_from = now()",
    "DELETE FROM identity.assignment",
    "UPDATE identity.bundle SET document = ''",
    "DELETE FROM identity.promotion",
    "UPDATE identity.request SET answer = ''",
    "DELETE FROM identity.request",
    "DELETE FROM identity.wrapped_key",
    "INSERT INTO identity.schema_migration VALUES (99, 'x', 'x')",
    "SET ROLE entente_owner",
    "COPY identity.record TO PROGRAM 'cat'",
    "SELECT pg_read_file('/etc/passwd')",
]


FORBIDDEN_TO_CONSENT = [
    "CREATE TABLE consent.mine (id int4)",
    "CREATE TEMPORARY TABLE mine (id int4)",
    "DROP TABLE consent.echo",
    "TRUNCATE consent.echo",
    *(f"DELETE FROM consent.{table}" for table in CONSENT_TABLES),
    "UPDATE consent.event SET kind = 'given'",
    "UPDATE consent.event SET mac = mac",
    "UPDATE consent.echo SET anchor = anchor",
    "UPDATE consent.purpose_version SET document = ''",
    "UPDATE consent.notice_version SET document = ''",
    "UPDATE consent.request SET answer = ''",
    "UPDATE consent.revision SET single = NULL",
    "INSERT INTO consent.schema_migration VALUES (99, 'x', 'x')",
    "SELECT FROM identity.record",
    "INSERT INTO identity.judgement SELECT FROM identity.judgement",
    "SET ROLE entente_owner",
    "SET ROLE entente_identity",
    "COPY consent.event TO PROGRAM 'cat'",
]


async def may_not(settings: ConnectionSettings, query: str) -> None:
    connection = await connect(settings)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(query)
    finally:
        await connection.close()


@pytest.mark.parametrize("query", FORBIDDEN)
async def test_the_service_may_not_change_the_schema_nor_what_is_append_only(database: Database, query: str) -> None:
    await may_not(database.identity, query)


@pytest.mark.parametrize("kind", [EMBEDDED, DEBIAN])
@pytest.mark.parametrize("query", FORBIDDEN_TO_CONSENT)
async def test_consent_may_change_one_row_and_nothing_else(databases: Callable[[str], Database], kind: str, query: str) -> None:
    await may_not(databases(kind).consent, query)


@pytest.mark.parametrize("table", CONSENT_TABLES)
async def test_identity_may_not_look_into_consent(database: Database, table: str) -> None:
    await may_not(database.identity, f"SELECT FROM consent.{table}")


async def test_a_database_somebody_else_runs_is_served_in_the_services_role(unmigrated: Database) -> None:
    """``ENTENTE_DATABASE_URL``: the user of the URL migrates, and takes the service's role on to work."""
    external = external_database(unmigrated.owner.dsn)
    with pytest.raises(DatabaseError) as refused:
        await migrate(external, MIGRATIONS)
    assert refused.value.problem is DatabaseProblem.NOT_PERMITTED
    assert 'GRANT entente_identity TO "entente_owner"' in str(refused.value)
    assert 'GRANT entente_consent TO "entente_owner"' in str(refused.value)
    with pytest.raises(DatabaseError) as refused:
        await connect(external.identity)
    assert refused.value.problem is DatabaseProblem.NOT_PERMITTED


async def test_a_user_who_may_make_roles_sets_an_external_database_up_alone(directory: Path) -> None:
    home = directory / "home"
    async with embedded_database(home):
        pass
    wait_until_stopped(home)
    roles = "entente_identity, entente_consent"
    in_single_user_mode(home, f"DROP OWNED BY {roles}; DROP ROLE {roles}; ALTER ROLE entente_owner CREATEROLE;", "entente")
    async with embedded_database(home) as database:
        external = external_database(database.owner.dsn)
        for schema, folder in SHIPPED.items():
            assert await migrate(external, folder, schema=schema) == [migration.name for migration in read_migrations(folder)]
            assert {status.state for status in await migration_status(external, folder, schema=schema)} == {MigrationState.APPLIED}
        for settings, role, forbidden in (
            (external.identity, "entente_identity", "DELETE FROM identity.judgement"),
            (external.consent, "entente_consent", "DELETE FROM consent.event"),
        ):
            connection = await connect(settings)
            try:
                assert await connection.fetchval("SELECT current_user") == role
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(forbidden)
            finally:
                await connection.close()


async def test_an_address_where_nothing_listens_is_unreachable_and_its_password_not_told() -> None:
    nowhere = external_database("postgresql://someone:pass-canary@127.0.0.1:1/entente")
    with pytest.raises(DatabaseError) as refused:
        await migrate(nowhere, MIGRATIONS)
    assert refused.value.problem is DatabaseProblem.UNREACHABLE
    assert "pass-canary" not in str(refused.value)
