"""Training in a real worker on invented French people: what it learns links them, and tells relatives apart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from uuid import UUID

import pytest

from bench.datasets import Dataset, Source
from bench.frames import date_formats, records, truth_of
from identity.adapters.default_bundle import default_bundle
from identity.adapters.splink_duckdb.linker import SplinkLinker
from identity.adapters.splink_duckdb.trainer import DuckDbTrainer
from identity.domain.attributes import ComparisonKind, StandardAttributes
from identity.domain.cluster import Evidence
from identity.domain.cluster_all import cluster_all
from identity.domain.errors import IdentityError, Reason
from identity.domain.evaluation import Evaluation, evaluate
from identity.domain.model.blocking import block_keys
from identity.domain.model.bundle import Bundle
from identity.domain.model.codec import digest
from identity.domain.source_record import RecordId
from identity.domain.standardise import STANDARDISER_VERSION, standardise
from identity.domain.training.assembly import Trained
from identity.domain.training.thresholds import FALSE_LINKS
from identity.ports.linker import LinkerRow
from identity.ports.trainer import TrainingProgress, TrainingRow
from services.demo import write_population

T = TypeVar("T")


@dataclass(frozen=True)
class People:
    """Standardised records of four silos, and whose they are."""

    standard: tuple[StandardAttributes, ...]
    person: tuple[str, ...]


@cache
def people(count: int) -> People:
    with TemporaryDirectory() as directory:
        manifest = write_population(Path(directory), seed=42, records=count)
        sources = tuple(Source(silo.source, silo.data, silo.mapping) for silo in manifest.silos)
        dataset = Dataset("french", sources, manifest.truth, count)
        formats = {source.name: date_formats(source) for source in sources}
        truth = truth_of(dataset)
        rows = [(standardise(raw, {}, formats[source]), truth[source, key]) for source, key, raw in records(dataset)]
    return People(tuple(row for row, _ in rows), tuple(person for _, person in rows))


async def chunks(rows: Sequence[T]) -> AsyncIterator[Sequence[T]]:
    for start in range(0, len(rows), 1_000):
        yield rows[start : start + 1_000]


def trained_on(rows: Sequence[StandardAttributes], kinds: dict[str, ComparisonKind] | None = None) -> Trained:
    given = [TrainingRow(row, kinds or {}) for row in rows]
    return asyncio.run(DuckDbTrainer(memory_mb=512).train(chunks(given), name="test", standardiser=STANDARDISER_VERSION))


@cache
def trained() -> Trained:
    return trained_on(people(5_000).standard)


def linked(bundle: Bundle, known: People) -> Evaluation:
    def tags(row: StandardAttributes) -> tuple[int, ...]:
        keys = block_keys(bundle.declaration.blocking, row)
        return tuple(int.from_bytes(blake2b(repr(key).encode(), digest_size=8).digest(), "big", signed=True) for key in keys)

    ids = [RecordId(UUID(int=number)) for number in range(len(known.standard))]
    rows = [LinkerRow(record, tags(row), row) for record, row in zip(ids, known.standard, strict=True)]
    edges = asyncio.run(SplinkLinker(memory_mb=512).predict(chunks(rows), bundle=bundle)).edges
    identity = {record: record for record in ids} | {r: min(group) for group in cluster_all(ids, Evidence(edges)).clusters for r in group}
    return evaluate(dict(zip(ids, known.person, strict=True)), identity)


def test_a_trained_model_links_people_and_not_their_relatives() -> None:
    """Splink alone, set up by an expert, has precision 0.7 and F1 0.83 on such people."""
    found = linked(trained().bundle, people(5_000)).pairwise
    assert found.precision > 0.985
    assert found.f1 > 0.96


def test_the_packaged_model_links_people_before_any_training() -> None:
    found = linked(default_bundle(), people(5_000)).pairwise
    assert found.precision > 0.985
    assert found.f1 > 0.95


def test_the_report_tells_what_was_learnt_without_a_value() -> None:
    report = trained().report
    known = people(5_000)
    true_pairs = sum(known.person.count(person) - 1 for person in known.person) / 2
    assert report.same_person_pairs == pytest.approx(true_pairs, rel=0.05)
    assert report.household_pairs > 0
    assert 0 < report.expected_false_links <= FALSE_LINKS
    assert report.unlinkable < 0.5
    assert "loyalty_id" in report.absent
    assert any(rule.chosen for rule in report.rules)
    weights = {(level.comparison, level.label): level for level in report.levels}
    assert weights["given_name", "exact"].weight > 5
    assert weights["given_name", "different"].household_weight < -4
    assert abs(weights["surname", "exact"].household_weight) < 1  # a shared surname tells a relative from nobody
    values = {value for row in known.standard for value in row.values() if value and len(value) > 4}
    assert not values & set(repr(report).replace("'", " ").replace("_", " ").split())


def test_equal_records_give_an_equal_bundle() -> None:
    some = people(5_000).standard[:2_000]
    assert digest(trained_on(some).bundle) == digest(trained_on(some).bundle)


def test_declared_extras_are_learnt_too() -> None:
    known = people(5_000)
    badge = {who: f"b{number:06}" for number, who in enumerate(known.person)}
    rows = [{**row, "x_badge": badge[who]} for row, who in zip(known.standard[:2_000], known.person, strict=False)]
    bundle = trained_on(rows, {"x_badge": ComparisonKind.IDENTIFIER}).bundle
    assert "x_badge" in [comparison.name for comparison in bundle.declaration.comparisons]


def test_too_few_records_are_refused_with_their_number() -> None:
    with pytest.raises(IdentityError) as few:
        trained_on(people(5_000).standard[:100])
    assert (few.value.reason, few.value.facts["records"]) == (Reason.NOT_ENOUGH_DATA, 100)


def test_where_nobody_occurs_twice_relatives_are_not_taken_for_persons() -> None:
    known = people(5_000)
    strangers = dict(zip(known.person, known.standard, strict=True))
    with pytest.raises(IdentityError) as alone:
        trained_on(list(strangers.values()))
    assert alone.value.reason is Reason.NOT_ENOUGH_DATA


def test_progress_is_told_by_stage() -> None:
    stages: list[str] = []

    def note(at: TrainingProgress) -> None:
        stages.append(at.stage)

    given = [TrainingRow(row, {}) for row in people(5_000).standard[:2_000]]
    asyncio.run(DuckDbTrainer(memory_mb=512).train(chunks(given), name="test", standardiser=STANDARDISER_VERSION, progress=note))
    assert list(dict.fromkeys(stages)) == ["loading", "blocking", "comparing", "learning"]
