"""A typed client of the consent services, for other processes: mTLS, a deadline on every call, errors as values one can read.

async with connect("127.0.0.1:7443", identity) as services:
    answer = await services.decisions.decide(question("crm", "42", purpose="offers-email", recipient="crm", attributes=["email"]))
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import UUID

import grpc
from entente.consent.v1 import (
    catalog_service_pb2,
    catalog_service_pb2_grpc,
    consent_pb2,
    consent_service_pb2,
    consent_service_pb2_grpc,
    decision_pb2,
    decision_service_pb2,
    decision_service_pb2_grpc,
    purpose_pb2,
    receipt_pb2,
)
from grpc import aio

from consent.domain.event import EventKind
from services.rpc.client import CallFailedError, ClientIdentity
from services.rpc.errors import refusal_of

T = TypeVar("T")

DEADLINE_SECONDS: Final = 20.0
WATCH_SECONDS: Final = 3600.0

__all__ = ["CallFailedError", "ClientIdentity", "ConsentServices", "connect", "expression", "question"]


class CatalogClient:
    """Calls ``CatalogService``."""

    def __init__(self, channel: aio.Channel, seconds: float) -> None:
        self._stub = catalog_service_pb2_grpc.CatalogServiceStub(channel)
        self._seconds = seconds

    async def publish_purpose(self, purpose: purpose_pb2.Purpose, *, request_id: UUID) -> str:
        """Publish a version of a purpose; returns the revision from which on it counts."""
        request = catalog_service_pb2.PublishPurposeRequest(purpose=purpose, request_id=str(request_id))
        return (await _told(self._stub.PublishPurpose(request, timeout=self._seconds))).revision

    async def publish_notice(self, notice: purpose_pb2.Notice, *, request_id: UUID) -> str:
        """Publish a version of a notice; returns the revision from which on it counts."""
        request = catalog_service_pb2.PublishNoticeRequest(notice=notice, request_id=str(request_id))
        return (await _told(self._stub.PublishNotice(request, timeout=self._seconds))).revision

    async def purposes(self, *, page_size: int = 0, page_token: str = "") -> catalog_service_pb2.ListPurposesResponse:
        """Read a page of the purposes in force."""
        request = catalog_service_pb2.ListPurposesRequest(page_size=page_size, page_token=page_token)
        return await _told(self._stub.ListPurposes(request, timeout=self._seconds))

    async def notice(self, notice_id: str, version: int = 0) -> purpose_pb2.Notice:
        """Read a version of a notice, the newest if none is named."""
        request = catalog_service_pb2.GetNoticeRequest(notice_id=notice_id, version=version)
        return (await _told(self._stub.GetNotice(request, timeout=self._seconds))).notice


class ConsentClient:
    """Calls ``ConsentService``."""

    def __init__(self, channel: aio.Channel, seconds: float) -> None:
        self._stub = consent_service_pb2_grpc.ConsentServiceStub(channel)
        self._seconds = seconds

    async def record(
        self, expressions: Sequence[consent_pb2.ConsentExpression], *, request_id: UUID
    ) -> consent_service_pb2.RecordConsentResponse:
        """Record expressions, all or none."""
        request = consent_service_pb2.RecordConsentRequest(expressions=expressions, request_id=str(request_id))
        return await _told(self._stub.RecordConsent(request, timeout=self._seconds))

    async def events(
        self, source: str, record_key: str, *, page_size: int = 0, page_token: str = ""
    ) -> consent_service_pb2.ListConsentEventsResponse:
        """Read a page of what was expressed on a record."""
        request = consent_service_pb2.ListConsentEventsRequest(record=_name(source, record_key), page_size=page_size, page_token=page_token)
        return await _told(self._stub.ListConsentEvents(request, timeout=self._seconds))

    async def receipt(self, source: str, record_key: str, event_id: UUID) -> receipt_pb2.Receipt:
        """Read the receipt of an event on a record."""
        request = consent_service_pb2.GetReceiptRequest(record=_name(source, record_key), event_id=str(event_id))
        return (await _told(self._stub.GetReceipt(request, timeout=self._seconds))).receipt


class DecisionClient:
    """Calls ``DecisionService``."""

    def __init__(self, channel: aio.Channel, seconds: float) -> None:
        self._stub = decision_service_pb2_grpc.DecisionServiceStub(channel)
        self._seconds = seconds

    async def decide(
        self, asked: decision_pb2.Question, context: decision_pb2.DecisionContext | None = None
    ) -> decision_service_pb2.DecideResponse:
        """Ask one question (``question`` makes it)."""
        request = decision_service_pb2.DecideRequest(question=asked, context=context)
        return await _told(self._stub.Decide(request, timeout=self._seconds))

    async def batch_decide(
        self, asked: Sequence[decision_pb2.Question], context: decision_pb2.DecisionContext | None = None
    ) -> decision_service_pb2.BatchDecideResponse:
        """Ask many questions at once."""
        request = decision_service_pb2.BatchDecideRequest(questions=asked, context=context)
        return await _told(self._stub.BatchDecide(request, timeout=self._seconds))

    async def watch(
        self, *, purpose: str, recipient: str, from_revision: str = "", seconds: float = WATCH_SECONDS
    ) -> AsyncIterator[decision_service_pb2.WatchRevocationsResponse]:
        """Iterate over revocations until the time is over or the server ends it; resume from the last revision read."""
        request = decision_service_pb2.WatchRevocationsRequest(purpose=purpose, recipient=recipient, from_revision=from_revision)
        call = self._stub.WatchRevocations(request, timeout=seconds)
        try:
            async for heard in call:
                yield heard
        except aio.AioRpcError as error:
            raise CallFailedError(refusal_of(error)) from None
        finally:
            call.cancel()


@dataclass(frozen=True, slots=True)
class ConsentServices:
    """The consent services at one address, as one caller."""

    catalog: CatalogClient
    consents: ConsentClient
    decisions: DecisionClient


@asynccontextmanager
async def connect(address: str, identity: ClientIdentity, *, deadline_seconds: float = DEADLINE_SECONDS) -> AsyncIterator[ConsentServices]:
    """Open a channel as one caller, and close it at the end."""
    credentials = grpc.ssl_channel_credentials(identity.authority, identity.key, identity.certificate)
    async with aio.secure_channel(address, credentials) as channel:
        yield ConsentServices(
            CatalogClient(channel, deadline_seconds), ConsentClient(channel, deadline_seconds), DecisionClient(channel, deadline_seconds)
        )


def question(
    source: str,
    record_key: str,
    *,
    purpose: str,
    recipient: str,
    attributes: Sequence[str] = (),
    channel: str = "",
    action: decision_pb2.Action.ValueType = decision_pb2.ACTION_USE,
    minor: bool = False,
) -> decision_pb2.Question:
    """Make a question about the subject of a record."""
    subject = decision_pb2.Subject(source=source, record_key=record_key, minor=minor)
    return decision_pb2.Question(
        subject=subject, purpose=purpose, action=action, attributes=attributes, channel=channel, recipient=recipient
    )


def expression(source: str, record_key: str, event: EventKind, *, purpose: str) -> consent_pb2.ConsentExpression:
    """Make what somebody says now, themselves, signed in to their account."""
    return consent_pb2.ConsentExpression(
        record=_name(source, record_key),
        event=consent_pb2.EventKind.Value(f"EVENT_KIND_{event.name}"),
        purpose=purpose,
        method=consent_pb2.METHOD_PORTAL,
        actor=consent_pb2.ACTOR_SELF,
        assurance=consent_pb2.ASSURANCE_ACCOUNT,
        language="fr",
    )


def _name(source: str, record_key: str) -> consent_pb2.RecordName:
    return consent_pb2.RecordName(source=source, record_key=record_key)


async def _told(call: Awaitable[T]) -> T:
    """Await an answer, and turn a failure into what the server told of it."""
    try:
        return await call
    except aio.AioRpcError as error:
        raise CallFailedError(refusal_of(error)) from None
