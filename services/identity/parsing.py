"""From wire messages to commands: every fault of a request is found, and all are told at once, by field path and never by value.

Missing and ``_UNSPECIFIED`` values are refused, field by field. Single records of a bulk request are the exception: the use case rejects
each by itself, so that a bad one does not stop the good ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from entente.identity.v1 import judgement_pb2, record_service_pb2, resolution_service_pb2, source_record_pb2, stewardship_service_pb2
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from identity.domain.attributes import EXTRA_PREFIX, Attribute, ComparisonKind, PersonalAttributes
from identity.domain.ingest import IncomingRecord
from identity.domain.judgement import Verdict
from identity.domain.mapping import EXTRA_NAME, MAX_EXTRAS, MAX_VALUE, Reading, key_fault
from identity.domain.mapping_file import date_format_fault
from identity.domain.personal import Personal
from identity.domain.source_record import SOURCE_NAME, IdentityId, RecordId, RecordRef
from identity.ports.purpose_gate import Use
from identity.usecases.answer_once import Request
from identity.usecases.batch_resolve import MAX_QUERIES, BatchResolveIdentities
from identity.usecases.delete_record import DeleteRecord
from identity.usecases.explain_match import ExplainMatch
from identity.usecases.get_profile import GetProfile
from identity.usecases.identity_history import GetIdentityHistory
from identity.usecases.ingest_records import MAX_RECORDS, IngestRecords
from identity.usecases.judge_pair import JudgePair
from identity.usecases.list_review_pairs import ListReviewPairs
from identity.usecases.record_status import GetRecordStatus
from identity.usecases.resolve_identity import ResolveIdentity
from identity.usecases.split_identity import SplitIdentity
from services.rpc.caller import Call
from services.rpc.errors import FieldViolation, RequestInvalidError

MAX_SPLIT = 5000
MAX_PROFILE = 100
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NOBODY = UUID(int=0)
_VERDICTS = {
    judgement_pb2.VERDICT_SAME: Verdict.SAME,
    judgement_pb2.VERDICT_DIFFERENT: Verdict.DIFFERENT,
    judgement_pb2.VERDICT_UNSURE: Verdict.UNSURE,
}

_EXTRA_KINDS = {
    record_service_pb2.EXTRA_KIND_EXACT: ComparisonKind.EXACT,
    record_service_pb2.EXTRA_KIND_NAME: ComparisonKind.NAME,
    record_service_pb2.EXTRA_KIND_TEXT: ComparisonKind.TEXT,
    record_service_pb2.EXTRA_KIND_DATE: ComparisonKind.DATE,
    record_service_pb2.EXTRA_KIND_NUMBER: ComparisonKind.NUMBER,
    record_service_pb2.EXTRA_KIND_IDENTIFIER: ComparisonKind.IDENTIFIER,
}

BodyMac = Callable[[bytes], bytes]
"""Keyed MAC of a request's body (``Sealer.request_mac``)."""


class _Faults:
    """Collects what is wrong with a request."""

    def __init__(self) -> None:
        self._found: list[FieldViolation] = []

    def add(self, field: str, description: str) -> None:
        self._found.append(FieldViolation(field, description))

    def require(self, *, holds: bool, field: str, description: str) -> None:
        if not holds:
            self.add(field, description)

    def tell(self) -> None:
        """Refuse the request if anything was found."""
        if self._found:
            raise RequestInvalidError(self._found)


def ingest_records(message: record_service_pb2.IngestRecordsRequest, call: Call, mac: BodyMac) -> IngestRecords:
    """Read an ``IngestRecords`` request."""
    faults = _Faults()
    faults.require(holds=bool(SOURCE_NAME.fullmatch(message.source)), field="source", description=_SOURCE_FORM)
    faults.require(holds=len(message.records) > 0, field="records", description="required")
    faults.require(holds=len(message.records) <= MAX_RECORDS, field="records", description=f"at most {MAX_RECORDS}")
    request = _request(message, message.request_id, call, mac, faults)
    reading = _reading(message, faults)
    faults.tell()
    records = tuple(IncomingRecord(RecordRef(message.source, record.key), _attributes(record.attributes)) for record in message.records)
    return IngestRecords(records, reading, request)


