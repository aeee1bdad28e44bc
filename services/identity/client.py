"""A typed client of the identity services, for other processes: mTLS, a deadline on every call, errors as values one can read.

async with connect("127.0.0.1:7443", identity) as services:
    answer = await services.resolution.resolve(purpose="service", recipient="callcentre", attributes={"given_name": "Zoé"})
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

import grpc
from entente.identity.v1 import (
    judgement_pb2,
    record_service_pb2,
    record_service_pb2_grpc,
    resolution_service_pb2,
    resolution_service_pb2_grpc,
    source_record_pb2,
    stewardship_service_pb2,
    stewardship_service_pb2_grpc,
)
from grpc import aio

from identity.domain.attributes import EXTRA_PREFIX
from services.rpc.client import CallFailedError, ClientIdentity
from services.rpc.errors import refusal_of

T = TypeVar("T")

DEADLINE_SECONDS = 20.0


__all__ = ["CallFailedError", "ClientIdentity", "IdentityServices", "connect", "person", "query"]


class RecordClient:
    """Calls ``RecordService``."""

    def __init__(self, channel: aio.Channel, seconds: float) -> None:
        self._stub = record_service_pb2_grpc.RecordServiceStub(channel)
        self._seconds = seconds

    async def ingest(
        self, source: str, records: Mapping[str, Mapping[str, str]], *, request_id: UUID
    ) -> record_service_pb2.IngestRecordsResponse:
        """Take in records of one source system, by their keys."""
        request = record_service_pb2.IngestRecordsRequest(source=source, request_id=str(request_id))
        for key, attributes in records.items():
            request.records.add(key=key).attributes.CopyFrom(person(attributes))
        return await _told(self._stub.IngestRecords(request, timeout=self._seconds))

    async def delete(self, source: str, key: str, *, request_id: UUID) -> record_service_pb2.DeleteRecordResponse:
        """Delete a record."""
        request = record_service_pb2.DeleteRecordRequest(record=_name(source, key), request_id=str(request_id))
        return await _told(self._stub.DeleteRecord(request, timeout=self._seconds))

    async def status(self, source: str, key: str) -> source_record_pb2.SourceRecordStatus:
        """Tell how a record stands."""
        request = record_service_pb2.GetRecordStatusRequest(record=_name(source, key))
        return (await _told(self._stub.GetRecordStatus(request, timeout=self._seconds))).status


class ResolutionClient:
    """Calls ``ResolutionService``."""

    def __init__(self, channel: aio.Channel, seconds: float) -> None:
        self._stub = resolution_service_pb2_grpc.ResolutionServiceStub(channel)
        self._seconds = seconds

    async def resolve(
        self, *, purpose: str, recipient: str, attributes: Mapping[str, str] | None = None, record: tuple[str, str] | None = None
    ) -> resolution_service_pb2.ResolveIdentityResponse:
        """Ask who somebody is, by attributes (canonical names, ``x_<name>`` for extras) or by a record (source, key)."""
        request = resolution_service_pb2.ResolveIdentityRequest(query=query(attributes, record), purpose=purpose, recipient=recipient)
        return await _told(self._stub.ResolveIdentity(request, timeout=self._seconds))

    async def batch_resolve(
        self, queries: Sequence[resolution_service_pb2.IdentityQuery], *, purpose: str, recipient: str, explain: bool = False
    ) -> resolution_service_pb2.BatchResolveIdentitiesResponse:
        """Ask about many at once (``query`` makes each)."""
        request = resolution_service_pb2.BatchResolveIdentitiesRequest(
            queries=queries, purpose=purpose, recipient=recipient, explain=explain
        )
        return await _told(self._stub.BatchResolveIdentities(request, timeout=self._seconds))

    async def explain(
        self, left: tuple[str, str] | UUID, right: tuple[str, str] | UUID, *, purpose: str, recipient: str
    ) -> resolution_service_pb2.ExplainMatchResponse:
        """Ask how the evidence on two records adds up; each side by record id or by (source, key)."""
        request = resolution_service_pb2.ExplainMatchRequest(
            left=_selector(left), right=_selector(right), purpose=purpose, recipient=recipient
        )
        return await _told(self._stub.ExplainMatch(request, timeout=self._seconds))

    async def profile(
        self, source: str, key: str, *, purpose: str, recipient: str, attributes: Sequence[str] = (), channel: str = ""
    ) -> resolution_service_pb2.GetProfileResponse:
        """Ask what may be known of the person behind a record; without ``attributes``, all that the purpose needs."""
        request = resolution_service_pb2.GetProfileRequest(
            record=_name(source, key), purpose=purpose, recipient=recipient, attributes=attributes, channel=channel
        )
        return await _told(self._stub.GetProfile(request, timeout=self._seconds))


class StewardshipClient:
    """Calls ``StewardshipService``."""

    def __init__(self, channel: aio.Channel, seconds: float) -> None:
        self._stub = stewardship_service_pb2_grpc.StewardshipServiceStub(channel)
        self._seconds = seconds

    async def review_pairs(
        self, *, purpose: str, recipient: str, page_size: int = 0, page_token: str = ""
    ) -> stewardship_service_pb2.ListReviewPairsResponse:
        """Read a page of the review queue."""
        request = stewardship_service_pb2.ListReviewPairsRequest(
            purpose=purpose, recipient=recipient, page_size=page_size, page_token=page_token
        )
        return await _told(self._stub.ListReviewPairs(request, timeout=self._seconds))

    async def judge(
        self, left: tuple[str, str] | UUID, right: tuple[str, str] | UUID, verdict: judgement_pb2.Verdict.ValueType, *, request_id: UUID
    ) -> stewardship_service_pb2.JudgePairResponse:
        """Decide a pair; each side by record id or by (source, key)."""
        request = stewardship_service_pb2.JudgePairRequest(
            left=_selector(left), right=_selector(right), verdict=verdict, request_id=str(request_id)
        )
        return await _told(self._stub.JudgePair(request, timeout=self._seconds))

    async def split(
        self, identity_id: UUID, record_ids: Sequence[UUID], *, request_id: UUID
    ) -> stewardship_service_pb2.SplitIdentityResponse:
        """Take records out of an identity."""
        request = stewardship_service_pb2.SplitIdentityRequest(
            identity_id=str(identity_id), record_ids=map(str, record_ids), request_id=str(request_id)
        )
        return await _told(self._stub.SplitIdentity(request, timeout=self._seconds))

    async def history(self, identity_id: UUID, *, purpose: str, recipient: str) -> stewardship_service_pb2.GetIdentityHistoryResponse:
        """Read the history of an identity."""
        request = stewardship_service_pb2.GetIdentityHistoryRequest(identity_id=str(identity_id), purpose=purpose, recipient=recipient)
        return await _told(self._stub.GetIdentityHistory(request, timeout=self._seconds))


@dataclass(frozen=True, slots=True)
class IdentityServices:
    """The identity services at one address, as one caller."""

    records: RecordClient
    resolution: ResolutionClient
    stewardship: StewardshipClient


@asynccontextmanager
async def connect(address: str, identity: ClientIdentity, *, deadline_seconds: float = DEADLINE_SECONDS) -> AsyncIterator[IdentityServices]:
    """Open a channel as one caller, and close it at the end."""
    credentials = grpc.ssl_channel_credentials(identity.authority, identity.key, identity.certificate)
    async with aio.secure_channel(address, credentials) as channel:
        yield IdentityServices(
            RecordClient(channel, deadline_seconds),
            ResolutionClient(channel, deadline_seconds),
            StewardshipClient(channel, deadline_seconds),
        )


def person(attributes: Mapping[str, str]) -> source_record_pb2.PersonAttributes:
    """Make the wire form of attributes by canonical name (``x_<name>`` for extras).

    Raises:
        ValueError: if a name is no canonical attribute.
    """
    message = source_record_pb2.PersonAttributes()
    known = source_record_pb2.PersonAttributes.DESCRIPTOR.fields_by_name
    for name, value in attributes.items():
        if name.startswith(EXTRA_PREFIX):
            message.extra[name.removeprefix(EXTRA_PREFIX)] = value
        elif name in known and name != "extra":
            setattr(message, name, value)
        else:
            raise ValueError(f"{name!r} is no attribute; extras are called x_<name>")
    return message


def query(attributes: Mapping[str, str] | None = None, record: tuple[str, str] | None = None) -> resolution_service_pb2.IdentityQuery:
    """Make a question by attributes or by record (source, key)."""
    if record is not None:
        return resolution_service_pb2.IdentityQuery(record=_name(*record))
    return resolution_service_pb2.IdentityQuery(attributes=person(attributes or {}))


def _name(source: str, key: str) -> source_record_pb2.SourceRecordName:
    return source_record_pb2.SourceRecordName(source=source, key=key)


def _selector(record: tuple[str, str] | UUID) -> judgement_pb2.RecordSelector:
    if isinstance(record, UUID):
        return judgement_pb2.RecordSelector(record_id=str(record))
    return judgement_pb2.RecordSelector(record=_name(*record))


async def _told(call: Awaitable[T]) -> T:
    """Await an answer, and turn a failure into what the server told of it."""
    try:
        return await call
    except aio.AioRpcError as error:
        raise CallFailedError(refusal_of(error)) from None
