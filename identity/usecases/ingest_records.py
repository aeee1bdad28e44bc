"""Ingest records: store what is new or changed, each in an identity at once, all in one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from identity.domain.errors import IdentityError, Reason
from identity.domain.ingest import IncomingRecord, Outcome, RecordResult
from identity.domain.mapping import Reading, Refusal
from identity.domain.source_record import IdentityId, RecordId
from identity.ports.clock import Clock
from identity.ports.transactor import Transaction, Transactor
from identity.usecases.answer_once import Request, answer_once
from identity.usecases.store_records import Named, RecordStorer, with_identities

MAX_RECORDS: Final = 5000
"""Most records in one request."""
_METHOD: Final = "IngestRecords"


@dataclass(frozen=True, slots=True)
class IngestRecords:
    """Take these records in. ``reading`` says how their values are read; ``request`` makes repeating it harmless."""

    records: Sequence[IncomingRecord]
    reading: Reading = field(default_factory=Reading)
    request: Request | None = None


@dataclass(frozen=True, slots=True)
class IngestedRecords:
    """What became of each record, in order."""

    results: tuple[RecordResult, ...]


class RecordIngester:
    """Handles ``IngestRecords``."""

    def __init__(self, *, transactor: Transactor, storer: RecordStorer, clock: Clock) -> None:
        self._transactor = transactor
        self._storer = storer
        self._clock = clock

    async def __call__(self, command: IngestRecords) -> IngestedRecords:
        """Store the records and tell what became of each; a bad one never stops the good ones.

        Raises:
            IdentityError: ``TOO_MANY_ITEMS`` above ``MAX_RECORDS``; ``REQUEST_ID_REUSED``; ``STORE_UNAVAILABLE``.
        """
        if len(command.records) > MAX_RECORDS:
            raise IdentityError(Reason.TOO_MANY_ITEMS, limit=MAX_RECORDS, given=len(command.records))
        named = self._storer.name(command.records, command.reading)
        at = self._clock.now()

        async def work(tx: Transaction) -> IngestedRecords:
            return await answer_once(
                tx,
                command.request,
                lambda: self._ingest(tx, named, command.reading, at),
                method=_METHOD,
                at=at,
                write=_write,
                read=_read,
            )

        return await self._transactor.run(work)

    async def _ingest(self, tx: Transaction, named: Sequence[Named | RecordResult], reading: Reading, at: datetime) -> IngestedRecords:
        sound = [record for record in named if isinstance(record, Named)]
        stored = await self._storer.store(tx, sound, reading, at=at, assign=True)
        identities = await tx.identities.current([result.record_id for result in stored if result.record_id])
        told = iter(with_identities(stored, identities))
        return IngestedRecords(tuple(next(told) if isinstance(record, Named) else record for record in named))


def _write(ingested: IngestedRecords) -> bytes:
    rows = [
        (
            result.outcome,
            result.record_id.hex if result.record_id else None,
            result.version,
            result.identity_id.hex if result.identity_id else None,
            result.refusal,
            result.attribute,
        )
        for result in ingested.results
    ]
    return json.dumps(rows, separators=(",", ":")).encode()


def _read(answer: bytes) -> IngestedRecords:
    return IngestedRecords(
        tuple(
            RecordResult(
                Outcome(outcome),
                RecordId(UUID(hex=record)) if record else None,
                version,
                IdentityId(UUID(hex=identity)) if identity else None,
                Refusal(refusal) if refusal else None,
                attribute,
            )
            for outcome, record, version, identity, refusal, attribute in json.loads(answer)
        )
    )
