"""Records made to join others, and values that everybody shares: bounded work, held back, and undone exactly."""

from __future__ import annotations

from dataclasses import replace

from identity.domain.judgement import Verdict
from identity.domain.model.blocking import Blocking, BlockingRule, part
from identity.domain.quarantine import QuarantineReason
from identity.usecases.regroup import GroupingPolicy
from tests.builders.identities import World, people, person

JEAN = {"given_name": "jean", "family_name": "martin", "birth_date": "1960-03-04", "email": "jean@m.example"}
MARIE = {"given_name": "marie", "family_name": "durand", "birth_date": "1990-07-21", "email": "marie@d.example"}


async def two_persons() -> World:
    world = World()
    for number in range(3):
        await world.ingest({number: person(**JEAN), number + 3: person(**MARIE)})
    assert await world.groups() == {frozenset({0, 1, 2}), frozenset({3, 4, 5})}
    return world


async def test_a_bridge_between_two_persons_is_held_back_and_taking_it_away_restores_every_id() -> None:
    world = await two_persons()
    before = await world.identities()
    await world.ingest({9: person(given_name="zoe")})
    await world.judge(0, 9, Verdict.SAME)
    await world.judge(3, 9, Verdict.SAME)
    assert len(await world.groups()) == 1
    assert await world.quarantined() == set(await world.identities())
    await world.delete(9)
    assert await world.identities() == before
    assert await world.quarantined() == set()


async def test_real_time_and_batch_hold_the_same_clusters_back() -> None:
    world = await two_persons()
    await world.judge(0, 3, Verdict.SAME)
    held = await world.quarantined()
    assert len(held) == 1
    report = await world.link()
    assert await world.quarantined() == held
    assert set(report.quarantined) >= {QuarantineReason.TOO_MANY_BIRTH_DATES}
    assert (report.churn.quarantined, report.churn.released) == (0, 0)
    for left, right in ((0, 1), (0, 2), (3, 4), (3, 5)):
        await world.judge(left, right, Verdict.SAME)
    assert await world.quarantined() == set()
    report = await world.link()
    assert (report.quarantined, report.churn.released) == ({}, 0)


async def test_one_value_for_all_makes_no_candidates_beyond_the_cap_and_says_so() -> None:
    world = World(of=people(cap=20))
    bomb = {number: person(given_name=f"name{number}", email="none@none.example") for number in range(200)}
    first = await world.ingest({number: bomb[number] for number in range(20)})
    assert first is not None
    assert (first.candidate_pairs, first.truncated_keys) == (190, 0)
    rest = await world.ingest({number: bomb[number] for number in range(20, 200)})
    assert rest is not None
    assert (rest.candidate_pairs, rest.truncated_keys) == (0, 1)
    assert await world.edges() == []
    report = await world.link()
    assert (report.candidate_pairs, report.truncated_blocks, report.truncated_records) == (0, 1, 200)
    assert len(await world.groups()) == 200


async def test_surroundings_beyond_reach_are_left_to_the_batch_which_finds_nothing_lost() -> None:
    """Each record shares a key with the one before it only; the chain grows beyond what real time looks at, and no rule cuts it."""
    keys = Blocking((BlockingRule("birth", (part("birth_date"),)), BlockingRule("email", (part("email"),))), cap=60)
    chain = people()
    world = World(of=replace(chain, declaration=replace(chain.declaration, blocking=keys)), reach=3, policy=GroupingPolicy(support=0.0))
    deferred = []
    for number in range(8):
        who = person(
            given_name="jean", family_name="martin", birth_date=f"1960-03-0{number // 2 + 1}", email=f"{(number + 1) // 2}@m.example"
        )
        answer = await world.ingest({number: who})
        assert answer is not None
        deferred.append(answer.deferred)
    assert deferred == [False] * 5 + [True] * 3
    await world.link()
    assert await world.groups() == {frozenset(range(8))}


async def test_a_crowd_under_one_value_is_held_back() -> None:
    policy = GroupingPolicy()
    world = World(of=people(cap=100), policy=policy)
    crowd = policy.quarantine.records + 1
    await world.ingest(
        {number: person(given_name="jean", family_name="martin", email="x@y.example") for number in range(crowd)}, alone=True
    )
    report = await world.link()
    assert report.quarantined == {QuarantineReason.TOO_LARGE: 1}
    assert await world.quarantined() == {await world.identity_of(0)}
