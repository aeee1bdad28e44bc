"""Makes the bundle that ships with the product: trained, as any other, on invented French people in four silos.

``python -m bench.make_default_bundle [--records N] [--out FILE]``; the same seed and size give the same bundle. To be run again
whenever the standardiser, the generator or training changes what it says.

Three things are an expert's, since the four silos do not have them: birth place, national and loyalty number. Term tables are cut to
the ``TERMS`` commonest values, so that the package stays small; the prior is that of ``--records`` records, so smaller stores link with
more care than they need until they train.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

from bench.datasets import Dataset, Source
from bench.frames import date_formats, records
from identity.adapters.splink_duckdb.trainer import DuckDbTrainer
from identity.domain.model.blocking import Blocking, BlockingRule, part
from identity.domain.model.bundle import Bundle, LevelParameters, TermTable
from identity.domain.model.codec import canonical, digest
from identity.domain.model.declaration import Comparison, Declaration
from identity.domain.standardise import STANDARDISER_VERSION, standardise
from identity.domain.training.comparisons import declare_comparisons
from identity.domain.training.statistics import ColumnStatistics
from identity.ports.trainer import TrainingRow
from services.demo import write_population

SEED = 1_789
"""Another draw than the one that accuracy is measured on (``bench.datasets.FRENCH_SEED``)."""
RECORDS = 100_000
TERMS = 1_500
SHIPPED = Path("identity/adapters/bundles/default.json")
_CHUNK = 5_000
_IDENTIFIER = (LevelParameters(0.97, 1e-6, 1e-5), LevelParameters(0.02, 1e-5, 1e-5), LevelParameters(0.01, 0.99, 0.99))
EXPERT = {
    "national_id": _IDENTIFIER,
    "loyalty_id": (LevelParameters(0.93, 1e-6, 0.3), LevelParameters(0.02, 1e-5, 1e-3), LevelParameters(0.05, 0.99, 0.69)),
    "birth_place": (
        LevelParameters(0.85, 0.01, 0.35),
        LevelParameters(0.08, 0.002, 0.01),
        LevelParameters(0.01, 0.01, 0.01),
        LevelParameters(0.06, 0.978, 0.63),
    ),
}
"""Parameters by comparison, best level first: same person, unrelated, same household."""


def main() -> None:
    """Train and write the bundle."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    options = parser.parse_args()
    bundle = make(options.records)
    options.out.write_bytes(canonical(bundle))
    print(f"{options.out}: {digest(bundle)}, {len(canonical(bundle))} bytes, {len(bundle.declaration.blocking.rules)} rules")
    print(bundle.thresholds.reason)


def make(size: int) -> Bundle:
    """Return the default bundle, trained on ``size`` records."""
    with tempfile.TemporaryDirectory() as directory:
        manifest = write_population(Path(directory), seed=SEED, records=size)
        sources = tuple(Source(silo.source, silo.data, silo.mapping) for silo in manifest.silos)
        rows = _rows(Dataset("default", sources, manifest.truth, size))
        trained = asyncio.run(DuckDbTrainer().train(_chunks(rows), name="default", standardiser=STANDARDISER_VERSION))
    return _with_expert(_cut(trained.bundle))


def _rows(dataset: Dataset) -> list[TrainingRow]:
    formats = {source.name: date_formats(source) for source in dataset.sources}
    return [TrainingRow(standardise(raw, {}, formats[source]), {}) for source, _, raw in records(dataset)]


async def _chunks(rows: Sequence[TrainingRow]) -> AsyncIterator[Sequence[TrainingRow]]:
    for start in range(0, len(rows), _CHUNK):
        yield rows[start : start + _CHUNK]


def _cut(bundle: Bundle) -> Bundle:
    """Keep the commonest values of each term table; what goes counts among the unseen."""
    return replace(bundle, term_tables={column: _shorter(table) for column, table in bundle.term_tables.items()})


def _shorter(table: TermTable) -> TermTable:
    least = max(table.least_count, sorted(table.counts.values(), reverse=True)[:TERMS][-1])
    kept = {value: count for value, count in table.counts.items() if count > least or len(table.counts) <= TERMS}
    gone = [count for value, count in table.counts.items() if value not in kept]
    rest = table.total - sum(table.counts.values())
    squares = sum(count * count for count in gone) + table.unseen * table.total * rest
    unseen = squares / max(1, sum(gone) + rest) / table.total
    return TermTable(table.total, kept, table.least_count, max(unseen, 1 / table.total))


def _with_expert(bundle: Bundle) -> Bundle:
    """Add what the silos do not have, so that a store that has it need not train to use it."""
    filled = ColumnStatistics(records=10_000, filled=10_000, distinct=2)
    added = tuple(_plain(comparison) for comparison in declare_comparisons(dict.fromkeys(EXPERT, filled)))
    declared = bundle.declaration
    rules = (*declared.blocking.rules, *(BlockingRule(name, (part(name),)) for name in ("national_id", "loyalty_id")))
    lifted = (("national_id", ("exact",)),)
    vetoes = tuple(replace(veto, unless=(*veto.unless, *lifted)) for veto in declared.vetoes)
    return replace(
        bundle,
        declaration=Declaration((*declared.comparisons, *added), Blocking(rules, declared.blocking.cap), vetoes),
        parameters={**bundle.parameters, **{comparison.name: EXPERT[comparison.name] for comparison in added}},
        facts={**bundle.facts, "seed": SEED},
    )


def _plain(comparison: Comparison) -> Comparison:
    """Leave term frequencies out: there is no table for them."""
    return replace(comparison, levels=tuple(replace(level, term_frequency=None) for level in comparison.levels))


if __name__ == "__main__":
    main()