def _reading(message: record_service_pb2.IngestRecordsRequest, faults: _Faults) -> Reading:
    """Read how the records of a request are read; what is declared once is paid for with every record, so it is bounded."""
    for field, declared in (("extra_kinds", message.extra_kinds), ("date_formats", message.date_formats)):
        if len(declared) > MAX_EXTRAS:
            faults.add(field, f"at most {MAX_EXTRAS}")
            return Reading()
    for name, kind in message.extra_kinds.items():
        faults.require(holds=kind in _EXTRA_KINDS, field="extra_kinds", description="each names a known kind")
        faults.require(holds=bool(EXTRA_NAME.fullmatch(EXTRA_PREFIX + name)), field="extra_kinds", description=_EXTRA_FORM)
    for name, form in message.date_formats.items():
        known = name == Attribute.BIRTH_DATE or message.extra_kinds.get(name) == record_service_pb2.EXTRA_KIND_DATE
        faults.require(
            holds=known and date_format_fault(form) is None, field="date_formats", description="each is the format of a date attribute"
        )
    extras = {EXTRA_PREFIX + name: _EXTRA_KINDS[kind] for name, kind in message.extra_kinds.items() if kind in _EXTRA_KINDS}
    formats = {(name if name == Attribute.BIRTH_DATE else EXTRA_PREFIX + name): form for name, form in message.date_formats.items()}
    return Reading(formats=formats, extras=extras)


def delete_record(message: record_service_pb2.DeleteRecordRequest, call: Call, mac: BodyMac) -> DeleteRecord:
    """Read a ``DeleteRecord`` request."""
    faults = _Faults()
    ref = _record(message.record, "record", faults)
    request = _request(message, message.request_id, call, mac, faults)
    faults.tell()
    return DeleteRecord(ref, request)


def get_record_status(message: record_service_pb2.GetRecordStatusRequest) -> GetRecordStatus:
    """Read a ``GetRecordStatus`` request."""
    faults = _Faults()
    ref = _record(message.record, "record", faults)
    faults.tell()
    return GetRecordStatus(ref)


def resolve_identity(message: resolution_service_pb2.ResolveIdentityRequest, call: Call) -> ResolveIdentity:
    """Read a ``ResolveIdentity`` request."""
    faults = _Faults()
    query = _query(message.query, "query", _use(message.purpose, message.recipient, call), faults)
    faults.tell()
    return query


def batch_resolve_identities(message: resolution_service_pb2.BatchResolveIdentitiesRequest, call: Call) -> BatchResolveIdentities:
    """Read a ``BatchResolveIdentities`` request."""
    faults = _Faults()
    faults.require(holds=len(message.queries) > 0, field="queries", description="required")
    faults.require(holds=len(message.queries) <= MAX_QUERIES, field="queries", description=f"at most {MAX_QUERIES}")
    faults.tell()
    use = _use(message.purpose, message.recipient, call)
    queries = tuple(_query(query, f"queries[{at}]", use, faults) for at, query in enumerate(message.queries))
    faults.tell()
    return BatchResolveIdentities(queries)


def explain_match(message: resolution_service_pb2.ExplainMatchRequest, call: Call) -> ExplainMatch:
    """Read an ``ExplainMatch`` request."""
    faults = _Faults()
    left, right = _selected(message.left, "left", faults), _selected(message.right, "right", faults)
    faults.tell()
    return ExplainMatch(_use(message.purpose, message.recipient, call), left, right, call.caller.sources)


def get_profile(message: resolution_service_pb2.GetProfileRequest, call: Call) -> GetProfile:
    """Read a ``GetProfile`` request."""
    faults = _Faults()
    ref = _record(message.record, "record", faults)
    names = tuple(message.attributes)
    faults.require(holds=len(names) <= MAX_PROFILE, field="attributes", description=f"at most {MAX_PROFILE}")
    faults.require(holds=len(set(names)) == len(names), field="attributes", description="each once")
    for at, name in enumerate(names[:MAX_PROFILE]):
        faults.require(holds=bool(_WORD.fullmatch(name)), field=f"attributes[{at}]", description=_WORD_FORM)
    faults.require(holds=not message.channel or bool(_WORD.fullmatch(message.channel)), field="channel", description=_WORD_FORM)
    faults.tell()
    return GetProfile(_use(message.purpose, message.recipient, call), ref, names, message.channel or None)


def list_review_pairs(message: stewardship_service_pb2.ListReviewPairsRequest, call: Call) -> ListReviewPairs:
    """Read a ``ListReviewPairs`` request."""
    faults = _Faults()
    faults.require(holds=message.page_size >= 0, field="page_size", description="0 or more")
    faults.tell()
    return ListReviewPairs(_use(message.purpose, message.recipient, call), message.page_size, message.page_token)


def judge_pair(message: stewardship_service_pb2.JudgePairRequest, call: Call, mac: BodyMac) -> JudgePair:
    """Read a ``JudgePair`` request; its author is the authenticated caller."""
    faults = _Faults()
    left, right = _selected(message.left, "left", faults), _selected(message.right, "right", faults)
    verdict = _VERDICTS.get(message.verdict)
    faults.require(holds=verdict is not None, field="verdict", description="required: SAME, DIFFERENT or UNSURE")
    request = _request(message, message.request_id, call, mac, faults)
    faults.tell()
    return JudgePair(left, right, verdict or Verdict.UNSURE, call.caller.name, request=request)


