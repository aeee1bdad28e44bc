"""What every store of consent events promises."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from uuid import UUID

import pytest

from consent.domain.anchor import Anchor
from consent.domain.event import Actor, Assurance, ConsentEvent, Echo, EventKind, Method, NoticeShown
from consent.ports.transactor import Transaction
from tests.builders.consents import ConsentStore, record
from tests.unit.consent.consenting import A, B, C, D, day, event, purpose

FULL = ConsentEvent(
    event_id=UUID(int=7),
    anchor=A,
    kind=EventKind.GIVEN,
    purpose="offers",
    purpose_version=3,
    expressed_at=datetime(2026, 5, 1, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2))),
    recorded_at=day(140),
    revision=1,
    channel="email",
    recipient="marketing",
    method=Method.PAPER,
    actor=Actor.GUARDIAN,
    assurance=Assurance.ACCOUNT,
    notice=NoticeShown("offers-notice", 2, "fr", bytes(range(32))),
    valid_until=day(400),
    evidence="dossier n° 4711 ; carton 12 \x00 \U0001f4e6",
    concerns=UUID(int=3),
)
BARE = event(EventKind.OBJECTED, 1, purpose=None, purpose_version=None)


async def test_an_event_is_read_back_with_everything_it_says(transactor: ConsentStore) -> None:
    await record(transactor, FULL, BARE)

    async def look(tx: Transaction) -> None:
        assert await tx.events.of([A]) == [FULL, BARE]
        assert await tx.events.of([B]) == []
        assert await tx.events.of([]) == []

    await transactor.run(look, read_only=True)


async def test_events_of_an_anchor_come_in_the_order_of_revision_and_id(transactor: ConsentStore) -> None:
    first = await record(transactor, event(EventKind.GIVEN, 1, number=9), event(EventKind.GIVEN, 1, B, number=5))
    second = await record(transactor, event(EventKind.WITHDRAWN, 2, number=2), event(EventKind.GIVEN, 2, number=1))
    of = await transactor.run(lambda tx: tx.events.of([A, B]), read_only=True)
    assert of == [first[1], first[0], second[1], second[0]]
    assert await transactor.run(lambda tx: tx.events.of([A]), read_only=True) == [first[0], second[1], second[0]]


async def test_anchors_of_two_sources_are_two_anchors_even_under_one_mac(transactor: ConsentStore) -> None:
    other = Anchor("webshop", A.mac)
    await record(transactor, event(EventKind.GIVEN, 1, A, number=1), event(EventKind.REFUSED, 1, other, number=2))
    denials = await transactor.run(lambda tx: tx.events.of([other]), read_only=True)
    assert [one.kind for one in denials] == [EventKind.REFUSED]
    assert len((await transactor.heard([A, other])).events) == 2


async def test_a_transaction_has_one_revision_and_the_next_has_the_next(transactor: ConsentStore) -> None:
    assert await transactor.run(lambda tx: tx.events.revision(), read_only=True) == 0

    async def twice(tx: Transaction) -> tuple[int, int, int]:
        return await tx.events.next_revision(), await tx.events.next_revision(), await tx.events.revision()

    assert await transactor.run(twice) == (1, 1, 0)
    assert await transactor.run(twice) == (2, 2, 1)
    assert await transactor.run(lambda tx: tx.events.revision(), read_only=True) == 2


async def test_work_that_fails_leaves_neither_event_nor_echo_nor_revision(transactor: ConsentStore) -> None:
    await record(transactor, event(EventKind.GIVEN, 1, number=1))

    async def fail(tx: Transaction) -> None:
        revision = await tx.events.next_revision()
        await tx.events.append([replace(event(EventKind.WITHDRAWN, 2, number=2), revision=revision)], [(B, UUID(int=2))])
        assert len(await tx.events.of([A])) == 2
        assert len(await tx.events.echoes([B])) == 1
        raise LookupError

    with pytest.raises(LookupError):
        await transactor.run(fail)
    heard = await transactor.heard([A, B])
    assert ([one.event_id for one in heard.events], heard.echoes, heard.revision) == ([UUID(int=1)], [], 1)


async def test_an_event_under_another_revision_is_refused(transactor: ConsentStore) -> None:
    with pytest.raises(ValueError, match="revision"):
        await transactor.run(lambda tx: tx.events.append([replace(BARE, revision=2)], []))


async def test_a_denial_stays_with_the_anchors_it_was_echoed_to(transactor: ConsentStore) -> None:
    (denial,) = await record(transactor, event(EventKind.WITHDRAWN, 1, number=1), echoes=[(B, UUID(int=1)), (C, UUID(int=1))])
    await record(transactor, event(EventKind.GIVEN, 2, B, number=2))

    async def look(tx: Transaction) -> None:
        assert await tx.events.echoes([B]) == [Echo(B, denial)]
        assert {echo.anchor for echo in await tx.events.echoes([A, B, C, D])} == {B, C}
        assert [one.event_id for one in await tx.events.of([B])] == [UUID(int=2)]

    await transactor.run(look, read_only=True)


async def test_a_late_echo_takes_a_revision_and_one_that_is_there_takes_none(transactor: ConsentStore) -> None:
    await record(transactor, event(EventKind.WITHDRAWN, 1, number=1), echoes=[(B, UUID(int=1))])
    for revision, echoes in ((1, [(B, UUID(int=1))]), (2, [(B, UUID(int=1)), (C, UUID(int=1)), (C, UUID(int=1))]), (2, [])):
        await transactor.run(lambda tx, echoes=echoes: tx.events.append((), echoes))
        heard = await transactor.heard([A, B, C])
        assert heard.revision == revision
        assert len(heard.echoes) == revision
    await record(transactor, event(EventKind.GIVEN, 2, C, number=2))
    assert len((await transactor.heard([C])).events) == 1


async def test_an_echo_of_nothing_is_refused(transactor: ConsentStore) -> None:
    with pytest.raises(ValueError, match="echo"):
        await transactor.run(lambda tx: tx.events.append((), [(B, UUID(int=1))]))
    assert (await transactor.heard([B])).revision == 0


async def test_what_came_since_a_revision_is_told_in_order_and_may_be_cut(transactor: ConsentStore) -> None:
    one = await record(transactor, event(EventKind.GIVEN, 1, number=2), event(EventKind.REFUSED, 1, B, number=1), echoes=[(C, UUID(int=1))])
    await transactor.run(lambda tx: tx.events.append((), [(D, UUID(int=1))]))
    (three,) = await record(transactor, event(EventKind.WITHDRAWN, 2, number=3))

    async def look(tx: Transaction) -> None:
        assert await tx.events.since(0, limit=10) == [one[1], one[0], three]
        assert await tx.events.since(0, limit=3) == [one[1], one[0], three]
        assert await tx.events.since(0, limit=2) == [one[1], one[0]]
        assert await tx.events.since(0, limit=1) == [one[1]]
        assert await tx.events.since(0, limit=0) == []
        assert await tx.events.since(1, limit=10) == [three]
        assert await tx.events.since(2, limit=10) == [three]
        assert await tx.events.since(3, limit=10) == []
        assert await tx.events.since(99, limit=10) == []

    await transactor.run(look, read_only=True)


@pytest.mark.parametrize(
    "write",
    [
        lambda tx: tx.events.next_revision(),
        lambda tx: tx.events.append([BARE], []),
        lambda tx: tx.catalogue.publish([purpose()], [], at=day(0)),
    ],
)
async def test_read_only_work_cannot_write(transactor: ConsentStore, write: Callable[[Transaction], Awaitable[object]]) -> None:
    with pytest.raises(RuntimeError, match="read-only"):
        await transactor.run(write, read_only=True)
    assert (await transactor.heard([A])).revision == 0


async def test_revisions_are_committed_in_order_and_every_writer_gets_through(transactor: ConsentStore) -> None:
    """Whoever has seen a revision has seen all before it: no reader is told of a revision whose events come later."""
    writers = 24
    done = asyncio.Event()

    async def write(number: int) -> int:
        async def work(tx: Transaction) -> int:
            revision = await tx.events.next_revision()
            await asyncio.sleep(0.001 * (number % 3))
            await tx.events.append([replace(event(EventKind.GIVEN, number, number=number), revision=revision)], [])
            return revision

        return await transactor.run(work)

    async def watch() -> int:
        looks = 0
        while not done.is_set():
            looks += 1
            heard = await transactor.heard([A])
            assert {one.revision for one in heard.events} == set(range(1, heard.revision + 1))
            await asyncio.sleep(0.001)
        return looks

    watching = asyncio.create_task(watch())
    revisions = await asyncio.gather(*(write(number) for number in range(1, writers + 1)))
    done.set()
    assert await watching > 1
    assert sorted(revisions) == list(range(1, writers + 1))


async def test_all_that_is_heard_at_once_is_what_the_stores_tell(transactor: ConsentStore) -> None:
    await record(transactor, FULL, event(EventKind.WITHDRAWN, 1, B, number=9), echoes=[(A, UUID(int=9))])
    await transactor.run(lambda tx: tx.catalogue.publish([purpose()], [], at=day(0)))
    heard = await transactor.heard([A, B])

    async def look(tx: Transaction) -> None:
        assert heard.revision == await tx.events.revision() == 2
        assert sorted(heard.events, key=lambda one: one.event_id) == sorted(await tx.events.of([A, B]), key=lambda one: one.event_id)
        assert heard.echoes == await tx.events.echoes([A, B])
        assert heard.published == await tx.catalogue.published()

    await transactor.run(look, read_only=True)
    assert (await transactor.heard([])).published is heard.published
