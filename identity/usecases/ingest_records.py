"""Ingest records: store what is new or changed, each in an identity at once, all in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from identity.domain.ingest import IncomingRecord, RecordResult
from identity.domain.mapping import Reading
from identity.domain.model.blocking import Blocking
from identity.domain.source_record import RecordId
from identity.ports.transactor import Transaction

MAX_RECORDS = 5000
"""Most records in one request."""


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks, under which request id, with a body of which MAC (``Sealer.request_mac`` of the request's canonical bytes)."""

    caller: str
    request_id: str
    body_mac: bytes


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


ActiveBlocking: TypeAlias = Callable[[Transaction], Awaitable[Blocking]]
"""Returns the blocking rules of the bundle that is active as the transaction sees it."""


class Assign(Protocol):
    """Assigns stored records to identities within the transaction (``identity.usecases.assign_records``)."""

    async def __call__(self, tx: Transaction, record_ids: Sequence[RecordId]) -> object: ...
