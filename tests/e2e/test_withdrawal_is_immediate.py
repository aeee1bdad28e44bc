"""Served by several processes, one of them frozen now and then: what was acknowledged to one connection counts on every other."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from entente.consent.v1 import decision_pb2

from consent.domain.event import EventKind
from services.consent.client import ClientIdentity, ConsentServices, connect, expression, question
from services.database.embedded import embedded_database
from tests.e2e.crowd import person
from tests.e2e.processes import Home, Server, fresh_home
from tests.fixtures_database import held_open

PEOPLE = 12
WORKERS = 3
CONNECTIONS = 6
SECONDS = 8.0


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    """People whom the CRM and the web shop know, each one identity; the database stays up."""
    with fresh_home() as made, held_open(embedded_database(made.path)):
        for source in ("crm", "webshop"):
            made.ingest(source, [(str(number), *person(940_000 + number)) for number in range(PEOPLE)])
        made.report("link")
        yield made


@asynccontextmanager
async def connections(server: Server, caller: str, count: int) -> AsyncIterator[list[ConsentServices]]:
    """Connections of their own, which the kernel spreads over the processes."""
    folder = server.home.path / "pki"
    async with AsyncExitStack() as stack:
        made = []
        for _ in range(count):
            identity = ClientIdentity.read(folder / f"callers/{caller}.key", folder / f"callers/{caller}.pem", folder / "ca.pem")
            made.append(await stack.enter_async_context(connect(server.address, identity)))
        yield made


@dataclass
class Word:
    """One thing said of a person: when it was sent, and when it was acknowledged."""

    yes: bool
    sent: float
    acknowledged: float = float("inf")


@dataclass
class Seen:
    """What each person said, and each answer: whom it is about, when it was asked and answered, and whether it was yes."""

    words: dict[int, list[Word]] = field(default_factory=dict)
    answers: list[tuple[int, float, float, bool]] = field(default_factory=list)

    def judged(self) -> tuple[int, int, list[tuple[int, float]], int]:
        """Return how many answers had to be no and yes, those permitted against an acknowledged no, and how many yeses were denied."""
        no = yes = denied = 0
        permitted = []
        for who, asked, answered, was_yes in self.answers:
            known = [word for word in self.words.get(who, []) if word.sent < answered]
            last = max((word for word in known if word.acknowledged < asked), key=lambda word: word.sent, default=None)
            if last is None or known[-1] is not last:
                continue  # something was being said at that very time: either answer is right
            no, yes = no + (not last.yes), yes + last.yes
            if was_yes and not last.yes:
                permitted.append((who, asked))
            denied += last.yes and not was_yes
        return no, yes, permitted, denied


async def speak(seen: Seen, who: int, crm: Sequence[ConsentServices], shop: Sequence[ConsentServices], until: float) -> None:
    """Give in the CRM, withdraw in the CRM or in the shop, again and again."""
    chance = random.Random(who)
    said = seen.words[who] = []
    while time.monotonic() < until:
        for yes in (True, False):
            elsewhere = not yes and chance.random() < 0.5
            services, source = (chance.choice(shop), "webshop") if elsewhere else (chance.choice(crm), "crm")
            word = Word(yes, time.monotonic())
            said.append(word)
            kind = EventKind.GIVEN if yes else EventKind.WITHDRAWN
            await services.consents.record([expression(source, str(who), kind, purpose="offers-email")], request_id=uuid4())
            word.acknowledged = time.monotonic()
            await asyncio.sleep(chance.uniform(0, 0.15))


async def ask(seen: Seen, readers: Sequence[ConsentServices], seed: int, until: float) -> None:
    chance = random.Random(seed)
    about = {"purpose": "offers-email", "recipient": "marketing", "attributes": ["email"], "channel": "email"}
    while time.monotonic() < until:
        people = chance.sample(range(PEOPLE), 4)
        start = time.monotonic()
        found = await chance.choice(readers).decisions.batch_decide([question("crm", str(who), **about) for who in people])
        end = time.monotonic()
        for who, decision in zip(people, found.decisions, strict=True):
            seen.answers.append((who, start, end, decision.outcome == decision_pb2.OUTCOME_PERMIT))


async def freeze_some(workers: Sequence[int]) -> None:
    chance = random.Random(3)
    while True:
        worker = chance.choice(workers)
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGSTOP)
            try:
                await asyncio.sleep(chance.uniform(0.1, 0.4))
            finally:
                os.kill(worker, signal.SIGCONT)
        await asyncio.sleep(0.4)


async def test_no_process_permits_after_any_process_acknowledged_a_withdrawal(home):
    seen = Seen()
    with home.served(ENTENTE_WORKERS=str(WORKERS)) as server:
        async with (
            connections(server, "crm", CONNECTIONS) as crm,
            connections(server, "webshop", CONNECTIONS) as shop,
            connections(server, "marketing", CONNECTIONS) as readers,
        ):
            until = time.monotonic() + SECONDS
            freezing = asyncio.create_task(freeze_some(server.running.children()))
            try:
                await asyncio.gather(
                    *(speak(seen, who, crm, shop, until) for who in range(PEOPLE)),
                    *(ask(seen, readers, seed, until) for seed in range(2 * CONNECTIONS)),
                )
            finally:
                freezing.cancel()
                await asyncio.gather(freezing, return_exceptions=True)
    no, yes, permitted, denied = seen.judged()
    assert permitted == []
    assert denied == 0
    assert no > 50, "hardly anything was asked after a withdrawal"
    assert yes > 50, "hardly anything was permitted at all"


async def test_a_no_that_was_said_elsewhere_counts_on_every_process_once_the_records_are_linked(home):
    who, key = person(941_000), "late"
    home.ingest("crm", [(key, *who)])
    about = question("crm", key, purpose="offers-email", recipient="marketing", attributes=["email"], channel="email")
    with home.served(ENTENTE_WORKERS=str(WORKERS)) as server:
        async with (
            connections(server, "crm", 1) as (crm,),
            connections(server, "webshop", 1) as (shop,),
            connections(server, "marketing", CONNECTIONS) as readers,
        ):
            await crm.consents.record([expression("crm", key, EventKind.GIVEN, purpose="offers-email")], request_id=uuid4())
            await shop.consents.record([expression("webshop", key, EventKind.WITHDRAWN, purpose="offers-email")], request_id=uuid4())
            before = [(await reader.decisions.decide(about)).decision.outcome for reader in readers]
            await asyncio.to_thread(home.ingest, "webshop", [(key, *who)])
            await asyncio.to_thread(home.report, "link")
            after = [(await reader.decisions.decide(about)).decision for reader in readers]
    assert set(before) == {decision_pb2.OUTCOME_PERMIT}, "two records of whom nobody knows that they are one person's"
    assert {decision.outcome for decision in after} == {decision_pb2.OUTCOME_DENY}
    assert {decision.use.reason_code for decision in after} == {decision_pb2.REASON_CODE_WITHDRAWN}
