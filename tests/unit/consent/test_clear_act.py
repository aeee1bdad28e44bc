"""Nobody but a person says yes, whatever a program sends."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from uuid import UUID

import pytest

from consent.adapters.memory import MemoryTransactor
from consent.adapters.starter_catalogue import starter_catalogue
from consent.domain.anchor import Anchor, Subject, alone
from consent.domain.errors import ConsentError, Reason
from consent.domain.event import Actor, EventKind
from consent.usecases.publish_catalogue import CataloguePublisher
from consent.usecases.record_consent import ConsentRecorder, Expression, RecordConsent
from tests.unit.consent.consenting import A


@dataclass
class World:
    """A directory in which everybody is alone, a clock that stands, ids in order and a hash for a MAC."""

    numbers: count[int] = field(default_factory=lambda: count(1))

    async def subjects(self, anchors: Collection[Anchor], *, as_of: datetime | None = None) -> Mapping[Anchor, Subject]:
        return {anchor: alone(anchor) for anchor in anchors}

    def now(self) -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC)

    def new(self) -> UUID:
        return UUID(int=next(self.numbers))

    def request_mac(self, body: bytes) -> bytes:
        return hashlib.sha256(body).digest()


@pytest.mark.parametrize("kind", [EventKind.GIVEN, EventKind.RENEWED])
async def test_a_program_grants_and_renews_nothing(kind: EventKind) -> None:
    world, store = World(), MemoryTransactor()
    await CataloguePublisher(transactor=store, clock=world)(starter_catalogue())
    record = ConsentRecorder(transactor=store, directory=world, macs=world, ids=world, clock=world)

    def command(actor: Actor) -> RecordConsent:
        return RecordConsent("crm", actor.value, (Expression(A, kind, "offers-phone", actor=actor),), actor.value.encode())

    with pytest.raises(ConsentError) as caught:
        await record(command(Actor.SYSTEM))
    assert (caught.value.reason, caught.value.facts) == (Reason.INVALID_EVENT, {"item": 0, "field": "actor"})
    assert (await store.heard([A])).events == []
    await record(command(Actor.SELF))
    assert len((await store.heard([A])).events) == 1
