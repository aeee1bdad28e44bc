"""From wire messages to commands: every fault of a request is found, and all are told at once, by field path and never by value.

Missing and ``_UNSPECIFIED`` values are refused, field by field. What only the catalogue can tell (a purpose, a channel, a recipient) is
left to the use case: for a question it is a reason to deny and no fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, TypeVar
from uuid import UUID

from entente.consent.v1 import catalog_service_pb2, consent_pb2, consent_service_pb2, decision_pb2, decision_service_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from consent.domain.anchor import Anchor
from consent.domain.decision import Request
from consent.domain.event import DENIALS, GRANTS, Actor, Assurance, EventKind, Method
from consent.usecases.answer_questions import LARGEST as MOST_QUESTIONS
from consent.usecases.answer_questions import AnswerQuestions
from consent.usecases.decide import Ask
from consent.usecases.get_receipt import GetReceipt
from consent.usecases.list_events import ListConsentEvents
from consent.usecases.read_catalogue import GetNotice, ListPurposes
from consent.usecases.record_consent import LARGEST as MOST_EXPRESSIONS
from consent.usecases.record_consent import Expression, RecordConsent
from consent.usecases.watch_revocations import WatchRevocations
from services.consent.contract import OFFICER_METHOD
from services.rpc.caller import Call
from services.rpc.errors import EdgeError, EdgeReason, FieldViolation, RequestInvalidError

T = TypeVar("T")

NameAnchor = Callable[[str, str], Anchor]
"""Makes the anchor of a record of a source (``AnchorNamer.anchor``)."""
ReadRevision = Callable[[str], int]
"""Reads a revision token (``RevisionSigner.revision``)."""

MOST_ATTRIBUTES: Final = 100
LONGEST_KEY: Final = 512
LONGEST_EVIDENCE: Final = 512
LANGUAGES: Final = frozenset({"fr", "en"})
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SOURCE: Final = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_WORD: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_LANGUAGE: Final = re.compile(r"[a-z]{2}")
_SOURCE_FORM: Final = "required: lower-case letters, digits, - and _, at most 63, starting with a letter"
_WORD_FORM: Final = "lower-case letters, digits, - and _, at most 63"
_NOBODY: Final = ""
"""A caller or recipient that no registry and no purpose names."""
_NO_ID: Final = UUID(int=0)
_NO_ANCHOR: Final = Anchor("", b"")
_EVENTS: Final[Mapping[int, EventKind]] = {
    consent_pb2.EventKind.Value(f"EVENT_KIND_{kind.name}"): kind for kind in EventKind if kind is not EventKind.ERASED
}
_METHODS: Final[Mapping[int, Method]] = {consent_pb2.Method.Value(f"METHOD_{method.name}"): method for method in Method}
_ACTORS: Final[Mapping[int, Actor]] = {consent_pb2.Actor.Value(f"ACTOR_{actor.name}"): actor for actor in Actor}
_ASSURANCES: Final[Mapping[int, Assurance]] = {consent_pb2.Assurance.Value(f"ASSURANCE_{one.name}"): one for one in Assurance}
_ACTIONS: Final = frozenset(decision_pb2.Action.values()) - {decision_pb2.ACTION_UNSPECIFIED}


def is_source(text: str) -> bool:
    """Whether a text can be the name of a source system."""
    return _SOURCE.fullmatch(text) is not None


def is_word(text: str) -> bool:
    """Whether a text can be a name of the catalogue."""
    return _WORD.fullmatch(text) is not None


class Faults:
    """Collects what is wrong with a request."""

    def __init__(self) -> None:
        self._found: list[FieldViolation] = []

    def add(self, field: str, description: str) -> None:
        """Note a fault."""
        self._found.append(FieldViolation(field, description))

    def require(self, *, holds: bool, field: str, description: str) -> None:
        """Note a fault unless something holds."""
        if not holds:
            self.add(field, description)

    def chosen(self, values: Mapping[int, T], number: int, field: str) -> T:
        """Return the value of an enum's number; any, and a fault, if it has none."""
        self.require(holds=number in values, field=field, description="required: a known value")
        return values.get(number, next(iter(values.values())))

    def word(self, text: str, field: str, *, required: bool = False) -> str | None:
        """Return a name of the catalogue, None for an empty one."""
        if text or required:
            self.require(holds=bool(_WORD.fullmatch(text)), field=field, description=f"required: {_WORD_FORM}" if required else _WORD_FORM)
        return text or None

    def tell(self) -> None:
        """Refuse the request if anything was found."""
        if self._found:
            raise RequestInvalidError(self._found)


