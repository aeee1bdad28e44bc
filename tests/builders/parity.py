"""Scores the same pairs by both renderings of a model: Splink's SQL and the Python scorer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import pyarrow as pa

from identity.adapters.splink_duckdb.engine import Engine
from identity.adapters.splink_duckdb.rendering import settings_for
from identity.adapters.splink_duckdb.wire import row_batch, row_schema
from identity.domain.attributes import StandardAttributes
from identity.domain.model.bundle import Bundle
from identity.domain.model.scorer import Scorer
from identity.domain.source_record import RecordId
from identity.ports.linker import LinkerRow

SHARING = ("birth_date", "phone", "surnames")
"""Who shares one of these is compared, and strangers by a fixed stride."""


@dataclass(frozen=True, slots=True)
class Parity:
    """How many pairs were scored, the first few that the renderings score differently, and the levels seen: (comparison, gamma)."""

    pairs: int
    differing: list[tuple[object, object]]
    levels: Counter[tuple[int, int]]


def score_twice(model: Bundle, rows: Sequence[StandardAttributes], *, stride: int = 401) -> Parity:
    """Score whoever shares something, and every ``stride``-th pair of strangers, in both renderings."""
    engine = Engine(memory_mb=600, threads=2)
    columns = model.declaration.columns
    linked = [LinkerRow(RecordId(UUID(int=number)), (), row) for number, row in enumerate(rows)]
    reader = pa.RecordBatchReader.from_batches(row_schema(columns), [row_batch(linked, 0, columns)])
    engine.load(reader, model.declaration, lambda *_: None)
    linker = engine.linker(settings_for(model))
    engine.pin_frequencies(linker, model.term_tables)
    alike = " OR ".join(f"l.{column} = r.{column}" for column in SHARING if column in columns)
    engine.connection.execute(
        "CREATE TABLE pairs AS SELECT l.idx AS join_key_l, r.idx AS join_key_r, '0' AS match_key FROM frame l JOIN frame r "
        f"ON l.idx < r.idx AND ({alike} OR (l.idx * 7919 + r.idx * 104729) % {stride} = 0)"
    )
    linker.table_management.register_blocked_pairs_for_predict(engine.splink.register("pairs"))
    names = ", ".join(f"gamma_{comparison.name}" for comparison in model.declaration.comparisons)
    predicted = linker.inference.predict(warning_mode="never")
    scored = engine.connection.execute(f"SELECT idx_l, idx_r, match_weight, [{names}] FROM {predicted.physical_name}").fetchall()
    scorer = Scorer(model)
    encoded = [scorer.encode(row) for row in rows]
    levels: Counter[tuple[int, int]] = Counter()
    differing: list[tuple[object, object]] = []
    for left, right, weight, gammas in scored:
        score = scorer.score(encoded[left], encoded[right])
        if (score.match_weight, list(score.gammas)) != (weight, gammas) and len(differing) < 5:
            differing.append(((score.match_weight, list(score.gammas)), (weight, gammas)))
        levels.update(enumerate(score.gammas))
    return Parity(len(scored), differing, levels)
