"""The batch link: published whole, repeatable, and blind to nothing that happens meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Sequence
from dataclasses import replace
from functools import partial

import pytest

from identity.domain import churn
from identity.domain.edge import EdgeGrade
from identity.domain.errors import IdentityError, Reason
from identity.domain.judgement import Verdict
from identity.domain.model.blocking import Blocking, BlockingRule, block_keys, part
from identity.domain.model.bundle import Thresholds
from identity.domain.source_record import RecordId
from identity.ports.linker import LinkerRow, Prediction
from identity.ports.record_store import RecordStore
from identity.ports.transactor import Transaction
from identity.usecases.link_batch import LinkBatch, LinkProgress
from identity.usecases.record_reader import AHEAD
from tests.builders.identities import BLOCKING, World, people, person

JEAN = {"given_name": "jean", "family_name": "martin", "birth_date": "1960-03-04"}
MARIE = {"given_name": "marie", "family_name": "durand", "birth_date": "1990-07-21"}


async def loaded(count: int = 4) -> World:
    world = World()
    await world.ingest({number: person(**(JEAN if number % 2 else MARIE)) for number in range(count)}, alone=True)
    return world


async def test_a_batch_links_what_was_loaded_and_reports_it() -> None:
    world = await loaded()
    told: list[LinkProgress] = []
    report = await world.batch(LinkBatch(), progress=told.append)
    assert await world.groups() == {frozenset({0, 2}), frozenset({1, 3})}
    assert (report.records, report.identities_before, report.identities_after) == (4, 4, 2)
    assert (report.churn.merged, report.churn.moved, report.churn.disturbed) == (2, 2, 0)
    assert report.edges == {EdgeGrade.LINK: 2}
    assert report.candidate_pairs == 2
    assert report.bundle == world.models.model.digest
    assert {"loading", "publishing"} <= {progress.stage for progress in told}
    assert set(report.seconds) == {"predict", "tag", "publish", "reassign"}


async def test_running_it_again_changes_nothing() -> None:
    world = await loaded(7)
    await world.link()
    before = await world.identities()
    report = await world.link()
    assert await world.identities() == before
    assert (report.churn.moved, report.churn.created, report.identities_before) == (0, 0, report.identities_after)


async def test_a_dry_run_tells_what_would_change_and_changes_nothing() -> None:
    world = await loaded()
    before = await world.identities()
    report = await world.link(dry_run=True)
    assert (report.dry_run, report.identities_before, report.identities_after) == (True, 4, 2)
    assert await world.identities() == before
    assert await world.edges() == []


async def test_a_run_over_its_churn_budget_publishes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(churn, "FLOOR", 1)
    world = await loaded()
    await world.link()
    stricter = people(thresholds=Thresholds(40.0, 30.0, 30.0, -4.0, "nothing is the same any more"))
    world.models.model = type(world.models.model)(stricter)
    before = await world.identities(), await world.edges()
    dry = await world.link(dry_run=True, churn_budget=0.5)
    assert (dry.within_budget, dry.churn.disturbed, dry.churn.established) == (False, 2, 2)
    with pytest.raises(IdentityError) as refused:
        await world.link(churn_budget=0.5)
    assert refused.value.reason is Reason.CHURN_OVER_BUDGET
    assert (await world.identities(), await world.edges()) == before
    await world.link(churn_budget=None)
    assert len(await world.groups()) == 4


async def test_records_that_come_change_or_go_meanwhile_are_not_lost() -> None:
    world = await loaded(6)

    async def life_goes_on() -> None:
        await world.ingest({9: person(**JEAN)})
        await world.ingest({8: person(**MARIE)}, alone=True)
        await world.ingest({0: person(**JEAN)})
        await world.delete(1)

    world.linker.meanwhile = life_goes_on
    report = await world.link()
    world.linker.meanwhile = None
    assert await world.groups() == {frozenset({2, 4, 8}), frozenset({0, 3, 5, 9})}
    assert report.reassigned == 3
    edges, groups = await world.edges(), await world.groups()
    await world.link()
    assert (await world.edges(), await world.groups()) == (edges, groups)


async def test_a_judgement_made_meanwhile_is_in_force() -> None:
    world = await loaded()

    async def judge() -> None:
        await world.judge(0, 2, Verdict.DIFFERENT)
        await world.judge(0, 1, Verdict.SAME)

    world.linker.meanwhile = judge
    await world.link()
    assert await world.groups() == {frozenset({0, 1, 3}), frozenset({2})}


async def test_a_bundle_promoted_meanwhile_stops_the_run_before_anything_is_published() -> None:
    world = await loaded()

    async def promote() -> None:
        world.models.model = type(world.models.model)(replace(people(), name="another"))

    world.linker.meanwhile = promote
    with pytest.raises(IdentityError) as stopped:
        await world.link()
    assert (stopped.value.reason, stopped.value.facts) == (Reason.LINKER_FAILED, {"why": "bundle-changed"})
    assert len(await world.groups()) == 4


async def test_a_failure_while_publishing_leaves_everything_as_it_was() -> None:
    world = await loaded()
    before = await world.identities()
    run = world.transactor.run

    async def failing(work: object, *, read_only: bool = False) -> object:
        async def then_fail(tx: Transaction) -> object:
            done = await work(tx)  # type: ignore[operator]  # a unit of work
            if not read_only and await tx.edges.count():
                raise ConnectionResetError
            return done

        return await run(then_fail, read_only=read_only)

    world.transactor.run = failing  # type: ignore[method-assign, assignment]  # a store that dies at commit
    with pytest.raises(ConnectionResetError):
        await world.link()
    world.transactor.run = run  # type: ignore[method-assign]  # and lives again
    assert await world.identities() == before
    assert await world.edges() == []


async def test_a_record_that_cannot_be_unsealed_stops_the_run_and_the_reading() -> None:
    world = await loaded()
    world.sealer._kept.clear()  # type: ignore[attr-defined]  # as if the database had lost what it held
    with pytest.raises(IdentityError) as broken:
        await world.link()
    assert broken.value.reason is Reason.SEAL_BROKEN
    assert len(await world.groups()) == 4


class DyingLinker:
    """Takes one batch, lets the reader read ahead as far as it may, and dies."""

    async def predict(self, rows: AsyncIterable[Sequence[LinkerRow]], **_: object) -> Prediction:
        async for _some in rows:
            await asyncio.sleep(0.01)
            raise IdentityError(Reason.LINKER_FAILED, why="killed")
        raise AssertionError("there were rows")


async def test_a_linker_that_dies_with_much_left_to_read_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(linker=DyingLinker())
    await world.ingest({number: person(**JEAN) for number in range(AHEAD + 3)}, alone=True)
    records = await world.transactor.run(_records, read_only=True)
    monkeypatch.setattr(records, "scan", partial(records.scan, batch=1))
    with pytest.raises(IdentityError) as failed:
        await asyncio.wait_for(world.link(), timeout=5)
    assert failed.value.facts == {"why": "killed"}
    await asyncio.wait_for(world.identities(), timeout=5)


async def test_every_record_reaches_the_linker_however_many_batches_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    world = await loaded(2 * AHEAD + 3)
    records = await world.transactor.run(_records, read_only=True)
    monkeypatch.setattr(records, "scan", partial(records.scan, batch=1))
    assert (await asyncio.wait_for(world.link(), timeout=5)).records == 2 * AHEAD + 3
    assert len(await world.groups()) == 2


async def _records(tx: Transaction) -> RecordStore:
    return tx.records


async def test_new_blocking_rules_reach_the_records_that_are_there() -> None:
    """Stored keys follow the rules of the day they were stored; after the link, newcomers find everyone by the new ones."""
    world = World(of=people())
    await world.ingest({0: person(given_name="jean", family_name="martin", email="j@m.example")})
    by_family = Blocking((BlockingRule("family", (part("family_name"),)),), cap=60)
    changed = people()
    world.models.model = type(world.models.model)(replace(changed, declaration=replace(changed.declaration, blocking=by_family)))
    assert (await world.link(dry_run=True)).retagged == 0
    assert (await world.link()).retagged == 1
    assert (await world.link()).retagged == 0
    tags = world.sealer.block_tags(block_keys(by_family, person(family_name="martin")))
    found = await world.transactor.run(lambda tx: tx.records.candidates(tags, cap=10), read_only=True)
    assert list(found.by_key.values()) == [(world.record(0),)]
    old = world.sealer.block_tags(block_keys(BLOCKING, person(email="j@m.example")))
    assert (await world.transactor.run(lambda tx: tx.records.candidates(old, cap=10), read_only=True)).by_key == {}
    await world.ingest({1: person(given_name="jean", family_name="martin", email="j@m.example")})
    assert await world.groups() == {frozenset({0, 1})}


async def test_whoever_objects_is_shown_to_nobody() -> None:
    world = await loaded()
    world.gate.objectors.add(RecordId(world.record(0)))
    report = await world.link()
    assert report.withheld == 1
    assert await world.groups() == {frozenset({0}), frozenset({2}), frozenset({1, 3})}


async def test_only_records_whose_blocking_keys_were_renewed_are_counted() -> None:
    world = await loaded(4)
    by_family = Blocking((BlockingRule("family", (part("family_name"),)),), cap=60)
    changed = people()
    world.models.model = type(world.models.model)(replace(changed, declaration=replace(changed.declaration, blocking=by_family)))

    async def life_goes_on() -> None:
        await world.ingest({0: person(**MARIE)})
        await world.delete(1)

    world.linker.meanwhile = life_goes_on
    assert (await world.link()).retagged == 2