def record_consent(message: consent_service_pb2.RecordConsentRequest, call: Call, anchor: NameAnchor) -> RecordConsent:
    """Read a ``RecordConsent`` request."""
    faults = Faults()
    faults.require(holds=len(message.expressions) > 0, field="expressions", description="required")
    faults.require(holds=len(message.expressions) <= MOST_EXPRESSIONS, field="expressions", description=f"at most {MOST_EXPRESSIONS}")
    read_uuid(message.request_id, "request_id", faults)
    faults.tell()
    said = tuple(_expression(one, f"expressions[{at}]", anchor, faults) for at, one in enumerate(message.expressions))
    faults.tell()
    return RecordConsent(call.caller.name, message.request_id, said, message.SerializeToString(deterministic=True))


def list_consent_events(message: consent_service_pb2.ListConsentEventsRequest, anchor: NameAnchor) -> ListConsentEvents:
    """Read a ``ListConsentEvents`` request."""
    faults = Faults()
    named = _record(message.record.source, message.record.record_key, "record", anchor, faults)
    faults.require(holds=message.page_size >= 0, field="page_size", description="0 or more")
    faults.tell()
    return ListConsentEvents(named, message.page_size, message.page_token)


def get_receipt(message: consent_service_pb2.GetReceiptRequest, anchor: NameAnchor) -> GetReceipt:
    """Read a ``GetReceipt`` request."""
    faults = Faults()
    named = _record(message.record.source, message.record.record_key, "record", anchor, faults)
    event_id = read_uuid(message.event_id, "event_id", faults)
    faults.tell()
    return GetReceipt(named, event_id)


def list_purposes(message: catalog_service_pb2.ListPurposesRequest) -> ListPurposes:
    """Read a ``ListPurposes`` request."""
    faults = Faults()
    faults.require(holds=message.page_size >= 0, field="page_size", description="0 or more")
    faults.tell()
    return ListPurposes(message.page_size, message.page_token)


def get_notice(message: catalog_service_pb2.GetNoticeRequest) -> GetNotice:
    """Read a ``GetNotice`` request."""
    faults = Faults()
    faults.word(message.notice_id, "notice_id", required=True)
    faults.require(holds=message.version >= 0, field="version", description="0 or more")
    faults.tell()
    return GetNotice(message.notice_id, message.version or None)


def decide(message: decision_service_pb2.DecideRequest, call: Call, anchor: NameAnchor, revision: ReadRevision) -> AnswerQuestions:
    """Read a ``Decide`` request; who asks is the authenticated caller."""
    faults = Faults()
    ask = _ask(message.question, "question", call, anchor, faults)
    return _questions((ask,), message.context, call, revision, faults)


def batch_decide(
    message: decision_service_pb2.BatchDecideRequest, call: Call, anchor: NameAnchor, revision: ReadRevision
) -> AnswerQuestions:
    """Read a ``BatchDecide`` request; who asks is the authenticated caller."""
    faults = Faults()
    faults.require(holds=len(message.questions) > 0, field="questions", description="required")
    faults.require(holds=len(message.questions) <= MOST_QUESTIONS, field="questions", description=f"at most {MOST_QUESTIONS}")
    faults.tell()
    asks = tuple(_ask(one, f"questions[{at}]", call, anchor, faults) for at, one in enumerate(message.questions))
    return _questions(asks, message.context, call, revision, faults)


def watch_revocations(message: decision_service_pb2.WatchRevocationsRequest, call: Call, revision: ReadRevision) -> WatchRevocations:
    """Read a ``WatchRevocations`` request; purpose and recipient are the caller's, or it did not get here."""
    after = revision(message.from_revision) if message.from_revision else None
    return WatchRevocations(call.caller.name, message.purpose, message.recipient, after)


def locales(message: decision_pb2.DecisionContext) -> frozenset[str]:
    """Return the languages in which an explanation is wanted."""
    return frozenset({message.locale}) if message.locale else LANGUAGES


