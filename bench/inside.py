"""Entente's model and clusters in this process, without storage: for looking into errors, never for published figures.

``python -m bench.inside SET [--records N]`` trains on the set, links it, and prints accuracy and the false and missed pairs by kind
(evidence as levels, no values unless ``--show N`` asks for examples: the sets are invented people or public record).
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import combinations
from pathlib import Path
from typing import TypeVar

from bench.datasets import SETS, Dataset, default_people_data, prepare
from bench.frames import date_formats, mapping_of, records, truth_of
from identity.adapters.splink_duckdb.linker import SplinkLinker
from identity.adapters.splink_duckdb.trainer import DuckDbTrainer
from identity.domain.attributes import ComparisonKind, StandardAttributes
from identity.domain.cluster import Evidence
from identity.domain.cluster_all import cluster_all
from identity.domain.edge import Edge, EdgeGrade
from identity.domain.evaluation import Evaluation, evaluate
from identity.domain.model.blocking import block_keys
from identity.domain.model.bundle import Bundle
from identity.domain.source_record import RecordId
from identity.domain.standardise import STANDARDISER_VERSION, standardise
from identity.domain.training.report import TrainingReport
from identity.ports.linker import LinkerRow
from identity.ports.trainer import TrainingRow

T = TypeVar("T")
_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Linked:
    """Everything there is to know about one run. Records are numbered by ``RecordId``."""

    standard: dict[RecordId, StandardAttributes]
    person: dict[RecordId, str]
    edges: list[Edge]
    identity: dict[RecordId, RecordId]
    bundle: Bundle
    report: TrainingReport
    evaluation: Evaluation
    seconds: dict[str, float]


async def link(dataset: Dataset) -> Linked:
    """Train, predict and cluster with the defaults of the product."""
    formats = {source.name: date_formats(source) for source in dataset.sources}
    kinds = {source.name: _kinds(mapping_of(source)) for source in dataset.sources}
    truth = truth_of(dataset)
    standard: dict[RecordId, StandardAttributes] = {}
    person: dict[RecordId, str] = {}
    training: list[TrainingRow] = []
    seconds: dict[str, float] = {}
    begun = time.perf_counter()
    for number, (source, key, raw) in enumerate(records(dataset)):
        record = RecordId(uuid.UUID(int=number))
        standard[record] = standardise(raw, kinds[source], formats[source])
        person[record] = truth[source, key]
        training.append(TrainingRow(standard[record], kinds[source]))
    seconds["standardise"] = time.perf_counter() - begun
    begun = time.perf_counter()
    trained = await DuckDbTrainer().train(_chunks(training), name=dataset.name, standardiser=STANDARDISER_VERSION)
    seconds["train"] = time.perf_counter() - begun
    begun = time.perf_counter()
    rows = [LinkerRow(record, _tags(trained.bundle, values), values) for record, values in standard.items()]
    prediction = await SplinkLinker().predict(_chunks(rows), bundle=trained.bundle)
    seconds["predict"] = time.perf_counter() - begun
    begun = time.perf_counter()
    clusters = cluster_all(list(standard), Evidence(prediction.edges)).clusters
    identity = {record: record for record in standard} | {record: min(members) for members in clusters for record in members}
    seconds["cluster"] = time.perf_counter() - begun
    result = evaluate(person, identity)
    return Linked(standard, person, prediction.edges, identity, trained.bundle, trained.report, result, seconds)


def _kinds(mapping: dict[str, object]) -> dict[str, ComparisonKind]:
    extras = mapping.get("extra", {})
    return {f"x_{name}": ComparisonKind(spec["compare"]) for name, spec in extras.items()} if isinstance(extras, dict) else {}


def _tags(bundle: Bundle, values: StandardAttributes) -> tuple[int, ...]:
    keys = block_keys(bundle.declaration.blocking, values)
    return tuple(int.from_bytes(blake2b(repr(key).encode(), digest_size=8).digest(), "big", signed=True) for key in keys)


async def _chunks(rows: Sequence[T]) -> AsyncIterator[Sequence[T]]:
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]


def false_pairs(linked: Linked) -> list[tuple[RecordId, RecordId]]:
    """Pairs of one identity that are two people."""
    return _differing(linked.identity, linked.person)


def missed_pairs(linked: Linked) -> list[tuple[RecordId, RecordId]]:
    """Pairs of one person that have two identities."""
    return _differing(linked.person, linked.identity)


def _differing(together: Mapping[RecordId, T], apart: Mapping[RecordId, object]) -> list[tuple[RecordId, RecordId]]:
    groups: dict[T, list[RecordId]] = defaultdict(list)
    for record, group in together.items():
        groups[group].append(record)
    return [(a, b) for members in groups.values() for a, b in combinations(members, 2) if apart[a] != apart[b]]


def kind(left: StandardAttributes, right: StandardAttributes) -> str:
    """How two records compare, in a word per attribute: = same, ~ differs, ? missing on a side."""
    columns = [column for column in _COLUMNS if left.get(column) or right.get(column)]
    return " ".join(f"{_SHORT.get(column, column)}{_mark(left.get(column), right.get(column))}" for column in columns)


_COLUMNS = (
    "given_name",
    "surnames",
    "birth_date",
    "sex",
    "email_canonical",
    "phone",
    "address_line",
    "postal_code",
    "national_id",
    "birth_place",
)
_SHORT = {"given_name": "given", "birth_date": "born", "email_canonical": "mail", "address_line": "line", "postal_code": "code"}


def _mark(left: str | None, right: str | None) -> str:
    if not left or not right:
        return "?"
    return "=" if left == right else "~"


def _explain(name: str, linked: Linked, pairs: list[tuple[RecordId, RecordId]], show: int) -> None:
    edge = {(edge.left, edge.right): edge for edge in linked.edges}
    print(f"\n{name}: {len(pairs)}")
    kinds = Counter(kind(linked.standard[a], linked.standard[b]) for a, b in pairs)
    state = Counter(str(found.grade) if (found := edge.get((min(a, b), max(a, b)))) else "no edge" for a, b in pairs)
    print("  by edge:", dict(state.most_common()))
    for told, count in kinds.most_common(25):
        print(f"  {count:6} {told}")
    for a, b in random.Random(1).sample(pairs, min(show, len(pairs))):
        found = edge.get((min(a, b), max(a, b)))
        weights = f"{found.grade} match {found.match_weight:.1f} decision {found.decision_weight:.1f}" if found else "no edge"
        print(f"  -- {weights}\n     {_values(linked.standard[a])}\n     {_values(linked.standard[b])}")


def _values(standard: StandardAttributes) -> str:
    return " | ".join(standard.get(column) or "." for column in (*_COLUMNS, *(name for name in standard if name.startswith("x_"))))


def _sweep(linked: Linked, weights: Iterable[float]) -> None:
    """What other link thresholds would have given: an oracle, for judging the choice."""
    for weight in weights:
        edges = [edge for edge in linked.edges if edge.grade == "veto" or edge.decision_weight >= weight]
        regraded = [
            Edge(e.left, e.right, e.match_weight, e.decision_weight, e.grade if e.grade == "veto" else EdgeGrade.LINK) for e in edges
        ]
        clusters = cluster_all(list(linked.standard), Evidence(regraded)).clusters
        identity = {record: record for record in linked.standard} | {record: min(members) for members in clusters for record in members}
        found = evaluate(linked.person, identity).pairwise
        print(f"  at {weight:5.1f}: P {found.precision:.4f} R {found.recall:.4f} F1 {found.f1:.4f}")


def main() -> None:
    """Link one set and explain its errors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", choices=list(SETS))
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--people-data", type=Path, default=default_people_data())
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        dataset = prepare(options.set, Path(directory), options.people_data, records=options.records)
        linked = asyncio.run(link(dataset))
    found = linked.evaluation
    print(
        f"{dataset.name}: P {found.pairwise.precision:.4f} R {found.pairwise.recall:.4f} F1 {found.pairwise.f1:.4f}; B3 {found.b3.f1:.4f}"
    )
    print({step: round(seconds, 1) for step, seconds in linked.seconds.items()})
    print(f"thresholds {linked.bundle.thresholds}; vetoes {linked.report.vetoes}; expected false {linked.report.expected_false_links:.4f}")
    print("rules", [(rule.name) for rule in linked.report.rules])
    _sweep(linked, (-2, 0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15))
    _explain("false pairs", linked, false_pairs(linked), options.show)
    _explain("missed pairs", linked, missed_pairs(linked), options.show)


if __name__ == "__main__":
    main()
