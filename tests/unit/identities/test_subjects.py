"""Whose records these are: now and earlier, proved and merely linked, and those of nobody."""

from __future__ import annotations

from identity.domain.judgement import Verdict
from identity.domain.source_record import RecordAddress
from identity.usecases.subjects import SubjectFinder, SubjectsOf
from tests.builders.identities import World, person

MARIE = person(given_name="marie", family_name="durand", birth_date="1980-03-14", email="marie@mail.example")
PAUL = person(given_name="paul", family_name="petit", birth_date="1990-07-21", email="paul@mail.example")
CHILD = person(given_name="lou", family_name="petit", birth_date="2015-07-21", email="lou@mail.example")


def address(world: World, number: int) -> RecordAddress:
    return world.sealer.address(world.ref(number))


def finder(world: World) -> SubjectFinder:
    return SubjectFinder(transactor=world.transactor, subjects=world.subjects)


async def test_a_subject_is_an_identity_with_all_its_records_and_a_record_nobody_has_is_nobodys() -> None:
    world = World()
    await world.ingest({1: MARIE, 2: MARIE, 3: PAUL})
    one, two, three, stranger = (address(world, number) for number in (1, 2, 3, 9))
    found = await finder(world)(SubjectsOf(frozenset({one, three, stranger})))
    assert set(found) == {one, three}
    assert found[one].groups == {frozenset({one}), frozenset({two})}, "linked, however probably, is not proved"
    assert found[three].groups == {frozenset({three})}
    assert not found[one].minor


async def test_a_child_is_one_if_any_record_says_so() -> None:
    world = World()
    await world.ingest({1: CHILD, 2: PAUL})
    await world.judge(1, 2, Verdict.SAME)
    found = await finder(world)(SubjectsOf(frozenset({address(world, 2)})))
    assert found[address(world, 2)].minor


async def test_a_deleted_record_is_nobodys() -> None:
    world = World()
    await world.ingest({1: MARIE})
    await world.delete(1)
    assert await finder(world)(SubjectsOf(frozenset({address(world, 1)}))) == {}


async def test_as_of_a_time_those_are_together_who_were_then() -> None:
    world = World()
    before_all = world.clock.now()
    await world.ingest({1: MARIE, 2: MARIE})
    together = world.clock.now()
    await world.judge(1, 2, Verdict.DIFFERENT)
    asked = frozenset({address(world, 1), address(world, 2)})
    now = await finder(world)(SubjectsOf(asked))
    then = await finder(world)(SubjectsOf(asked, together))
    assert await finder(world)(SubjectsOf(asked, before_all)) == {}
    assert now[address(world, 1)].identity != now[address(world, 2)].identity
    assert then[address(world, 1)] == then[address(world, 2)]
    assert {one for group in then[address(world, 1)].groups for one in group} == asked


async def test_an_identity_that_is_gone_is_the_subject_of_the_records_it_had() -> None:
    world = World()
    await world.ingest({1: MARIE})
    gone = (await finder(world)(SubjectsOf(frozenset({address(world, 1)}))))[address(world, 1)].identity
    await world.delete(1)
    found = await world.transactor.run(lambda tx: world.subjects.of_identities(tx, [gone]), read_only=True)
    assert found[gone].groups == {frozenset({address(world, 1)})}
