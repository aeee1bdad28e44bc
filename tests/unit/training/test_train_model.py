"""Training as a use case: what it reads, what it holds on to, what it keeps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable, Sequence
from dataclasses import replace
from functools import partial

import pytest

from identity.adapters.ed25519_bundles import Ed25519BundleSigner
from identity.domain.errors import IdentityError, Reason
from identity.domain.model.model import Model
from identity.domain.training.assembly import Trained
from identity.domain.training.report import TrainingReport
from identity.ports.record_store import RecordStore
from identity.ports.trainer import TrainingProgress, TrainingRow
from identity.ports.transactor import Transaction
from identity.usecases.bundles import BundleKeeper
from identity.usecases.train_model import ModelTrainer, TrainModel
from tests.builders.identities import World, people, person
from tests.builders.models import bundle

REPORT = TrainingReport(
    3, 3, 3, 1, 1, 0.01, 5, 15.0, 14.0, 8.0, 6.0, "invented", 1, 0.01, 0.02, 0.8, 0.0,
    levels=(), rules=(), vetoes=(), dropped=(), absent=(), histogram=(), seconds={},
)  # fmt: skip


class TellingTrainer:
    """Fulfils ``Trainer``: learns nothing, and while it does so looks whether the store is free."""

    def __init__(self, world: World, *, takes: int | None = None) -> None:
        self._world = world
        self._takes = takes
        self.rows: list[TrainingRow] = []
        self.seen_while_learning = 0
        self.prior = bundle().match_prior
        self._runs = 0

    async def train(
        self,
        rows: AsyncIterable[Sequence[TrainingRow]],
        *,
        name: str,
        standardiser: int,
        progress: Callable[[TrainingProgress], None] | None = None,
    ) -> Trained:
        async for some in rows:
            self.rows += some
            if self._takes is not None and len(self.rows) >= self._takes:
                raise IdentityError(Reason.LINKER_FAILED, why="killed")
        self.seen_while_learning = len(await self._world.identities())
        self._runs += 1
        return Trained(replace(bundle(), name=f"{name} {self._runs}", match_prior=self.prior), REPORT)


async def world_of(count: int) -> World:
    world = World()
    await world.ingest({number: person(given_name=f"g{number}", family_name="martin") for number in range(count)}, alone=True)
    return world


def trainer_of(world: World, trainer: TellingTrainer) -> ModelTrainer:
    signer = Ed25519BundleSigner(bytes(32))
    keeper = BundleKeeper(transactor=world.transactor, signer=signer, sealer=world.sealer, clock=world.clock, default=Model(people()))
    return ModelTrainer(
        transactor=world.transactor, trainer=trainer, sealer=world.sealer, access=world.access, clock=world.clock, keeper=keeper
    )


async def test_no_transaction_is_open_while_the_trainer_learns() -> None:
    """The store in memory lets one transaction in at a time, so a second one shows that the first has ended."""
    world = await world_of(3)
    trainer = TellingTrainer(world)
    trained = await asyncio.wait_for(trainer_of(world, trainer)(TrainModel()), timeout=5)
    assert trainer.seen_while_learning == 3
    assert [row.standard["given_name"] for row in trainer.rows] == ["g0", "g1", "g2"]
    assert (trained.promoted, trained.report) == (True, REPORT)
    assert await world.transactor.run(_active, read_only=True) == trained.digest


async def test_training_that_learns_the_same_again_leaves_what_serves() -> None:
    world = await world_of(3)
    trainer = trainer_of(world, TellingTrainer(world))
    aside = await trainer(TrainModel(promote=False))
    first = await trainer(TrainModel())
    assert (aside.promoted, aside.unchanged, first.promoted, first.unchanged) == (False, False, True, False)
    for _ in range(2):
        again = await trainer(TrainModel())
        assert (again.digest, again.promoted, again.unchanged) == (first.digest, True, True)
    promotions, kept = await world.transactor.run(_bundles, read_only=True)
    assert (promotions, kept) == (1, 2 if aside.digest != first.digest else 1)


async def test_training_that_learns_something_new_is_kept_and_serves() -> None:
    world = await world_of(3)
    learner = TellingTrainer(world)
    first = await trainer_of(world, learner)(TrainModel())
    learner.prior = 0.5
    other = await trainer_of(world, learner)(TrainModel())
    assert not other.unchanged
    assert other.digest != first.digest
    assert await world.transactor.run(_active, read_only=True) == other.digest


async def test_a_trainer_that_dies_while_reading_lets_go_of_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    world = await world_of(20)
    records = await world.transactor.run(_records, read_only=True)
    monkeypatch.setattr(records, "scan", partial(records.scan, batch=1))
    with pytest.raises(IdentityError) as failed:
        await asyncio.wait_for(trainer_of(world, TellingTrainer(world, takes=2))(TrainModel()), timeout=5)
    assert failed.value.facts == {"why": "killed"}
    assert len(await asyncio.wait_for(world.identities(), timeout=5)) == 20
    assert await world.transactor.run(_active, read_only=True) is None


async def _active(tx: Transaction) -> str | None:
    return await tx.bundles.active()


async def _bundles(tx: Transaction) -> tuple[int, int]:
    return len(await tx.bundles.promotions()), len(await tx.bundles.stored())


async def _records(tx: Transaction) -> RecordStore:
    return tx.records
