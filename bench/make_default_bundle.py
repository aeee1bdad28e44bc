"""Makes the bundle that ships with the product: trained, as any other, on invented French people in four silos.

``python -m bench.make_default_bundle [--records N] [--out FILE] [--check]``; the same seed and size give the same bundle. To be run again
whenever the standardiser, the generator or training changes what it says; ``--check`` trains without writing and fails if the packaged
bundle is another (numbers may differ by a rounding: processors do not agree on the last bit of a logarithm).

Three things are an expert's, since the four silos do not have them: birth place, national and loyalty number. Term tables are cut to
the ``TERMS`` commonest values, so that the package stays small.

Priors and thresholds are those of ``--records`` records. In a smaller store strangers agree by chance less often, so it links with more
care than it needs; in a larger one chance and namesakes weigh more, so it links with less. ``entente train`` estimates both anew.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

from bench.datasets import Dataset, Source
from bench.frames import date_formats, records
from identity.adapters.splink_duckdb.trainer import DuckDbTrainer
from identity.domain.model.blocking import Blocking, BlockingRule, part
from identity.domain.model.bundle import Bundle, LevelParameters, TermTable
from identity.domain.model.codec import canonical, digest, parse
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
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    bundle = make(options.records)
    if options.check:
        found = differences(parse(options.out.read_bytes()), bundle)
        print("\n".join(found) or f"{options.out} is what training makes of seed {SEED}")
        sys.exit(1 if found else 0)
    options.out.write_bytes(canonical(bundle))
    print(f"{options.out}: {digest(bundle)}, {len(canonical(bundle))} bytes, {len(bundle.declaration.blocking.rules)} rules")
    print(bundle.thresholds.reason)


def differences(one: Bundle, other: Bundle) -> list[str]:
    """Say in which respects two bundles differ by more than a rounding."""
    exact = ("name", "standardiser", "declaration", "facts", "extras", "format")
    found = [name for name in exact if getattr(one, name) != getattr(other, name)]
    if _terms(one) != _terms(other):
        found.append("term_tables")
    if not found and not all(math.isclose(a, b, rel_tol=1e-4, abs_tol=2e-3) for a, b in zip(_weights(one), _weights(other), strict=True)):
        found.append("parameters or thresholds")
    return [f"{name} differ" for name in found]


def _terms(bundle: Bundle) -> dict[str, tuple[int, dict[str, int]]]:
    return {column: (table.total, dict(table.counts)) for column, table in bundle.term_tables.items()}


def _weights(bundle: Bundle) -> list[float]:
    """Return every learnt number, as log2."""
    levels = [value for name in sorted(bundle.parameters) for level in bundle.parameters[name] for value in (level.m, level.u, level.h)]
    priors = (bundle.match_prior, bundle.household_prior)
    limits = bundle.thresholds
    return [*map(math.log2, (*levels, *priors)), limits.certain, limits.link, limits.hold, limits.review]


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
