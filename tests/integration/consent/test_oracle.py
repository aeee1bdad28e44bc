"""The compiled tables decide as Cedar does, on random catalogues, registries, states and requests."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from consent.adapters.starter_catalogue import starter_catalogue
from consent.domain.anchor import Anchor
from consent.domain.decision import Effect, Outcome, Request
from consent.domain.event import ConsentEvent, EventKind
from consent.domain.fold import State, Status
from consent.domain.purpose import CHANNELS, LegalBasis, Published, Purpose, Wording
from consent.domain.tables import Scope, Tables
from tests.integration.consent.cedar import Oracle

REQUESTS = int(os.environ.get("ENTENTE_ORACLE_REQUESTS", "100000"))
PER_CATALOGUE = 2_500
CALLERS = ("crm", "callcentre", "shop", "partner")
RECIPIENTS = ("crm", "marketing", "partner")
ATTRIBUTES = tuple(f"attribute_{n}" for n in range(30))
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
WORDS = Wording({"fr": "Offres", "en": "Offers"})
YES = ConsentEvent(UUID(int=1), Anchor("crm", b"\x01" * 16), EventKind.GIVEN, "p", 1, NOON, NOON, 1)


def some(chance: random.Random, names: Sequence[str]) -> frozenset[str]:
    return frozenset(name for name in names if chance.random() < 0.6)


def random_purposes(chance: random.Random) -> list[Purpose]:
    """Purposes of any ground, also such as no reviewer would let through."""
    return [
        Purpose(
            f"purpose-{number}", 1, chance.choice(list(LegalBasis)), WORDS, WORDS, some(chance, ATTRIBUTES), some(chance, RECIPIENTS),
            some(chance, sorted(CHANNELS)), "P1Y", "law", prospecting=chance.random() < 0.4, soft_opt_in=chance.random() < 0.1,
        )
        for number in range(chance.randrange(1, 9))
    ]  # fmt: skip


def random_scopes(chance: random.Random, purposes: Sequence[Purpose]) -> dict[str, Scope]:
    ids = [purpose.purpose_id for purpose in purposes] + ["unpublished"]
    return {caller: Scope(some(chance, ids), some(chance, RECIPIENTS)) for caller in CALLERS if chance.random() < 0.9}


def ask(chance: random.Random, purposes: Sequence[Purpose]) -> tuple[Request, State]:
    """A request that mostly names what there is."""
    purpose = chance.choice(purposes)
    strange = chance.random
    attributes = chance.sample(sorted(purpose.attributes) or list(ATTRIBUTES), 1) + chance.choices([*ATTRIBUTES, "email", "nonsense"], k=1)
    request = Request(
        caller=chance.choice(CALLERS) if strange() > 0.03 else "stranger",
        purpose=purpose.purpose_id if strange() > 0.05 else chance.choice(("unpublished", "ghost", "")),
        recipient=chance.choice(sorted(purpose.recipients) or RECIPIENTS) if strange() > 0.1 else "elsewhere",
        attributes=tuple(dict.fromkeys(attributes)),
        channel=None if strange() < 0.4 else chance.choice([*sorted(purpose.channels), "pigeon"]),
    )
    status = Status.GIVEN if strange() < 0.4 else chance.choice(list(Status))
    conflict = status not in {Status.GIVEN, Status.UNKNOWN} and strange() < 0.2
    return request, State(status, YES if status is Status.GIVEN else None, conflict=conflict)


def published(purposes: Sequence[Purpose]) -> Published:
    return Published({purpose.purpose_id: (purpose,) for purpose in purposes})


def disagreements(
    tables: Tables, purposes: Sequence[Purpose], scopes: Mapping[str, Scope], asked: Sequence[tuple[Request, State]], seen: Counter[str]
) -> list[tuple[Request, State]]:
    theirs = Oracle(purposes, scopes).permitted([(request, state.status) for request, state in asked])
    wrong = []
    for (request, state), expected in zip(asked, theirs, strict=True):
        ours = tables.decide(request, state)
        permitted = {name for name, ruling in ours.rulings.items() if ruling.effect is Effect.PERMIT}
        outcome = Outcome.DENY if not expected else Outcome.PARTIAL if len(expected) < len(request.attributes) else Outcome.PERMIT
        seen[outcome] += 1
        seen.update(ruling.reason for ruling in ours.rulings.values())
        if permitted != expected or ours.outcome is not outcome or ours.rulings.keys() != set(request.attributes):
            wrong.append((request, state))
    return wrong


@pytest.mark.timeout(0 if REQUESTS > 200_000 else 300)
def test_the_tables_decide_as_cedar_does():
    chance, asked, seen, number = random.Random(20261123), 0, Counter[str](), 0
    while asked < REQUESTS:
        purposes = list(starter_catalogue().purposes) if number % 8 == 0 else random_purposes(chance)
        scopes = random_scopes(chance, purposes)
        requests = [ask(chance, purposes) for _ in range(PER_CATALOGUE)]
        assert disagreements(Tables(published(purposes), scopes), purposes, scopes, requests, seen) == []
        asked, number = asked + len(requests), number + 1
    assert min(seen[outcome] for outcome in Outcome) > asked * 0.03, f"too few of some outcome to prove anything: {seen}"


@pytest.mark.parametrize(
    "change",
    [
        {"attributes": frozenset(ATTRIBUTES)},
        {"channels": CHANNELS},
        {"recipients": frozenset(RECIPIENTS)},
        {"prospecting": True},
        {"basis": LegalBasis.LEGAL_OBLIGATION},
        {"basis": LegalBasis.CONSENT},
    ],
    ids=lambda change: next(iter(change)),
)
def test_cedar_notices_tables_that_are_wrong_about_one_purpose(change):
    chance = random.Random(5)
    purpose = Purpose(
        "p", 1, LegalBasis.CONTRACT, WORDS, WORDS, frozenset(ATTRIBUTES[:5]), frozenset({"crm"}), frozenset({"email"}), "P1Y", "law"
    )
    scopes = {caller: Scope(frozenset({"p"}), frozenset(RECIPIENTS)) for caller in CALLERS}
    wrong = replace(purpose, **change)
    requests = [ask(chance, [wrong]) for _ in range(500)]
    assert disagreements(Tables(published([wrong]), scopes), [purpose], scopes, requests, Counter())
    assert not disagreements(Tables(published([purpose]), scopes), [purpose], scopes, requests, Counter())
