"""Homes for tests of whole commands: one for each module that is read by many tests, and fresh ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.processes import Home, fresh_home


@pytest.fixture
def home() -> Iterator[Home]:
    """A home where nothing was yet."""
    with fresh_home() as made:
        yield made


@pytest.fixture(scope="module")
def shared_home() -> Iterator[Home]:
    """A home for all tests of a module: each works with source systems of its own."""
    with fresh_home() as made:
        yield made
