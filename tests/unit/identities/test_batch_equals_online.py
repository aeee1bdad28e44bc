"""Records fed one at a time, in any order, make the same pairs, the same clusters and the same refusals as one batch."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from identity.domain.edge import Edge, EdgeGrade
from identity.domain.judgement import Verdict
from identity.domain.model.bundle import Thresholds
from identity.domain.refusal import LinkRefusal
from tests.builders.identities import World, people, person

NO_HYSTERESIS = Thresholds(14.0, 7.5, 7.5, -4.0, "a pair is linked or not: what is linked has no say")
PEOPLE = st.builds(
    person,
    given_name=st.sampled_from(["jean", "jean", "jeanne", None]),
    family_name=st.sampled_from(["martin", "martin", "durand", None]),
    birth_date=st.sampled_from(["1960-03-04", "1960-03-05", "1990-07-21", None, None]),
    email=st.sampled_from(["a@a.example", "b@b.example", None]),
)
POPULATIONS = st.lists(PEOPLE, min_size=3, max_size=9)

Answer = tuple[list[Edge], set[frozenset[int]], dict[tuple[int, int], LinkRefusal]]


async def one_batch(population: list[dict[str, str | None]], *, cap: int = 60) -> Answer:
    world = World(of=people(cap, NO_HYSTERESIS))
    await world.ingest(dict(enumerate(population)), alone=True)
    await world.link()
    return await world.edges(), await world.groups(), await world.refused_links()


async def one_at_a_time(order: Iterable[int], population: list[dict[str, str | None]], *, cap: int = 60) -> Answer:
    world = World(of=people(cap, NO_HYSTERESIS))
    for number in order:
        await world.ingest({number: population[number]})
    return await world.edges(), await world.groups(), await world.refused_links()


@given(POPULATIONS, st.data())
@settings(max_examples=200, deadline=None)
def test_records_fed_one_at_a_time_in_any_order_give_what_one_batch_gives(population, data) -> None:
    order = data.draw(st.permutations(range(len(population))))
    assert asyncio.run(one_at_a_time(order, population)) == asyncio.run(one_batch(population))


@given(POPULATIONS, st.data())
@settings(max_examples=100, deadline=None)
def test_a_block_that_grows_over_the_cap_leaves_the_edges_that_batch_leaves(population, data) -> None:
    order = data.draw(st.permutations(range(len(population))))
    assert asyncio.run(one_at_a_time(order, population, cap=3)) == asyncio.run(one_batch(population, cap=3))


@given(POPULATIONS, POPULATIONS, st.data())
@settings(max_examples=100, deadline=None)
def test_records_that_changed_or_went_leave_nothing_behind(population, before, data) -> None:
    async def with_a_past() -> Answer:
        world = World(of=people(60, NO_HYSTERESIS))
        for number in data.draw(st.permutations(range(len(before)))):
            await world.ingest({number: before[number]})
        for number in data.draw(st.permutations(range(len(population)))):
            await world.ingest({number: population[number]})
        if len(before) > len(population):
            await world.delete(*range(len(population), len(before)))
        return await world.edges(), await world.groups(), await world.refused_links()

    assert asyncio.run(with_a_past()) == asyncio.run(one_batch(population))


async def test_a_pair_for_review_that_comes_last_undoes_a_link_it_makes_doubtful() -> None:
    """The father's record and an undated one are linked; then the son comes, whom the undated one resembles nearly as much."""
    thresholds = Thresholds(14.0, 6.5, 6.5, -4.0, "test")
    world = World(of=people(60, thresholds))
    names = {"given_name": "jean", "family_name": "martin"}
    await world.ingest({0: person(**names, birth_date="1960-03-04")})
    await world.ingest({1: person(**names)})
    assert await world.groups() == {frozenset({0, 1})}
    await world.ingest({2: person(**names, birth_date="1990-07-21")})
    assert await world.groups() == {frozenset({0}), frozenset({1}), frozenset({2})}
    assert {edge.grade for edge in await world.edges()} == {EdgeGrade.LINK, EdgeGrade.VETO}
    await world.delete(2)
    assert await world.groups() == {frozenset({0, 1})}


async def test_a_judged_record_that_comes_back_goes_where_it_was_judged_to_belong() -> None:
    world = World()
    await world.ingest({0: person(given_name="jean"), 1: person(given_name="marie")})
    await world.judge(0, 1, Verdict.SAME)
    await world.delete(1)
    assert await world.groups() == {frozenset({0})}
    await world.ingest({1: person(given_name="marie")})
    assert await world.groups() == {frozenset({0, 1})}
