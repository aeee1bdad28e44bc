"""Homes with a database already made, copied rather than made anew for each test."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fixtures_database import held_open, migrated, passable_directory, wait_until_stopped


@pytest.fixture(scope="session")
def made_home() -> Iterator[Path]:
    """A home whose database is made, migrated and stopped."""
    with passable_directory() as directory:
        home = directory / "home"
        with held_open(migrated(home)):
            pass
        wait_until_stopped(home)
        yield home


@pytest.fixture
def directory() -> Iterator[Path]:
    """An empty directory that PostgreSQL's account can pass through; what runs in homes below it is waited for."""
    with passable_directory() as made:
        yield made


@pytest.fixture
def home(made_home: Path, directory: Path) -> Path:
    """A copy of the made home, for this test alone."""
    return copied(made_home, directory / "home")


def copied(made_home: Path, target: Path) -> Path:
    """Copy a stopped home whole, owners and modes included."""
    subprocess.run(["cp", "-a", str(made_home), str(target)], check=True)
    return target


@pytest.fixture
def copy_home(made_home: Path, directory: Path) -> Callable[[str], Path]:
    """Copy the made home under a name."""
    return lambda name: copied(made_home, directory / name)