def _expression(message: consent_pb2.ConsentExpression, path: str, anchor: NameAnchor, faults: Faults) -> Expression:
    kind = faults.chosen(_EVENTS, message.event, f"{path}.event")
    faults.require(
        holds=bool(message.purpose) or kind in DENIALS or kind is EventKind.LIFTED,
        field=f"{path}.purpose",
        description="required: only what takes away may concern every purpose",
    )
    faults.require(
        holds=bool(_LANGUAGE.fullmatch(message.language)) or not (message.language or kind in GRANTS),
        field=f"{path}.language",
        description="required for a permission: two lower-case letters (ISO 639-1)",
    )
    faults.require(holds=message.notice_version >= 0, field=f"{path}.notice_version", description="0 or more")
    faults.require(
        holds=len(message.evidence) <= LONGEST_EVIDENCE and (message.evidence.isprintable()),
        field=f"{path}.evidence",
        description=f"at most {LONGEST_EVIDENCE} characters, no control characters",
    )
    return Expression(
        anchor=_record(message.record.source, message.record.record_key, f"{path}.record", anchor, faults),
        kind=kind,
        purpose=faults.word(message.purpose, f"{path}.purpose"),
        channel=faults.word(message.channel, f"{path}.channel"),
        recipient=faults.word(message.recipient, f"{path}.recipient"),
        expressed_at=_time(message.express_time, f"{path}.express_time", faults) if message.HasField("express_time") else None,
        method=faults.chosen(_METHODS, message.method, f"{path}.method"),
        actor=faults.chosen(_ACTORS, message.actor, f"{path}.actor"),
        assurance=faults.chosen(_ASSURANCES, message.assurance, f"{path}.assurance"),
        notice_version=message.notice_version or None,
        language=message.language or "fr",
        valid_until=_time(message.valid_until, f"{path}.valid_until", faults) if message.HasField("valid_until") else None,
        evidence=message.evidence,
        concerns=read_uuid(message.concerns_event_id, f"{path}.concerns_event_id", faults) if message.concerns_event_id else None,
    )


def _ask(message: decision_pb2.Question, path: str, call: Call, anchor: NameAnchor, faults: Faults) -> Ask:
    subject = _record(message.subject.source, message.subject.record_key, f"{path}.subject", anchor, faults)
    faults.require(holds=message.action in _ACTIONS, field=f"{path}.action", description="required: a known value")
    faults.require(
        holds=bool(message.channel) or message.action != decision_pb2.ACTION_CONTACT,
        field=f"{path}.channel",
        description="required: somebody is contacted through a channel",
    )
    attributes = tuple(message.attributes)
    faults.require(holds=len(attributes) <= MOST_ATTRIBUTES, field=f"{path}.attributes", description=f"at most {MOST_ATTRIBUTES}")
    faults.require(holds=len(set(attributes)) == len(attributes), field=f"{path}.attributes", description="each once")
    for at, name in enumerate(attributes[:MOST_ATTRIBUTES]):
        faults.word(name, f"{path}.attributes[{at}]", required=True)
    purpose = faults.word(message.purpose, f"{path}.purpose", required=True) or _NOBODY
    recipient = faults.word(message.recipient, f"{path}.recipient", required=True) or _NOBODY
    registered = call.caller  # as it is now: the tables know the registration of when they were compiled
    request = Request(
        caller=registered.name if purpose in registered.purposes else _NOBODY,
        purpose=purpose,
        recipient=recipient if recipient in registered.recipients else _NOBODY,
        attributes=attributes,
        channel=faults.word(message.channel, f"{path}.channel"),
    )
    return Ask(request, subject, minor=message.subject.minor)


def _questions(
    asks: tuple[Ask, ...], context: decision_pb2.DecisionContext, call: Call, revision: ReadRevision, faults: Faults
) -> AnswerQuestions:
    faults.require(holds=context.locale in {"", *LANGUAGES}, field="context.locale", description="fr or en, or empty for both")
    as_of = _time(context.as_of_time, "context.as_of_time", faults) if context.HasField("as_of_time") else None
    faults.require(
        holds=context.dry_run or not context.HasField("as_of_time"),
        field="context.dry_run",
        description="required: nothing is done upon what was so at another time",
    )
    faults.tell()
    if as_of is not None and OFFICER_METHOD not in call.caller.methods:
        raise EdgeError(EdgeReason.METHOD_NOT_ALLOWED)
    least = revision(context.min_revision) if context.min_revision else 0
    return AnswerQuestions(call.caller.name, asks, least, context.dry_run, as_of)


def _record(source: str, key: str, path: str, anchor: NameAnchor, faults: Faults) -> Anchor:
    known = bool(_SOURCE.fullmatch(source))
    sound = 0 < len(key) <= LONGEST_KEY and key.isprintable()
    faults.require(holds=known, field=f"{path}.source", description=_SOURCE_FORM)
    faults.require(
        holds=sound, field=f"{path}.record_key", description=f"required: at most {LONGEST_KEY} characters, no control characters"
    )
    return anchor(source, key) if known and sound else _NO_ANCHOR


def read_uuid(text: str, path: str, faults: Faults) -> UUID:
    """Return an id; any, and a fault, if the text is none."""
    if not _UUID.fullmatch(text):
        faults.add(path, "a UUID in lower case")
        return _NO_ID
    return UUID(text)


def _time(message: Timestamp, path: str, faults: Faults) -> datetime | None:
    try:
        return message.ToDatetime(UTC)
    except (ValueError, OverflowError):
        faults.add(path, "a time from year 1 to year 9999")
        return None
