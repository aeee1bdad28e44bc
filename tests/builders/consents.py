"""Consent events to store: made by unit tests' makers, recorded as the use case does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol
from uuid import UUID

from consent.domain.anchor import Anchor
from consent.domain.event import ConsentEvent
from consent.ports.hearing import Hearing
from consent.ports.transactor import Transaction, Transactor


class ConsentStore(Transactor, Hearing, Protocol):
    """What the adapters offer."""


async def record(store: Transactor, *events: ConsentEvent, echoes: Sequence[tuple[Anchor, UUID]] = ()) -> list[ConsentEvent]:
    """Record events together, and return them under the revision they got."""

    async def work(tx: Transaction) -> list[ConsentEvent]:
        revision = await tx.events.next_revision()
        recorded = [replace(event, revision=revision) for event in events]
        await tx.events.append(recorded, echoes)
        return recorded

    return await store.run(work)
