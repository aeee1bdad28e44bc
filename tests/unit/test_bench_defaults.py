"""Plain ``make bench`` leaves nothing out that is on the machine, and ends what takes too long."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench import accuracy, datasets, measure, resolve


def test_the_people_sets_are_looked_for_where_the_variable_says_or_beside_the_checkout(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(datasets, "__file__", str(tmp_path / "checkout" / "bench" / "datasets.py"))
    monkeypatch.delenv("ENTENTE_BENCH_DATA", raising=False)
    assert datasets.default_people_data() is None
    beside = tmp_path / "shared" / "data" / "people"
    beside.mkdir(parents=True)
    assert datasets.default_people_data() == beside
    monkeypatch.setenv("ENTENTE_BENCH_DATA", "elsewhere")
    assert datasets.default_people_data() == Path("elsewhere")


def test_the_published_sizes_are_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["bench"])
    assert [size for name, size in accuracy.wanted(accuracy.read_options()) if name == "french"] == [20_000, 100_000]
    assert resolve.read_options().records == "10000,100000,1000000"


def test_a_peer_that_takes_too_long_is_ended() -> None:
    with pytest.raises(measure.CommandFailedError, match="ended after 0 s"):
        measure.run([sys.executable, "-c", "import time; time.sleep(30)"], limit_seconds=0.1)
