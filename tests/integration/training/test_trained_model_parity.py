"""A trained model scores the same in both renderings, whatever levels training declared; and a sample stands for all records."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from bench.datasets import Dataset, Source
from bench.frames import date_formats, records
from identity.adapters.default_bundle import default_bundle
from identity.adapters.splink_duckdb.train_counting import Counting
from identity.domain.attributes import StandardAttributes
from identity.domain.model.blocking import BlockingRule, part
from identity.domain.model.scorer import Scorer, prior_weight
from identity.domain.standardise import STANDARDISER_VERSION, standardise
from identity.domain.training.selection import RuleSize
from services.demo import write_population
from tests.builders.parity import score_twice


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[StandardAttributes]:
    directory: Path = tmp_path_factory.mktemp("people")
    manifest = write_population(directory, seed=7, records=2_000)
    sources = tuple(Source(silo.source, silo.data, silo.mapping) for silo in manifest.silos)
    formats = {source.name: date_formats(source) for source in sources}
    return [standardise(raw, {}, formats[source]) for source, _, raw in records(Dataset("french", sources, manifest.truth, 2_000))]


def test_the_packaged_model_is_read_by_the_standardiser_that_ships_with_it() -> None:
    assert default_bundle().standardiser == STANDARDISER_VERSION


def test_a_query_of_few_attributes_is_scored_by_the_packaged_model() -> None:
    scorer = Scorer(default_bundle())
    stored = standardise({"full_name": "Zoé Vauquelin", "birth_date": "1984-03-07", "email": "zoe.v@courriel.example"})
    weigh = [
        scorer.score(scorer.encode(standardise(asked)), scorer.encode(stored)).match_weight
        for asked in (
            {"given_name": "Zoe", "family_name": "Vauquelin", "birth_date": "1984-03-07"},
            {"given_name": "Zoe", "family_name": "Vauquelin"},
            {"given_name": "Marc", "family_name": "Vauquelin"},
            {},
        )
    ]
    assert weigh[0] > default_bundle().thresholds.certain
    assert weigh[0] > weigh[1] > weigh[2]
    assert weigh[3] == prior_weight(default_bundle().match_prior)


def test_a_trained_model_weighs_the_same_in_both_renderings(rows: list[StandardAttributes]) -> None:
    model = default_bundle()
    parity = score_twice(model, rows)
    assert parity.differing == []
    assert parity.pairs > 5_000
    assert len(parity.levels) > 0.7 * sum(len(comparison.levels) for comparison in model.declaration.comparisons)


def test_what_a_rule_costs_is_told_from_a_sample() -> None:
    connection = duckdb.connect(":memory:")
    connection.execute(
        "CREATE TABLE incoming AS SELECT i AS idx, (hash(i) % 4000)::varchar AS city, (i // 300)::varchar AS sex FROM range(20000) t(i)"
    )
    rules = (BlockingRule("city", (part("city"),)), BlockingRule("sex", (part("sex"),)))
    exact, estimated = (_sizes(connection, rules, share) for share in (1, 5))
    assert estimated[0].pairs == pytest.approx(exact[0].pairs, rel=0.15)
    assert exact[1].pairs == estimated[1].pairs == 0  # blocks of 300 are over the cap in both
    assert (exact[1].capped, estimated[1].capped) == (67, 67)


def _sizes(connection: duckdb.DuckDBPyConnection, rules: tuple[BlockingRule, ...], every: int) -> tuple[RuleSize, ...]:
    counting = Counting(connection, ("city", "sex"))
    connection.execute(f"CREATE OR REPLACE TABLE sampled AS SELECT * FROM incoming WHERE hash(idx, 9) % {every} = 0")
    connection.execute("DROP TABLE IF EXISTS keys")
    counting.keys(rules)
    return counting.sizes(rules, cap=100, share=1 / every)
