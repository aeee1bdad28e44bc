"""Somebody unknown, erased or who refused look alike to a caller: in every byte but ids, in size, and in time."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime
from operator import itemgetter
from statistics import median
from uuid import UUID, uuid4

import pytest

from consent.adapters.macs import HmacPseudonyms, HmacRequestMac
from consent.adapters.postgres import SESSION, PostgresTransactor
from consent.domain.anchor import Anchor
from consent.domain.decision import Request
from consent.domain.event import EventKind
from consent.domain.purpose import LegalBasis
from consent.ports.hearing import Heard, Hearing
from consent.ports.transactor import Transaction
from consent.usecases import answer_questions
from consent.usecases.answer_questions import AnswerQuestions, QuestionAnswerer
from consent.usecases.decide import Ask, Decide
from consent.usecases.record_consent import ConsentRecorder, Expression, RecordConsent
from services.consent import rendering
from services.database.connection import Database
from services.database.running import Limits, open_runner
from tests.builders.consenting_services import WrittenDirectory
from tests.integration.consent.racing import KEYS, SCOPES
from tests.unit.consent.consenting import day, purpose

REFUSED, ERASED, UNKNOWN = "refused", "erased", "unknown"
KINDS = {REFUSED: EventKind.REFUSED, ERASED: EventKind.ERASED}
PEOPLE = 40
ROUNDS = 250
TEN_MICROSECONDS = 10e-6
A_LITTLE = 0.1
"""How much better than by tossing a coin one may tell two people apart by the time of one answer, with no network between: four times the
standard error of this many.
"""


class Now:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def new(self) -> UUID:
        return uuid4()


def anchor(kind: str, number: int) -> Anchor:
    return Anchor("crm", f"{kind:8}{number:8}".encode())


@pytest.fixture(params=[LegalBasis.CONSENT, LegalBasis.LEGITIMATE_INTEREST])
async def answer(request: pytest.FixtureRequest, clean_database: Database) -> AsyncIterator[QuestionAnswerer]:
    """Answers about many people who refused, were erased, or were never heard of."""
    settings = clean_database.consent
    async with open_runner(settings.dsn, server_settings={**settings.server_settings, **SESSION}, limits=Limits(connections=1)) as runner:
        store, directory = PostgresTransactor(runner, KEYS), WrittenDirectory()
        directory.strangers = True  # identity has no record of who was erased or never known

        async def publish(tx: Transaction) -> None:
            await tx.catalogue.publish([purpose(request.param)], [], at=day(0))

        await store.run(publish)
        record = ConsentRecorder(transactor=store, directory=directory, macs=HmacRequestMac(KEYS.requests), ids=Now(), clock=Now())
        said = [Expression(anchor(name, number), kind, "offers") for name, kind in KINDS.items() for number in range(PEOPLE)]
        await record(RecordConsent("crm", "r-1", said, b""))
        for number in range(PEOPLE):
            directory.link({anchor(REFUSED, number)})
        decide = Decide(hearing=store, directory=directory, scopes=SCOPES, clock=Now())
        yield QuestionAnswerer(decide=decide, pseudonyms=HmacPseudonyms(KEYS.pseudonyms), ids=Now(), clock=Now())


async def told(answer: QuestionAnswerer, who: Anchor):
    """What goes to the caller, as a message."""
    asked = AnswerQuestions("crm", [Ask(Request("crm", "offers", "crm", ("email", "given_name", "phone"), "email"), who)])
    return rendering.decided(await answer(asked), str, {"fr", "en"})


async def test_the_answers_differ_in_their_ids_only_and_not_in_size(answer):
    messages = [await told(answer, anchor(kind, number)) for kind in (REFUSED, ERASED, UNKNOWN) for number in range(PEOPLE)]
    assert len({len(message.SerializeToString()) for message in messages}) == 1
    for message in messages:
        assert message.decision.decision_id
        assert message.decision.pseudonym
        message.decision.ClearField("decision_id")
        message.decision.ClearField("pseudonym")
    assert len({message.SerializeToString(deterministic=True) for message in messages}) == 1


def above(one: list[float], other: list[float]) -> float:
    """The chance that a value of one is above one of the other: a half if they are alike (Mann and Whitney's U, scaled)."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(rank for rank, (_, whose) in enumerate(ranked, 1) if whose == 0)
    return (ranks - len(one) * (len(one) + 1) / 2) / (len(one) * len(other))


def tells(one: list[float], other: list[float]) -> bool:
    """Whether times tell two kinds of people apart: how they rank, and by more than a network ever delivers."""
    return abs(above(one, other) - 0.5) > A_LITTLE and abs(median(one) - median(other)) > TEN_MICROSECONDS


async def times(answer: QuestionAnswerer) -> dict[str, list[float]]:
    chance, took = random.Random(4), {REFUSED: [], ERASED: [], UNKNOWN: []}
    for _ in range(ROUNDS):
        for kind in chance.sample(sorted(took), 3):
            who = anchor(kind, chance.randrange(PEOPLE))
            start = time.perf_counter()
            await told(answer, who)
            took[kind].append(time.perf_counter() - start)
    return took


async def test_the_time_that_an_answer_takes_does_not_tell_them_apart(answer):
    took = await times(answer)
    for one, other in ((REFUSED, UNKNOWN), (ERASED, UNKNOWN), (REFUSED, ERASED)):
        assert not tells(took[one], took[other]), f"time tells {one} from {other}"


async def test_that_measure_notices_one_more_look_at_the_database_if_answers_are_not_held(answer, monkeypatch):
    async def at_once(_: float) -> None:
        return

    class LooksTwice:
        def __init__(self, hearing: Hearing) -> None:
            self._hearing = hearing

        async def heard(self, anchors: Collection[Anchor]) -> Heard:
            if any(one.mac.startswith(REFUSED.encode()) for one in anchors):
                await self._hearing.heard(anchors)
            return await self._hearing.heard(anchors)

    monkeypatch.setattr(answer._decide, "_hearing", LooksTwice(answer._decide._hearing))
    monkeypatch.setattr(answer_questions, "_hold", at_once)
    assert tells(*itemgetter(REFUSED, UNKNOWN)(await times(answer)))
