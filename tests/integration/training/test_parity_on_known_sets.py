"""On sets that others made, a model trained on them weighs every pair the same in both renderings, bit for bit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bench.datasets import prepare
from bench.frames import date_formats, mapping_of, records
from identity.adapters.splink_duckdb.trainer import DuckDbTrainer
from identity.domain.attributes import ComparisonKind, StandardAttributes
from identity.domain.standardise import STANDARDISER_VERSION, standardise
from identity.ports.trainer import TrainingRow
from tests.builders.parity import score_twice

LEAST_PAIRS = 55_000
"""Of each set; both together are more than a hundred thousand."""


async def chunks(rows: Sequence[TrainingRow]) -> AsyncIterator[Sequence[TrainingRow]]:
    for start in range(0, len(rows), 5_000):
        yield rows[start : start + 5_000]


@pytest.mark.parametrize(("name", "stride"), [("febrl3", 251), ("febrl4-no-id", 1_009)])
async def test_a_model_trained_on_febrl_weighs_the_same_in_both_renderings(tmp_path: Path, name: str, stride: int) -> None:
    dataset = prepare(name, tmp_path, None)
    formats = {source.name: date_formats(source) for source in dataset.sources}
    kinds = {
        source.name: {f"x_{extra}": ComparisonKind(spec["compare"]) for extra, spec in mapping_of(source).get("extra", {}).items()}
        for source in dataset.sources
    }
    rows: list[StandardAttributes] = []
    training: list[TrainingRow] = []
    for source, _, raw in records(dataset):
        rows.append(standardise(raw, kinds[source], formats[source]))
        training.append(TrainingRow(rows[-1], kinds[source]))
    trained = await DuckDbTrainer().train(chunks(training), name=name, standardiser=STANDARDISER_VERSION)
    parity = score_twice(trained.bundle, rows, stride=stride)
    assert parity.differing == []
    assert parity.pairs >= LEAST_PAIRS
    assert len(parity.levels) > 0.7 * sum(len(comparison.levels) for comparison in trained.bundle.declaration.comparisons)
