"""From results to wire messages, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from entente.consent.v1 import (
    catalog_service_pb2,
    consent_pb2,
    consent_service_pb2,
    decision_pb2,
    decision_service_pb2,
    purpose_pb2,
    receipt_pb2,
)
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from consent.domain.anchor import Anchor
from consent.domain.decision import Ruling
from consent.domain.event import ConsentEvent, EventKind, NoticeShown
from consent.ports.receipt_issuer import IssuedReceipt
from consent.usecases.answer_questions import Answer, Answers
from consent.usecases.list_events import EventPage
from consent.usecases.publish_catalogue import Publication
from consent.usecases.read_catalogue import PurposePage
from consent.usecases.record_consent import Recorded
from consent.usecases.watch_revocations import Revoked
from services.consent.publishing import purpose_message

Token = Callable[[int], str]
"""Makes the token of a revision (``RevisionSigner.token``)."""


def recorded(result: Recorded, token: Token) -> consent_service_pb2.RecordConsentResponse:
    """Render what was recorded."""
    return consent_service_pb2.RecordConsentResponse(event_ids=map(str, result.events), revision=token(result.revision))


def event_page(page: EventPage, token: Token) -> consent_service_pb2.ListConsentEventsResponse:
    """Render a page of events."""
    events = [_event(event, token) for event in page.events]
    return consent_service_pb2.ListConsentEventsResponse(events=events, next_page_token=page.next_page_token)


def receipt(issued: IssuedReceipt) -> consent_service_pb2.GetReceiptResponse:
    """Render a receipt."""
    return consent_service_pb2.GetReceiptResponse(
        receipt=receipt_pb2.Receipt(event_id=str(issued.event_id), document=issued.document, key_id=issued.key_id)
    )


def purpose_published(result: Publication, token: Token) -> catalog_service_pb2.PublishPurposeResponse:
    """Render that a purpose is published."""
    return catalog_service_pb2.PublishPurposeResponse(revision=token(result.revision))


def notice_published(result: Publication, token: Token) -> catalog_service_pb2.PublishNoticeResponse:
    """Render that a notice is published."""
    return catalog_service_pb2.PublishNoticeResponse(revision=token(result.revision))


def purpose_page(page: PurposePage) -> catalog_service_pb2.ListPurposesResponse:
    """Render a page of purposes."""
    return catalog_service_pb2.ListPurposesResponse(
        purposes=map(purpose_message, page.purposes), next_page_token=page.next_page_token, policy_version=page.policy_version
    )


def decided(result: Answers, token: Token, languages: Collection[str]) -> decision_service_pb2.DecideResponse:
    """Render the answer to one question, explained in ``languages``."""
    (answer,) = result.answers
    return decision_service_pb2.DecideResponse(
        decision=_decision(answer, languages), revision=token(result.revision), policy_version=result.policy_version
    )


def batch_decided(result: Answers, token: Token, languages: Collection[str]) -> decision_service_pb2.BatchDecideResponse:
    """Render the answers to questions, explained in ``languages``."""
    return decision_service_pb2.BatchDecideResponse(
        decisions=[_decision(answer, languages) for answer in result.answers],
        revision=token(result.revision),
        policy_version=result.policy_version,
    )


def revoked(heard: Revoked, token: Token, pseudonym: Callable[[Anchor], str]) -> decision_service_pb2.WatchRevocationsResponse:
    """Render denials; their anchors as the caller's own decisions name them."""
    return decision_service_pb2.WatchRevocationsResponse(
        revocations=[
            decision_service_pb2.Revocation(
                event=_kind(event.kind),
                purpose=event.purpose or "",
                channel=event.channel or "",
                pseudonym=pseudonym(event.anchor),
                record_time=_time(event.recorded_at),
            )
            for event in heard.events
        ],
        revision=token(heard.revision),
    )


def _event(event: ConsentEvent, token: Token) -> consent_pb2.ConsentEvent:
    return consent_pb2.ConsentEvent(
        event_id=str(event.event_id),
        event=_kind(event.kind),
        purpose=event.purpose or "",
        purpose_version=event.purpose_version or 0,
        channel=event.channel or "",
        recipient=event.recipient or "",
        express_time=_time(event.expressed_at),
        record_time=_time(event.recorded_at),
        revision=token(event.revision),
        method=consent_pb2.Method.Value(f"METHOD_{event.method.name}"),
        actor=consent_pb2.Actor.Value(f"ACTOR_{event.actor.name}"),
        assurance=consent_pb2.Assurance.Value(f"ASSURANCE_{event.assurance.name}"),
        notice=_shown(event.notice) if event.notice else None,
        valid_until=_time(event.valid_until) if event.valid_until else None,
        evidence=event.evidence,
        concerns_event_id=str(event.concerns) if event.concerns else "",
    )


def _decision(answer: Answer, languages: Collection[str]) -> decision_pb2.Decision:
    decision, ttl = answer.decision, Duration()
    ttl.FromTimedelta(answer.ttl)
    return decision_pb2.Decision(
        outcome=decision_pb2.Outcome.Value(f"OUTCOME_{decision.outcome.name}"),
        attributes=[decision_pb2.AttributeRuling(name=name, ruling=_ruling(ruling)) for name, ruling in decision.rulings.items()],
        use=_ruling(decision.general),
        obligations=decision.obligations,
        ttl=ttl,
        decision_id=str(answer.decision_id) if answer.decision_id else "",
        explanation={language: text for language, text in answer.explanation.items() if language in languages},
        next_step=decision_pb2.NextStep.Value(f"NEXT_STEP_{decision.next_step.name}"),
        pseudonym=answer.pseudonym,
    )


def _ruling(ruling: Ruling) -> decision_pb2.Ruling:
    return decision_pb2.Ruling(
        effect=decision_pb2.Effect.Value(f"EFFECT_{ruling.effect.name}"),
        reason_code=decision_pb2.ReasonCode.Value(f"REASON_CODE_{ruling.reason.name}"),
        legal_basis=purpose_pb2.LegalBasis.Value(f"LEGAL_BASIS_{ruling.basis.name}")
        if ruling.basis
        else purpose_pb2.LEGAL_BASIS_UNSPECIFIED,
        consent_event_id=str(ruling.event) if ruling.event else "",
        purpose_version=ruling.purpose_version or 0,
        notice=ruling.notice,
        valid_until=_time(ruling.valid_until) if ruling.valid_until else None,
    )


def _shown(notice: NoticeShown) -> consent_pb2.NoticeShown:
    return consent_pb2.NoticeShown(notice_id=notice.notice, version=notice.version, language=notice.language, digest=notice.digest)


def _kind(kind: EventKind) -> consent_pb2.EventKind.ValueType:
    return consent_pb2.EventKind.Value(f"EVENT_KIND_{kind.name}")


def _time(at: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp
