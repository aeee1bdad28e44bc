"""A command brings in what it uses: the engine, Arrow, invented names and telemetry take longer to import than answering."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.e2e.processes import Home

HEAVY = {"splink", "duckdb", "pyarrow", "sqlglot", "polars", "pandas", "faker", "opentelemetry.sdk", "opentelemetry.exporter"}
RUN = f"""
import atexit, sys
from services.cli import main
atexit.register(lambda: print("IMPORTED", *({HEAVY!r} & set(sys.modules))))
sys.argv[0] = "entente"
main()
"""


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("link", "--help"),
        ("caller", "list"),
        ("resolve", "given_name=Zoé", "family_name=Durand"),
        ("decide", "--source", "crm", "--key", "1", "--caller", "crm", "--purpose", "service"),
    ],
    ids=" ".join,
)
def test_a_quick_command_imports_nothing_heavy(shared_home: Home, words: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN, *words],
        env=shared_home.environment(), cwd=shared_home.folder, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done
    assert done.stdout.splitlines()[-1].split() == ["IMPORTED"]
