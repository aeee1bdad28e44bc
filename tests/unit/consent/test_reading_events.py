"""What was recorded, read back: pages, receipts and revocations, none of it left out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from consent.adapters.memory import MemoryTransactor
from consent.domain.anchor import Anchor
from consent.domain.errors import ConsentError, Reason
from consent.domain.event import ConsentEvent, EventKind
from consent.usecases import watch_revocations
from consent.usecases.get_receipt import GetReceipt, ReceiptGiver
from consent.usecases.list_events import EventLister, ListConsentEvents
from consent.usecases.watch_revocations import Pace, RevocationWatcher, Revoked, WatchRevocations
from tests.builders.consenting_services import BareReceipts
from tests.unit.consent.consenting import A, B, event

FAST = Pace(poll=0.005, heartbeat=0.02, patience=0.1)
OFFERS = WatchRevocations("crm", "offers", "crm", after=0)


async def record(transactor: MemoryTransactor, *events: ConsentEvent) -> int:
    """Record events as one request does, and return their revision."""

    async def work(tx) -> int:
        revision = await tx.events.next_revision()
        await tx.events.append([replace(one, revision=revision) for one in events], ())
        return revision

    return await transactor.run(work)


def denial(number: int, anchor: Anchor = A, **more: object) -> ConsentEvent:
    return event(EventKind.WITHDRAWN, number, anchor, number=number, **more)


async def pages(transactor: MemoryTransactor, anchor: Anchor, size: int) -> AsyncIterator[list[int]]:
    token = ""
    while True:
        page = await EventLister(transactor=transactor)(ListConsentEvents(anchor, size, token))
        yield [one.event_id.int for one in page.events]
        token = page.next_page_token
        if not token:
            return


@pytest.mark.parametrize("size", [1, 2, 3, 4, 100])
async def test_pages_hold_every_event_of_an_anchor_once_and_in_order(size):
    transactor = MemoryTransactor()
    await record(transactor, denial(3), denial(1))
    await record(transactor, denial(2, B))
    await record(transactor, denial(9), denial(5))
    found = [page async for page in pages(transactor, A, size)]
    assert [number for page in found for number in page] == [1, 3, 5, 9]
    assert all(len(page) <= size for page in found)
    assert [page async for page in pages(transactor, Anchor("crm", b"\x09" * 16), size)] == [[]]


async def test_what_joins_while_somebody_reads_is_on_a_later_page():
    transactor = MemoryTransactor()
    await record(transactor, denial(5), denial(6))
    reading = pages(transactor, A, 1)
    assert await anext(reading) == [5]
    await record(transactor, denial(1))
    assert [page async for page in reading] == [[6], [1]]


@pytest.mark.parametrize("token", ["x", "é", "AAAA", "====", "A" * 33])
async def test_a_page_token_of_nobody_is_refused(token):
    with pytest.raises(ConsentError) as caught:
        await EventLister(transactor=MemoryTransactor())(ListConsentEvents(A, 1, token))
    assert caught.value.reason is Reason.INVALID_PAGE_TOKEN


async def test_a_receipt_is_given_for_the_anchors_own_events_only():
    transactor = MemoryTransactor()
    await record(transactor, denial(1, A))
    giver = ReceiptGiver(transactor=transactor, issuer=BareReceipts())
    assert (await giver(GetReceipt(A, denial(1).event_id))).event_id.int == 1
    told = []
    for anchor, number in ((B, 1), (A, 2)):
        with pytest.raises(ConsentError) as caught:
            await giver(GetReceipt(anchor, denial(number).event_id))
        told.append((caught.value.reason, caught.value.facts))
    assert told == [(Reason.EVENT_NOT_FOUND, {})] * 2, "another's event and none at all are told alike"


async def hear(watching: AsyncIterator[Revoked], revision: int) -> list[int]:
    """Read until a revision has been told, and return the events."""
    heard: list[int] = []
    async for told in watching:
        heard += [one.event_id.int for one in told.events]
        if told.revision >= revision:
            return heard
    raise AssertionError("it is never over")


async def test_every_denial_is_told_once_and_in_order_and_nothing_else():
    transactor = MemoryTransactor()
    await record(transactor, denial(1), event(EventKind.GIVEN, 2, number=2), denial(3, B))
    async with asyncio.timeout(5):
        watching = RevocationWatcher(transactor=transactor, pace=FAST)(OFFERS)
        assert await hear(watching, 1) == [1, 3]
        await record(transactor, event(EventKind.OBJECTED, 4, number=4))
        last = await record(transactor, denial(5))
        assert await hear(watching, last) == [4, 5]
        await watching.aclose()


async def test_a_denial_of_everything_concerns_each_purpose_and_one_of_another_does_not():
    transactor = MemoryTransactor()
    last = await record(
        transactor,
        denial(1, purpose=None, purpose_version=None),
        denial(2, purpose="loyalty"),
        denial(3, recipient="crm"),
        denial(4, recipient="marketing"),
        denial(5, channel="sms"),
    )
    async with asyncio.timeout(5):
        assert await hear(RevocationWatcher(transactor=transactor, pace=FAST)(OFFERS), last) == [1, 3, 5]


async def test_who_begins_now_hears_at_once_where_it_stands_and_nothing_of_before():
    transactor = MemoryTransactor()
    last = await record(transactor, denial(1))
    async with asyncio.timeout(5):
        watching = RevocationWatcher(transactor=transactor, pace=FAST)(WatchRevocations("crm", "offers", "crm"))
        assert await anext(watching) == Revoked((), last)
        assert await anext(watching) == Revoked((), last), "a sign of life"
        await record(transactor, denial(2))
        assert [one.event_id.int for one in (await anext(watching)).events] == [2]
        await watching.aclose()


async def test_who_resumes_from_what_it_has_heard_misses_nothing_however_large_a_revision_is(monkeypatch):
    monkeypatch.setattr(watch_revocations, "_ENOUGH", 3)
    transactor = MemoryTransactor()
    number = iter(range(1, 1000))
    for size in (1, 7, 2, 3, 1, 1, 12):
        last = await record(transactor, *(denial(next(number)) for _ in range(size)))
    heard: list[int] = []
    at = 0
    async with asyncio.timeout(5):
        while at < last:
            watching = RevocationWatcher(transactor=transactor, pace=FAST)(WatchRevocations("crm", "offers", "crm", after=at))
            told = await anext(watching)
            heard += [one.event_id.int for one in told.events]
            at = told.revision
            await watching.aclose()
    assert heard == list(range(1, 28))


async def test_a_reader_that_is_too_slow_is_sent_away_and_not_left_in_the_dark():
    transactor = MemoryTransactor()
    await record(transactor, denial(1))
    watching = RevocationWatcher(transactor=transactor, pace=FAST)(OFFERS)
    assert (await anext(watching)).events
    await asyncio.sleep(FAST.patience + 0.05)
    with pytest.raises(ConsentError) as caught:
        await anext(watching)
    assert caught.value.reason is Reason.READER_TOO_SLOW


async def test_a_revision_of_the_future_is_not_waited_for():
    with pytest.raises(ConsentError) as caught:
        await anext(RevocationWatcher(transactor=MemoryTransactor(), pace=FAST)(WatchRevocations("crm", "offers", "crm", after=7)))
    assert caught.value.reason is Reason.REVISION_NOT_REACHED


class Nudge:
    """A hint that a test gives by hand."""

    def __init__(self) -> None:
        self.came = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.came.wait()
        except TimeoutError:
            return
        self.came.clear()


async def test_a_hint_is_taken_up_and_its_absence_delays_no_longer_than_a_look():
    transactor, nudge = MemoryTransactor(), Nudge()
    slow = Pace(poll=0.2, heartbeat=60.0, patience=5.0)
    watching = RevocationWatcher(transactor=transactor, hint=nudge, pace=slow)(OFFERS)
    await anext(watching)
    loop = asyncio.get_running_loop()
    for hinted, most in ((True, 0.15), (False, 0.6)):
        waiting = asyncio.ensure_future(anext(watching))
        await asyncio.sleep(0.02)
        await record(transactor, denial(1 if hinted else 2))
        began = loop.time()
        if hinted:
            nudge.came.set()
        assert (await waiting).events
        assert loop.time() - began < most
    await watching.aclose()
