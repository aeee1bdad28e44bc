"""Training in a worker process that exits (fulfils ``identity.ports.trainer.Trainer``)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from typing import Any

import pyarrow as pa

from identity.adapters.splink_duckdb.process import run_job
from identity.adapters.splink_duckdb.train import SEPARATOR, training_schema
from identity.domain.errors import IdentityError, Reason
from identity.domain.model.codec import parse
from identity.domain.standardise import COLUMNS
from identity.domain.training.assembly import Trained
from identity.domain.training.report import LevelReport, TrainingReport
from identity.domain.training.selection import RuleReport
from identity.ports.trainer import TrainingProgress, TrainingRow


class DuckDbTrainer:
    """Learns models. ``memory_mb`` bounds the worker's DuckDB; beyond it the run fails, it never spills."""

    def __init__(self, *, memory_mb: int = 3072, threads: int = 2) -> None:
        self._memory_mb = memory_mb
        self._threads = threads

    async def train(
        self,
        rows: AsyncIterable[Sequence[TrainingRow]],
        *,
        name: str,
        standardiser: int,
        progress: Callable[[TrainingProgress], None] | None = None,
    ) -> Trained:
        """Learn a model from ``rows``; see the port."""
        header = {"job": "train", "memory_mb": self._memory_mb, "threads": self._threads, "name": name, "standardiser": standardiser}
        results: list[dict[str, Any]] = []

        def tell(stage: str, done: int, total: int) -> None:
            if progress is not None:
                progress(TrainingProgress(stage, done, total))

        answer = await run_job(
            header, training_schema(COLUMNS), _batches(rows), result=lambda batch: results.extend(batch.to_pylist()), tell=tell
        )
        if "refused" in answer:
            raise IdentityError(Reason(answer["refused"]), **answer["facts"])
        if not results:
            raise IdentityError(Reason.LINKER_FAILED, why="no result")
        return Trained(parse(results[0]["bundle"]), _report(json.loads(results[0]["report"])))


async def _batches(rows: AsyncIterable[Sequence[TrainingRow]]) -> AsyncIterator[pa.RecordBatch]:
    schema = training_schema(COLUMNS)
    first = 0
    async for some in rows:
        content: dict[str, list[Any]] = {"idx": list(range(first, first + len(some)))}
        for column in COLUMNS:
            content[column] = [row.standard.get(column) for row in some]
        content["extras"] = [
            [(f"{name}{SEPARATOR}{kind.value}", value) for name, kind in row.extras.items() if (value := row.standard.get(name))]
            for row in some
        ]
        first += len(some)
        yield pa.RecordBatch.from_pydict(content, schema=schema)


def _report(told: dict[str, Any]) -> TrainingReport:
    """Return the report that the worker wrote."""
    return TrainingReport(
        **{
            **told,
            "levels": tuple(LevelReport(**level) for level in told["levels"]),
            "rules": tuple(RuleReport(**rule) for rule in told["rules"]),
            "vetoes": tuple(told["vetoes"]),
            "dropped": tuple((comparison, level) for comparison, level in told["dropped"]),
            "absent": tuple(told["absent"]),
            "histogram": tuple((weight, pairs) for weight, pairs in told["histogram"]),
        }
    )
