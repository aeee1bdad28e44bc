"""The engine inside the worker: nothing spills, nothing is read from outside, nothing is reconfigured."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from identity.adapters.splink_duckdb.engine import Engine


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.chdir(tmp_path)
    return Engine(memory_mb=64, threads=1)


@pytest.mark.parametrize(
    "statement",
    [
        "SET enable_external_access=true",
        "SET temp_directory='spill'",
        "SET memory_limit='8GB'",
        "SET lock_configuration=false",
        "COPY (SELECT 1) TO 'out.csv'",
        "SELECT * FROM read_csv('/etc/hostname')",
        "ATTACH 'other.db'",
        "INSTALL httpfs",
    ],
)
def test_the_engine_refuses_to_be_opened_up(engine: Engine, statement: str) -> None:
    with pytest.raises(duckdb.Error):
        engine.connection.execute(statement).fetchall()


def test_more_than_memory_fails_and_spills_nothing(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(duckdb.OutOfMemoryException):
        engine.connection.execute("SELECT * FROM (SELECT repeat('x', 900) || i AS v FROM range(400000) t(i)) ORDER BY v").fetchall()
    assert not list(tmp_path.iterdir())
