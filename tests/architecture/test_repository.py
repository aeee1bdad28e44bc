"""What the repository itself promises: locked, silent about machines, one place for secrets."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


def locked() -> dict[str, Version]:
    pins = re.findall(r"^([a-z0-9._-]+)==(\S+?)(?: ;.*)? \\$", (ROOT / "requirements/dev.txt").read_text(), flags=re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name): Version(version) for name, version in pins}


def declared() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return [Requirement(text) for text in project["project"]["dependencies"] + project["dependency-groups"]["dev"]]


@pytest.mark.parametrize("requirement", declared(), ids=str)
def test_every_declared_dependency_is_locked_at_a_version_it_allows(requirement: Requirement):
    name = re.sub(r"[-_.]+", "-", requirement.name.lower())
    assert name in locked(), "run: make lock"
    assert locked()[name] in requirement.specifier


def test_every_locked_version_has_its_hashes_and_no_address():
    text = (ROOT / "requirements/dev.txt").read_text()
    blocks = re.split(r"\n(?=[a-z0-9._-]+==)", text)
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text


def test_no_tracked_file_names_a_machine():
    marks = re.compile("/" + r"(?:work|root|farm)/|/tmp/[a-z]")  # split, so that this file does not name one either
    naming = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked("*.py", "*.toml", "*.md", "*.sh", "*.proto", "*.sql", "Makefile", ".ci/run")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if marks.search(line)
    ]
    assert naming == []


def test_the_right_to_read_personal_values_is_created_in_wiring_only():
    creating = set()
    for path in tracked("identity/*.py", "services/*.py", "consent/*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Access":
                creating.add(path.relative_to(ROOT).as_posix())
    assert {name for name in creating if not name.startswith("services/wiring/")} <= PROCESS_ROOTS


PROCESS_ROOTS: set[str] = set()
"""Child processes have their own composition root; each is named here with its reason."""


def test_no_lock_free_cryptography_mode_is_ever_switched_on():
    forbidden = "force_mbedtls" + "_unsafe"
    assert not [path for path in tracked("*.py", "*.sql") if forbidden in path.read_text("utf-8")]
