"""Train a model on the records that are there: without labels, in a worker that exits."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from identity.domain.personal import Access
from identity.domain.standardise import STANDARDISER
from identity.domain.training.report import TrainingReport
from identity.ports.clock import Clock
from identity.ports.sealer import Sealer
from identity.ports.trainer import Trainer, TrainingProgress, TrainingRow
from identity.ports.transactor import Transactor
from identity.usecases.bundles import BundleKeeper
from identity.usecases.record_reader import RecordReader


@dataclass(frozen=True, slots=True)
class TrainModel:
    """Learn a model; ``promote`` makes it serve at once."""

    promote: bool = True


@dataclass(frozen=True, slots=True)
class ModelTrained:
    """The bundle's digest, whether it serves, and what training tells of it. ``unchanged``: it is the one that served before, since
    training learnt the same once more.
    """

    digest: str
    promoted: bool
    report: TrainingReport
    unchanged: bool = False


class ModelTrainer:
    """Handles ``TrainModel``."""

    def __init__(
        self, *, transactor: Transactor, trainer: Trainer, sealer: Sealer, access: Access, clock: Clock, keeper: BundleKeeper
    ) -> None:
        self._records = RecordReader(transactor)
        self._trainer = trainer
        self._sealer = sealer
        self._access = access
        self._clock = clock
        self._keeper = keeper

    async def __call__(self, command: TrainModel, *, progress: Callable[[TrainingProgress], None] | None = None) -> ModelTrained:
        """Train on one snapshot of all records, store the bundle sealed and signed, and report.

        What serves stays if the same was learnt again.
        The transaction that reads the records ends with the last of them: learning, which takes minutes, happens outside it.

        Raises:
            IdentityError: ``NOT_ENOUGH_DATA``, ``MODEL_NOT_TRAINED`` (naming comparison and level), ``LINKER_FAILED``, ``SEAL_BROKEN``,
                ``STORE_UNAVAILABLE``; the active model stays what it was.
        """
        name = f"trained {self._clock.now():%Y-%m-%dT%H:%M:%SZ}"

        async with aclosing(self._rows()) as rows:
            trained = await self._trainer.train(rows, name=name, standardiser=STANDARDISER.version, progress=progress)
        if same := await self._keeper.serving_like(trained.bundle):
            return ModelTrained(same, True, trained.report, unchanged=True)
        digest = await self._keeper.keep(trained.bundle, promote=command.promote)
        return ModelTrained(digest, command.promote, trained.report)

    async def _rows(self) -> AsyncGenerator[Sequence[TrainingRow], None]:
        async with aclosing(self._records.batches()) as batches:
            async for versions in batches:
                contents = [sealed.reveal(self._access) for sealed in self._sealer.unseal(versions)]
                yield [TrainingRow(content.standard, content.extras) for content in contents]
