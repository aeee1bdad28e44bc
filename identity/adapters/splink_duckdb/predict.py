"""The prediction job, inside the worker: blocked pairs, Splink's match weight, our decision, edges out."""

from __future__ import annotations

from io import IOBase

import pyarrow as pa
from splink import Linker

from identity.adapters.splink_duckdb.engine import Engine
from identity.adapters.splink_duckdb.pairs import block, chunks, prepare_blocks
from identity.adapters.splink_duckdb.rendering import settings_for
from identity.adapters.splink_duckdb.wire import Header, Report, Tell
from identity.domain.edge import EdgeGrade
from identity.domain.errors import IdentityError, Reason
from identity.domain.model.bundle import Bundle
from identity.domain.model.codec import parse
from identity.domain.model.decision import Decider
from identity.domain.model.declaration import Role
from identity.domain.model.scorer import radices

GRADES = tuple(EdgeGrade)
_FIELDS: list[tuple[str, pa.DataType]] = [
    ("left", pa.int32()),
    ("right", pa.int32()),
    ("match_weight", pa.float64()),
    ("decision_weight", pa.float64()),
    ("grade", pa.int8()),
]
EDGES = pa.schema(_FIELDS)
"""``left`` and ``right`` are positions in the input; ``grade`` counts in ``GRADES``."""

_BATCH = 100_000


def predict(engine: Engine, header: Header, rows: pa.RecordBatchReader, out: IOBase, tell: Tell) -> Report:
    """Load the rows, score every blocked pair, write the edges, return the report."""
    bundle = parse(header["bundle"].encode())
    records = engine.load(rows, bundle.declaration, tell)
    blocks = prepare_blocks(engine, bundle.declaration.blocking.cap)
    linker = engine.linker(settings_for(bundle))
    engine.pin_frequencies(linker, bundle.term_tables)
    decider = Decider(bundle)
    selection = _selection(bundle)
    pairs = done = 0
    tell("scoring", 0, blocks.pairs)
    with pa.ipc.new_stream(out, EDGES) as writer:
        for number, (first, end, most) in enumerate(chunks(engine)):
            pairs += block(engine, first, end, f"pairs_{number}")
            for found in _score(engine, linker, f"pairs_{number}", bundle.thresholds.review, selection):
                writer.write_batch(_decide(decider, found))
            done += most
            tell("scoring", done, blocks.pairs)
    return {"records": records, "pairs": pairs, "truncated_blocks": blocks.truncated, "largest_block": blocks.largest}


def _selection(bundle: Bundle) -> str:
    """Return what is read of Splink's prediction: the comparison vector as one number, and the household fields' corrections."""
    comparisons = bundle.declaration.comparisons
    sizes = radices(comparisons)
    if sizes[-1] * len(comparisons[-1].levels) >= 1 << 62:
        raise IdentityError(Reason.BUNDLE_INVALID, why="too many levels")
    pattern = " + ".join(f"(gamma_{c.name} + 1) * {size}::BIGINT" for c, size in zip(comparisons, sizes, strict=True))
    shared = [f" + mw_tf_adj_{c.name}" for c in comparisons if c.role is Role.HOUSEHOLD and c.corrected]
    return f"idx_l::INTEGER, idx_r::INTEGER, match_weight, ({pattern})::BIGINT, cast(0 as float8){''.join(shared)}"


def _score(engine: Engine, linker: Linker, pairs: str, least: float, selection: str) -> list[pa.RecordBatch]:
    """Let Splink score a table of pairs; drop the table."""
    blocked = engine.splink.register(pairs)
    linker.table_management.register_blocked_pairs_for_predict(blocked)
    predicted = linker.inference.predict(threshold_match_weight=least, warning_mode="never")
    table = engine.connection.sql(f"SELECT {selection} FROM {predicted.physical_name}").to_arrow_table()
    predicted.drop_table_from_database_and_remove_from_cache()
    engine.connection.execute(f"DROP TABLE {pairs}")
    batches: list[pa.RecordBatch] = table.to_batches(max_chunksize=_BATCH)
    return batches


def _decide(decider: Decider, found: pa.RecordBatch) -> pa.RecordBatch:
    """Return the edges among scored pairs. A veto is an edge whatever its decision weight: it can come to matter through a third record."""
    kept: list[tuple[int, int, float, float, int]] = []
    for left, right, weight, pattern, adjustment in zip(*(column.to_pylist() for column in found.columns), strict=True):
        decision = decider.decide(pattern, weight, adjustment)
        if decision.grade is not None:
            kept.append((left, right, weight, decision.decision_weight, GRADES.index(decision.grade)))
    columns = [list(column) for column in zip(*kept, strict=True)] or [[] for _ in EDGES.names]
    return pa.RecordBatch.from_pydict(dict(zip(EDGES.names, columns, strict=True)), schema=EDGES)
