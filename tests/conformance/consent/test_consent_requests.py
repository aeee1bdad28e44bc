"""What every store of answered requests promises."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from consent.domain.event import EventKind
from consent.ports.request_store import Answered
from consent.ports.transactor import Transaction
from tests.builders.consents import ConsentStore
from tests.unit.consent.consenting import A, day, event

ANSWERED = Answered(b"m" * 32, b"answer")


async def test_an_answer_is_found_by_caller_method_and_request_id(transactor: ConsentStore) -> None:
    await transactor.run(lambda tx: tx.requests.keep("crm", "RecordConsent", "r-1", ANSWERED, at=day(0)))

    async def look(tx: Transaction) -> None:
        assert await tx.requests.find("crm", "RecordConsent", "r-1") == ANSWERED
        assert await tx.requests.find("webshop", "RecordConsent", "r-1") is None
        assert await tx.requests.find("crm", "PublishPurpose", "r-1") is None
        assert await tx.requests.find("crm", "RecordConsent", "r-2") is None

    await transactor.run(look, read_only=True)


async def test_an_answer_of_work_that_failed_is_not_kept(transactor: ConsentStore) -> None:
    async def fail(tx: Transaction) -> None:
        await tx.requests.keep("crm", "RecordConsent", "r-1", ANSWERED, at=day(0))
        raise LookupError

    with pytest.raises(LookupError):
        await transactor.run(fail)
    assert await transactor.run(lambda tx: tx.requests.find("crm", "RecordConsent", "r-1"), read_only=True) is None


async def test_a_request_that_comes_several_times_at_once_is_done_once(transactor: ConsentStore) -> None:
    async def work(tx: Transaction) -> bytes:
        if (before := await tx.requests.find("crm", "RecordConsent", "r-1")) is not None:
            return before.answer
        revision = await tx.events.next_revision()
        await asyncio.sleep(0.005)
        await tx.events.append([replace(event(EventKind.GIVEN, 1, number=revision), revision=revision)], [])
        answer = revision.to_bytes(8, "big")
        await tx.requests.keep("crm", "RecordConsent", "r-1", Answered(b"m" * 32, answer), at=day(0))
        return answer

    answers = await asyncio.gather(*(transactor.run(work) for _ in range(6)))
    assert set(answers) == {(1).to_bytes(8, "big")}
    heard = await transactor.heard([A])
    assert (len(heard.events), heard.revision) == (1, 1)
