"""The same life on PostgreSQL as in memory, several writers at once, and a batch link among them."""

from __future__ import annotations

import asyncio
import random

import pytest

from identity.domain.errors import IdentityError
from identity.domain.judgement import Verdict
from identity.domain.source_record import IdentityId
from identity.ports.transactor import Transactor
from tests.builders.identities import World, person

GIVEN = ["jean", "jean", "jeanne", None]
FAMILY = ["martin", "martin", "durand"]
BORN = ["1960-03-04", "1960-03-04", "1990-07-21", None, None]
EMAIL = ["a@a.example", "b@b.example", None]


def someone(seed: random.Random) -> dict[str, str | None]:
    return person(given_name=seed.choice(GIVEN), family_name=seed.choice(FAMILY), birth_date=seed.choice(BORN), email=seed.choice(EMAIL))


async def live(world: World, seed: random.Random, live: set[int]) -> None:
    """Do one thing, as ``seed`` chooses."""
    match seed.choice(["ingest", "ingest", "ingest", "delete", "judge", "split", "link"]):
        case "ingest":
            batch = {seed.randrange(12): someone(seed) for _ in range(seed.randrange(1, 4))}
            await world.ingest(batch)
            live.update(batch)
        case "delete" if live:
            number = seed.choice(sorted(live))
            await world.delete(number)
            live.discard(number)
        case "judge" if len(live) > 1:
            left, right = sorted(seed.sample(sorted(live), 2))
            verdict = seed.choice(list(Verdict))
            try:
                await world.judge(left, right, verdict)
            except IdentityError as refused:
                world.refusals.append(refused.reason)
        case "split":
            groups = sorted(sorted(group) for group in await world.groups() if len(group) > 1)
            if groups:
                group = seed.choice(groups)
                await world.split(await world.identity_of(group[0]), *seed.sample(group, seed.randrange(1, len(group))))
        case "link":
            await world.link()


@pytest.mark.parametrize("seed", range(3))
async def test_a_life_on_postgres_is_the_life_in_memory_id_by_id(transactor: Transactor, seed: int) -> None:
    worlds = World(), World(transactor=transactor)
    seeds = random.Random(seed), random.Random(seed)
    alive: tuple[set[int], set[int]] = (set(), set())
    issued: set[IdentityId] = set()
    for _ in range(40):
        for world, chance, numbers in zip(worlds, seeds, alive, strict=True):
            await live(world, chance, numbers)
        memory, postgres = worlds
        identities = await memory.identities()
        assert await postgres.identities() == identities
        assert await postgres.edges() == await memory.edges()
        assert await postgres.refused_links() == await memory.refused_links()
        assert await postgres.quarantined() == await memory.quarantined()
        assert postgres.refusals == memory.refusals
        issued |= identities.keys()
    for identity in sorted(issued):
        ours, theirs = await postgres.history_of(identity), await memory.history_of(identity)
        assert (ours.identity, ours.answered_by) == (theirs.identity, theirs.answered_by)
        assert sorted(ours.assignments, key=repr) == sorted(theirs.assignments, key=repr)
        assert [e for e in ours.events if e.kind != "created"] == [e for e in theirs.events if e.kind != "created"]


async def test_writers_at_once_and_a_batch_among_them_lose_nothing(transactor: Transactor) -> None:
    seed = random.Random(7)
    population = {number: someone(seed) for number in range(48)}
    world = World(transactor=transactor)
    await world.ingest({number: population[number] for number in range(12)})

    async def write(first: int) -> None:
        for number in range(first, first + 9, 3):
            await world.ingest({n: population[n] for n in range(number, number + 3)})

    await asyncio.gather(*(write(first) for first in range(12, 48, 9)), world.link())
    alone = World()
    await alone.ingest(population)
    assert await world.edges() == await alone.edges()
    assert await world.refused_links() == await alone.refused_links()
    assert sorted(record for members in (await world.identities()).values() for record in members) == [world.record(n) for n in range(48)]
    report = await world.link(dry_run=True)
    assert report.identities_before == report.identities_after
