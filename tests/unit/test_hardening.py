"""What a hostile neighbour tried, and what stopped them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from identity.adapters.keyring.key_file import open_key_file
from identity.adapters.memory.transactor import MemoryTransactor
from identity.adapters.sealing.opening import open_hierarchy
from identity.domain.errors import IdentityError, Reason
from services.database import DatabaseError
from services.database.connection import external_database, with_verified_tls
from services.database.layout import Layout, make_home, replace_file
from services.rpc.registry import RegistryError, read_registry
from tests.builders.stores import sealed


@pytest.mark.parametrize("mode", [0o777, 0o770])
def test_a_home_that_others_may_write_is_refused(tmp_path: Path, mode: int) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(mode)
    with pytest.raises(DatabaseError, match="somebody else"):
        make_home(home)


def test_a_planted_location_is_refused(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.prepare()
    layout.location.write_text(f"{tmp_path}\n")
    layout.location.chmod(0o666)
    with pytest.raises(DatabaseError, match="somebody else"):
        layout.state(None)


def test_a_link_planted_in_the_data_directory_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "pg_hba.conf").symlink_to(victim)
    replace_file(tmp_path / "pg_hba.conf", "rules", None)
    assert victim.read_text() == "mine"
    assert (tmp_path / "pg_hba.conf").read_text() == "rules"
    assert not (tmp_path / "pg_hba.conf").is_symlink()


def test_a_registry_that_others_may_write_is_refused(tmp_path: Path) -> None:
    registry = tmp_path / "callers.toml"
    registry.write_text("")
    registry.chmod(0o666)
    with pytest.raises(RegistryError, match="written by others"):
        read_registry(registry)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_registry_of_somebody_else_is_refused_to_an_ordinary_account(tmp_path: Path) -> None:
    registry = tmp_path / "callers.toml"
    registry.write_text("")
    os.chown(registry, 65534, 65534)
    with pytest.raises(RegistryError, match="somebody else"):
        read_registry(registry)


@pytest.mark.parametrize(
    ("dsn", "sent"),
    [
        ("postgresql://me:pw@db.example/entente", "postgresql://me:pw@db.example/entente?sslmode=verify-full"),
        (
            "postgresql://me@db.example/entente?application_name=x",
            "postgresql://me@db.example/entente?application_name=x&sslmode=verify-full",
        ),
        ("postgresql://me@db.example/entente?sslmode=require", "postgresql://me@db.example/entente?sslmode=require"),
        ("postgresql://me@127.0.0.1:5433/entente", "postgresql://me@127.0.0.1:5433/entente"),
        ("postgresql://me@/entente?host=/run/pg", "postgresql://me@/entente?host=/run/pg"),
    ],
)
def test_a_password_goes_to_a_verified_server_only(dsn: str, sent: str) -> None:
    assert with_verified_tls(dsn) == sent
    assert external_database(dsn).owner.dsn == sent


async def test_a_database_whose_keys_are_gone_gets_no_new_ones(tmp_path: Path) -> None:
    transactor = MemoryTransactor()
    moment = datetime(2030, 1, 1, tzinfo=UTC)
    await transactor.run(lambda tx: tx.records.add([sealed(1)], moment))
    with pytest.raises(IdentityError) as refused:
        await open_hierarchy(transactor, open_key_file(tmp_path / "keys"))
    assert refused.value.reason is Reason.KEY_RING_UNUSABLE
