"""The tree states the architecture; these tests break it on purpose and expect to be told."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": f"{root}:{root / 'protos/gen'}", "PATH": "/usr/bin:/bin"}
    return subprocess.run([LINT_IMPORTS, "--no-cache"], cwd=root, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("identity", "consent", "services", "protos", "pyproject.toml"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.json"))
        else:
            shutil.copy(source, tmp_path / name)
    return tmp_path


VIOLATIONS = {
    "a stray module in services": ("services/helpers.py", "", "services: one direction"),
    "a stray package in identity": ("identity/common/__init__.py", "", "identity: adapters and use cases"),
    "identity that knows consent": ("identity/domain/errors.py", "import consent\n", "the contexts never meet"),
    "a context that knows its transport": ("identity/usecases/__init__.py", "import services\n", "Services stand over the contexts"),
    "a domain that knows its database": ("identity/domain/errors.py", "import asyncpg\n", "The core is plain Python"),
    "a use case that builds its adapter": (
        "identity/usecases/__init__.py",
        "import identity.adapters\n",
        "Adapters are constructed in wiring only",
    ),
    "a stray package in consent": ("consent/common/__init__.py", "", "consent: adapters and use cases"),
    "consent that knows identity": ("consent/domain/errors.py", "import identity\n", "the contexts never meet"),
    "consent whose rules know their database": ("consent/ports/hearing.py", "import asyncpg\n", "The core is plain Python"),
    "an adapter of consent that makes its own connections": (
        "consent/adapters/postgres/transactor.py",
        "import services.database.running\n",
        "Services stand over the contexts",
    ),
    "a workflow that builds consent's adapter": (
        "services/rpc/gate.py",
        "import consent.adapters\n",
        "Adapters are constructed in wiring only",
    ),
    "an engine outside its home": ("identity/adapters/models.py", "import duckdb\n", "Splink and DuckDB have one home"),
    "a cycle": ("identity/domain/personal.py", "import identity.domain.attributes\n", "No cycles at any depth"),
    "a wire type in the composition root": (
        "services/wiring/database.py",
        "from entente.identity.v1 import record_service_pb2\n",
        "Wire types stop at the edge",
    ),
    "a wire type past the edge": (
        "services/cli/screen.py",
        "from entente.identity.v1 import record_service_pb2\n",
        "Wire types stop at the edge",
    ),
}


def test_the_tree_keeps_its_contracts():
    checked = lint_imports(ROOT)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("what", VIOLATIONS)
def test_a_violation_is_noticed(tree: Path, what: str):
    path, line, contract = VIOLATIONS[what]
    target = tree / path
    target.parent.mkdir(parents=True, exist_ok=True)
    text = target.read_text("utf-8") if target.exists() else '"""A stray module."""\n'
    future = "from __future__ import annotations\n"
    target.write_text(text.replace(future, future + line) if future in text else text + line)
    checked = lint_imports(tree)
    assert checked.returncode == 1
    assert any(contract in row and "BROKEN" in row for row in checked.stdout.splitlines()), checked.stdout
