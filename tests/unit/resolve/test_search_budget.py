"""What one request may cost: a crowd of candidates neither holds up other callers nor is unsealed without end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import pytest

from identity.domain.attributes import Attributes
from identity.domain.model.blocking import Blocking, BlockingRule, part
from identity.domain.personal import Access, Personal
from identity.ports.transactor import Transaction
from identity.usecases.batch_resolve import BatchResolveIdentities
from identity.usecases.resolve_identity import ResolveGrade, ResolveIdentity
from identity.usecases.searching import Budget, Found, Search
from tests.builders.models import BIRTH, EMAIL, GIVEN, SURNAME, bundle
from tests.fakes.plain_sealer import PlainSealer
from tests.unit.resolve.test_resolve import MODEL, USE, House

GROUPS = 8
EACH = 5
WIDE = Blocking((BlockingRule("birth", (part("birth_date"),)),), cap=5000)
CROWDED = replace(bundle(GIVEN, SURNAME, BIRTH, EMAIL, blocking=WIDE, thresholds=MODEL.thresholds))


class CountingSealer(PlainSealer):
    """Counts the records that are unsealed."""

    unsealed = 0

    def unseal(self, versions):
        self.unsealed += len(versions)
        return super().unseal(versions)


def person(group: int, number: int) -> Attributes:
    return {
        "given_name": "Zoé",
        "family_name": f"Martin{'abcdefgh'[number % 8]}",
        "birth_date": f"{1950 + group}-03-14",
        "email": f"zoe{number}@courriel.example",
    }


async def crowd(groups: int, each: int) -> House:
    """A house in which everybody of a group shares one blocking key."""
    house = House(CROWDED, CountingSealer(Access("tests")))
    numbers = count(1)
    for group in range(groups):
        for number in range(each):
            await house.hold(f"{group}/{number}", person(group, number), next(numbers))
    return house


async def search(house: House, queries: Sequence[Attributes], budget: Budget) -> list[Found]:
    searching = Search(sealer=house.sealer, access=house.access, budget=budget)

    async def work(tx: Transaction) -> list[Found]:
        return await searching.by_attributes(tx, house.model, queries)

    return await house.transactor.run(work, read_only=True)


def unsealed(house: House) -> int:
    assert isinstance(house.sealer, CountingSealer)
    return house.sealer.unsealed


@pytest.mark.parametrize("budget", [Budget(unsealed=3 * EACH), Budget(scored=3 * EACH)])
async def test_beyond_its_budget_a_request_is_answered_as_truncated_and_nothing_more_is_unsealed(budget: Budget) -> None:
    house = await crowd(GROUPS, EACH)
    found = await search(house, [person(group, 0) for group in range(GROUPS)] * 20, budget)
    assert [one.truncated for one in found] == [False] * 3 + [True] * (20 * GROUPS - 3)
    assert all(bool(one.fits) is not one.truncated for one in found)
    assert unsealed(house) == 3 * EACH


async def test_a_record_is_unsealed_once_however_many_queries_look_at_it() -> None:
    house = await crowd(GROUPS, EACH)
    found = await search(house, [person(group, 0) for group in range(GROUPS)] * 20, Budget(unsealed=GROUPS * EACH))
    assert not any(one.truncated for one in found)
    assert unsealed(house) == GROUPS * EACH
    assert [one.fits for one in found[:GROUPS]] == [one.fits for one in found[-GROUPS:]]


async def test_one_query_is_answered_whatever_the_budget() -> None:
    house = await crowd(1, EACH)
    [found] = await search(house, [person(0, 0)], Budget(unsealed=1, scored=1))
    assert found.fits
    assert not found.truncated


async def test_a_query_beyond_the_budget_says_so_in_its_answer() -> None:
    house = await crowd(2, EACH)
    house.answering._search = Search(sealer=house.sealer, access=house.access, budget=Budget(unsealed=EACH))
    queries = tuple(ResolveIdentity(USE, attributes=Personal(person(group, 0))) for group in range(2))
    first, second = await house.batch(BatchResolveIdentities(queries))
    assert first.grade is not ResolveGrade.NONE
    assert (second.grade, second.truncated, second.notes) == (ResolveGrade.NONE, True, ("truncated",))


async def test_others_get_their_turns_while_a_crowd_is_looked_at() -> None:
    each, queries = 1024, 8
    house = await crowd(1, each)
    turns = 0

    async def bystander() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    waiting = asyncio.create_task(bystander())
    await search(house, [person(0, number) for number in range(queries)], Budget())
    waiting.cancel()
    assert turns >= each / 8 + queries * each / 256
