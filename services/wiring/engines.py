"""The batch engine on demand. Splink, DuckDB and Arrow take longer to import than most commands run, and a server never needs them."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Sequence
from typing import final

from identity.domain.model.bundle import Bundle
from identity.domain.training.assembly import Trained
from identity.ports.linker import LinkerProgress, LinkerRow, Prediction
from identity.ports.trainer import TrainingProgress, TrainingRow


@final
class LinkerOnDemand:
    """Fulfils ``Linker`` with Splink, brought in by the first prediction. ``memory_mb`` bounds the worker's DuckDB."""

    def __init__(self, *, memory_mb: int) -> None:
        self._memory_mb = memory_mb

    async def predict(
        self, rows: AsyncIterable[Sequence[LinkerRow]], *, bundle: Bundle, progress: Callable[[LinkerProgress], None] | None = None
    ) -> Prediction:
        from identity.adapters.splink_duckdb.linker import SplinkLinker  # noqa: PLC0415 - this module is about when it is imported

        return await SplinkLinker(memory_mb=self._memory_mb).predict(rows, bundle=bundle, progress=progress)


@final
class TrainerOnDemand:
    """Fulfils ``Trainer`` likewise."""

    def __init__(self, *, memory_mb: int) -> None:
        self._memory_mb = memory_mb

    async def train(
        self,
        rows: AsyncIterable[Sequence[TrainingRow]],
        *,
        name: str,
        standardiser: int,
        progress: Callable[[TrainingProgress], None] | None = None,
    ) -> Trained:
        from identity.adapters.splink_duckdb.trainer import DuckDbTrainer  # noqa: PLC0415 - this module is about when it is imported

        return await DuckDbTrainer(memory_mb=self._memory_mb).train(rows, name=name, standardiser=standardiser, progress=progress)
