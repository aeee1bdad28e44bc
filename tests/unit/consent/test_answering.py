"""Answers to callers: how long they may be kept, under which catalogue they were made, and what can be done upon them."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from consent.domain.decision import Request
from consent.domain.event import EventKind
from consent.domain.policy_version import policy_version
from consent.domain.purpose import Notice, Published
from consent.domain.tables import Scope
from consent.usecases.answer_questions import HELD, KEPT, AnswerQuestions
from consent.usecases.decide import Ask
from consent.usecases.record_consent import Expression, RecordConsent
from consent.usecases.watch_revocations import Pace
from tests.builders.consenting_services import ConsentInMemory, TestClock
from tests.unit.consent.consenting import TEXT, A, B, day, purpose

ASK = Ask(Request("crm", "offers", "crm", ("email",)), A)


async def given_until(end: timedelta) -> ConsentInMemory:
    """A deployment where somebody has just said yes, for a time."""
    memory = ConsentInMemory(TestClock(day(0)), {"crm": Scope(frozenset({"offers"}), frozenset({"crm"}))})
    offers = purpose()

    async def publish(tx) -> None:
        await tx.catalogue.publish([offers], [], at=day(0))

    await memory.transactor.run(publish)
    said = Expression(A, EventKind.GIVEN, "offers", valid_until=day(0) + end)
    await memory.recorder()(RecordConsent("crm", "r-1", [said], b"body"))
    return memory


@pytest.mark.parametrize(
    ("end", "ttl"),
    [(timedelta(days=1), KEPT), (KEPT, KEPT), (timedelta(milliseconds=120), timedelta(milliseconds=120))],
)
async def test_an_answer_is_never_kept_beyond_the_end_of_the_permission(end, ttl):
    memory = await given_until(end)
    (answer,) = (await memory.usecases().answer_questions(AnswerQuestions("crm", [ASK]))).answers
    assert answer.decision.rulings["email"].valid_until == day(0) + end
    assert answer.ttl == ttl


async def test_a_dry_run_gives_the_answer_and_nothing_to_act_upon():
    memory = await given_until(timedelta(days=1))
    answer_questions = memory.usecases().answer_questions
    (real,) = (await answer_questions(AnswerQuestions("crm", [ASK]))).answers
    (dry,) = (await answer_questions(AnswerQuestions("crm", [ASK], dry_run=True))).answers
    assert (dry.decision_id, dry.ttl) == (None, timedelta(0))
    assert real.decision_id is not None
    assert replace(dry, decision_id=real.decision_id, ttl=real.ttl) == real


async def test_a_no_that_somebody_unknown_would_get_too_is_held_back_and_a_yes_is_not():
    memory = await given_until(timedelta(days=1))
    memory.directory.strangers = True
    answer_questions = memory.usecases().answer_questions

    async def fastest(*asks: Ask) -> float:
        took = []
        for _ in range(20):
            start = time.monotonic()
            await answer_questions(AnswerQuestions("crm", asks))
            took.append(time.monotonic() - start)
        return min(took)

    assert await fastest(replace(ASK, anchor=B)) >= HELD
    assert await fastest(ASK, replace(ASK, anchor=B)) >= HELD
    assert await fastest(ASK) < HELD


def test_a_revocation_is_told_before_an_answer_of_before_it_is_too_old():
    assert timedelta(seconds=Pace().poll) < KEPT <= timedelta(seconds=Pace().heartbeat)


def test_the_policy_version_is_a_function_of_what_is_published_and_of_nothing_else():
    one, two = purpose(), purpose(version=2, compatible=True)
    notice = Notice("n", 1, TEXT)
    whole = Published({"offers": (one, two)}, {"n": (notice,)})
    assert policy_version(whole) == policy_version(Published({"offers": (two, one)}, {"n": (replace(notice, digest=b"x"),)}))
    others = [Published({"offers": (one,)}, {"n": (notice,)}), Published({"offers": (one, two)}), Published()]
    assert len({policy_version(published) for published in [whole, *others]}) == 4
