"""Batch prediction by Splink, in a worker process that exits (fulfils ``identity.ports.linker.Linker``)."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence

import pyarrow as pa

from identity.adapters.splink_duckdb.predict import GRADES
from identity.adapters.splink_duckdb.process import run_job
from identity.adapters.splink_duckdb.wire import row_batch, row_schema
from identity.domain.edge import Edge
from identity.domain.judgement import pair
from identity.domain.model.bundle import Bundle
from identity.domain.model.codec import canonical
from identity.domain.source_record import RecordId
from identity.ports.linker import LinkerProgress, LinkerRow, Prediction


class SplinkLinker:
    """Predicts edges with Splink. ``memory_mb`` bounds the worker's DuckDB; beyond it the run fails, it never spills."""

    def __init__(self, *, memory_mb: int = 3072, threads: int = 2) -> None:
        self._memory_mb = memory_mb
        self._threads = threads

    async def predict(
        self, rows: AsyncIterable[Sequence[LinkerRow]], *, bundle: Bundle, progress: Callable[[LinkerProgress], None] | None = None
    ) -> Prediction:
        """Predict the edges among ``rows``; see the port."""
        columns = bundle.declaration.columns
        ids: list[RecordId] = []
        edges: list[Edge] = []
        header = {"job": "predict", "memory_mb": self._memory_mb, "threads": self._threads, "bundle": canonical(bundle).decode()}

        def tell(stage: str, done: int, total: int) -> None:
            if progress is not None:
                progress(LinkerProgress(stage, done, total))

        report = await run_job(
            header, row_schema(columns), _batches(rows, columns, ids), result=lambda batch: edges.extend(_edges(batch, ids)), tell=tell
        )
        return Prediction(
            edges=edges,
            records=report["records"],
            pairs=report["pairs"],
            truncated_blocks=report["truncated_blocks"],
            truncated_records=report["largest_block"] if report["truncated_blocks"] else 0,
        )


async def _batches(rows: AsyncIterable[Sequence[LinkerRow]], columns: Sequence[str], ids: list[RecordId]) -> AsyncIterator[pa.RecordBatch]:
    """Turn rows into Arrow batches, noting in ``ids`` which record is at which position."""
    async for some in rows:
        batch = row_batch(some, len(ids), columns)
        ids.extend(row.record_id for row in some)
        yield batch


def _edges(batch: pa.RecordBatch, ids: list[RecordId]) -> list[Edge]:
    found: list[Edge] = []
    for left, right, match_weight, decision_weight, grade in zip(*(column.to_pylist() for column in batch.columns), strict=True):
        one, other = pair(ids[left], ids[right])
        found.append(Edge(one, other, match_weight, decision_weight, GRADES[grade]))
    return found