def split_identity(message: stewardship_service_pb2.SplitIdentityRequest, call: Call, mac: BodyMac) -> SplitIdentity:
    """Read a ``SplitIdentity`` request; its author is the authenticated caller."""
    faults = _Faults()
    identity = IdentityId(_uuid(message.identity_id, "identity_id", faults))
    faults.require(holds=len(message.record_ids) > 0, field="record_ids", description="required")
    faults.require(holds=len(message.record_ids) <= MAX_SPLIT, field="record_ids", description=f"at most {MAX_SPLIT}")
    faults.require(holds=len(set(message.record_ids)) == len(message.record_ids), field="record_ids", description="each record once")
    records = tuple(RecordId(_uuid(text, f"record_ids[{at}]", faults)) for at, text in enumerate(message.record_ids[:MAX_SPLIT]))
    request = _request(message, message.request_id, call, mac, faults)
    faults.tell()
    return SplitIdentity(identity, records, call.caller.name, request)


def get_identity_history(message: stewardship_service_pb2.GetIdentityHistoryRequest, call: Call) -> GetIdentityHistory:
    """Read a ``GetIdentityHistory`` request."""
    faults = _Faults()
    identity = IdentityId(_uuid(message.identity_id, "identity_id", faults))
    as_of = _time(message.as_of_time, "as_of_time", faults) if message.HasField("as_of_time") else None
    faults.tell()
    return GetIdentityHistory(_use(message.purpose, message.recipient, call), identity, as_of)


_WORD = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_WORD_FORM = "lower-case letters, digits, - and _, at most 63"
_EXTRA_FORM = "each is called by lower-case letters, digits and _, at most 41, starting with a letter"
_SOURCE_FORM = "required: lower-case letters, digits, - and _, at most 63, starting with a letter"


def _use(purpose: str, recipient: str, call: Call) -> Use:
    return Use(call.caller.name, purpose, recipient)


def _request(message: Message, request_id: str, call: Call, mac: BodyMac, faults: _Faults) -> Request:
    _uuid(request_id, "request_id", faults)
    return Request(call.caller.name, request_id, mac(message.SerializeToString(deterministic=True)))


def _query(message: resolution_service_pb2.IdentityQuery, path: str, use: Use, faults: _Faults) -> ResolveIdentity:
    kind = message.WhichOneof("query")
    if kind == "record":
        return ResolveIdentity(use, record=_record(message.record, f"{path}.record", faults))
    if kind is None:
        faults.add(path, "required: attributes or record")
        return ResolveIdentity(use)
    _check_attributes(message.attributes, f"{path}.attributes", faults)
    return ResolveIdentity(use, attributes=_attributes(message.attributes))


def _selected(message: judgement_pb2.RecordSelector, path: str, faults: _Faults) -> RecordId | RecordRef:
    kind = message.WhichOneof("selector")
    if kind == "record":
        return _record(message.record, f"{path}.record", faults)
    if kind is None:
        faults.add(path, "required: record_id or record")
        return RecordId(_NOBODY)
    return RecordId(_uuid(message.record_id, f"{path}.record_id", faults))


def _record(message: source_record_pb2.SourceRecordName, path: str, faults: _Faults) -> RecordRef:
    faults.require(holds=bool(SOURCE_NAME.fullmatch(message.source)), field=f"{path}.source", description=_SOURCE_FORM)
    if fault := key_fault(message.key):
        faults.add(f"{path}.key", fault.value)
    return RecordRef(message.source, message.key)


def _check_attributes(message: source_record_pb2.PersonAttributes, path: str, faults: _Faults) -> None:
    given = message.ListFields()
    faults.require(holds=bool(given), field=path, description="required: at least one attribute")
    faults.require(holds=len(message.extra) <= MAX_EXTRAS, field=f"{path}.extra", description=f"at most {MAX_EXTRAS}")
    for field, value in given:
        longest = max(map(len, value.values())) if field.name == "extra" else len(value)
        faults.require(holds=longest <= MAX_VALUE, field=f"{path}.{field.name}", description=f"at most {MAX_VALUE} characters")


def _attributes(message: source_record_pb2.PersonAttributes) -> PersonalAttributes:
    values = {field.name: value for field, value in message.ListFields() if field.name != "extra"}
    for name, value in message.extra.items():
        values[EXTRA_PREFIX + name] = value
    return Personal(values)


def _uuid(text: str, path: str, faults: _Faults) -> UUID:
    if not _UUID.fullmatch(text):
        faults.add(path, "required: a UUID in lower case")
        return _NOBODY
    return UUID(text)


def _time(message: Timestamp, path: str, faults: _Faults) -> datetime | None:
    try:
        return message.ToDatetime(UTC)
    except (ValueError, OverflowError):
        faults.add(path, "a time from year 1 to year 9999")
        return None
