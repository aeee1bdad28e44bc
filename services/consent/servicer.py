"""The gRPC classes of the consent context: each method parses, calls a use case, renders."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from entente.consent.v1 import catalog_service_pb2 as catalog_pb
from entente.consent.v1 import catalog_service_pb2_grpc, consent_service_pb2_grpc, decision_service_pb2_grpc
from entente.consent.v1 import consent_service_pb2 as consent_pb
from entente.consent.v1 import decision_service_pb2 as decision_pb
from grpc import aio

from consent.domain.catalogue import Catalogue
from consent.domain.purpose import Notice
from consent.ports.anchor_namer import AnchorNamer
from consent.ports.receipt_issuer import IssuedReceipt
from consent.ports.sealing import Pseudonyms, RevisionSigner
from consent.usecases.answer_questions import AnswerQuestions, Answers
from consent.usecases.get_receipt import GetReceipt
from consent.usecases.list_events import EventPage, ListConsentEvents
from consent.usecases.publish_catalogue import Publication
from consent.usecases.read_catalogue import GetNotice, ListPurposes, PurposePage
from consent.usecases.record_consent import RecordConsent, Recorded
from consent.usecases.watch_revocations import Revoked, WatchRevocations
from services.consent import contract, parsing, publishing, rendering
from services.rpc.caller import current_call
from services.rpc.server import Hosted

Context: TypeAlias = "aio.ServicerContext[Any, Any]"


@dataclass(frozen=True, slots=True)
class ConsentUseCases:
    """What the servicers call; wiring binds each to its stores. The last three turn words of the wire into the core's."""

    publish: Callable[[Catalogue], Awaitable[Publication]]
    list_purposes: Callable[[ListPurposes], Awaitable[PurposePage]]
    get_notice: Callable[[GetNotice], Awaitable[Notice]]
    record_consent: Callable[[RecordConsent], Awaitable[Recorded]]
    list_events: Callable[[ListConsentEvents], Awaitable[EventPage]]
    get_receipt: Callable[[GetReceipt], Awaitable[IssuedReceipt]]
    answer_questions: Callable[[AnswerQuestions], Awaitable[Answers]]
    watch_revocations: Callable[[WatchRevocations], AsyncGenerator[Revoked, None]]
    anchors: AnchorNamer
    revisions: RevisionSigner
    pseudonyms: Pseudonyms


class CatalogServicer(catalog_service_pb2_grpc.CatalogServiceServicer):
    """Keeps the catalogue."""

    def __init__(self, usecases: ConsentUseCases) -> None:
        self._does = usecases

    async def PublishPurpose(self, request: catalog_pb.PublishPurposeRequest, context: Context) -> catalog_pb.PublishPurposeResponse:
        published = await self._does.publish(publishing.publish_purpose(request))
        return rendering.purpose_published(published, self._does.revisions.token)

    async def PublishNotice(self, request: catalog_pb.PublishNoticeRequest, context: Context) -> catalog_pb.PublishNoticeResponse:
        published = await self._does.publish(publishing.publish_notice(request))
        return rendering.notice_published(published, self._does.revisions.token)

    async def ListPurposes(self, request: catalog_pb.ListPurposesRequest, context: Context) -> catalog_pb.ListPurposesResponse:
        return rendering.purpose_page(await self._does.list_purposes(parsing.list_purposes(request)))

    async def GetNotice(self, request: catalog_pb.GetNoticeRequest, context: Context) -> catalog_pb.GetNoticeResponse:
        notice = await self._does.get_notice(parsing.get_notice(request))
        return catalog_pb.GetNoticeResponse(notice=publishing.notice_message(notice))


class ConsentServicer(consent_service_pb2_grpc.ConsentServiceServicer):
    """Keeps what people expressed."""

    def __init__(self, usecases: ConsentUseCases) -> None:
        self._does = usecases

    async def RecordConsent(self, request: consent_pb.RecordConsentRequest, context: Context) -> consent_pb.RecordConsentResponse:
        command = parsing.record_consent(request, current_call(), self._does.anchors.anchor)
        return rendering.recorded(await self._does.record_consent(command), self._does.revisions.token)

    async def ListConsentEvents(
        self, request: consent_pb.ListConsentEventsRequest, context: Context
    ) -> consent_pb.ListConsentEventsResponse:
        page = await self._does.list_events(parsing.list_consent_events(request, self._does.anchors.anchor))
        return rendering.event_page(page, self._does.revisions.token)

    async def GetReceipt(self, request: consent_pb.GetReceiptRequest, context: Context) -> consent_pb.GetReceiptResponse:
        return rendering.receipt(await self._does.get_receipt(parsing.get_receipt(request, self._does.anchors.anchor)))


class DecisionServicer(decision_service_pb2_grpc.DecisionServiceServicer):
    """Says what may be done."""

    def __init__(self, usecases: ConsentUseCases) -> None:
        self._does = usecases

    async def Decide(self, request: decision_pb.DecideRequest, context: Context) -> decision_pb.DecideResponse:
        command = parsing.decide(request, current_call(), self._does.anchors.anchor, self._does.revisions.revision)
        answers = await self._does.answer_questions(command)
        return rendering.decided(answers, self._does.revisions.token, parsing.locales(request.context))

    async def BatchDecide(self, request: decision_pb.BatchDecideRequest, context: Context) -> decision_pb.BatchDecideResponse:
        command = parsing.batch_decide(request, current_call(), self._does.anchors.anchor, self._does.revisions.revision)
        answers = await self._does.answer_questions(command)
        return rendering.batch_decided(answers, self._does.revisions.token, parsing.locales(request.context))

    async def WatchRevocations(
        self, request: decision_pb.WatchRevocationsRequest, context: Context
    ) -> AsyncGenerator[decision_pb.WatchRevocationsResponse, None]:
        command = parsing.watch_revocations(request, current_call(), self._does.revisions.revision)
        async with aclosing(self._does.watch_revocations(command)) as revocations:
            async for heard in revocations:
                yield rendering.revoked(heard, self._does.revisions.token, partial(self._does.pseudonyms.pseudonym, command.caller))


def hosted(usecases: ConsentUseCases) -> list[Hosted]:
    """Return the three services of this context, ready for a server."""
    catalog, consent, decision = CatalogServicer(usecases), ConsentServicer(usecases), DecisionServicer(usecases)
    return [
        Hosted(contract.CATALOG_SERVICE, lambda server: catalog_service_pb2_grpc.add_CatalogServiceServicer_to_server(catalog, server)),
        Hosted(contract.CONSENT_SERVICE, lambda server: consent_service_pb2_grpc.add_ConsentServiceServicer_to_server(consent, server)),
        Hosted(contract.DECISION_SERVICE, lambda server: decision_service_pb2_grpc.add_DecisionServiceServicer_to_server(decision, server)),
    ]
