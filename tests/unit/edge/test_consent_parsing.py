"""Parsing of consent's requests is total: any message becomes a command, or one refusal that names fields and never values."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from entente.consent.v1 import catalog_service_pb2, consent_pb2, consent_service_pb2, decision_pb2, decision_service_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.domain.errors import ConsentError, Reason
from services.consent import parsing, publishing
from services.rpc.caller import Call, Caller
from services.rpc.errors import EdgeError, RequestInvalidError
from tests.fakes.consent_usecases import PlainNames
from tests.unit.edge.test_parsing import CANARY, GOOD_UUID, of

CALL = Call(Caller("crm", purposes=frozenset({"service"}), recipients=frozenset({"crm"})), "r-1", "a/B", 0.0)
NAMES = PlainNames()
PARSERS: dict[str, Callable[[Any], object]] = {
    "PublishPurpose": publishing.publish_purpose,
    "PublishNotice": publishing.publish_notice,
    "ListPurposes": parsing.list_purposes,
    "GetNotice": parsing.get_notice,
    "RecordConsent": lambda message: parsing.record_consent(message, CALL, NAMES.anchor),
    "ListConsentEvents": lambda message: parsing.list_consent_events(message, NAMES.anchor),
    "GetReceipt": lambda message: parsing.get_receipt(message, NAMES.anchor),
    "Decide": lambda message: parsing.decide(message, CALL, NAMES.anchor, NAMES.revision),
    "BatchDecide": lambda message: parsing.batch_decide(message, CALL, NAMES.anchor, NAMES.revision),
    "WatchRevocations": lambda message: parsing.watch_revocations(message, CALL, NAMES.revision),
}
METHODS = {
    method.name: method.input_type
    for file in (catalog_service_pb2, consent_service_pb2, decision_service_pb2)
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
}
NO_FAULT_OF_A_FIELD = {Reason.INVALID_REVISION, "METHOD_NOT_ALLOWED"}


def test_every_method_has_a_parser():
    assert METHODS.keys() == PARSERS.keys()


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_any_message_is_a_command_or_a_refusal_by_fields(data: st.DataObject):
    name = data.draw(st.sampled_from(sorted(METHODS)))
    message = data.draw(of(METHODS[name]))
    try:
        command = PARSERS[name](message)
        told = "" if name == "RecordConsent" else repr(command)  # evidence is kept: it is sealed where it is stored
    except RequestInvalidError as refusal:
        told = repr(refusal.violations)
        fields = [violation.field for violation in refusal.violations]
        assert fields
        assert all(re.fullmatch(r"[a-z_]+(\[\d+\])?(\.[a-z_]+(\[\d+\])?)*", field) for field in fields)
    except (ConsentError, EdgeError) as refusal:
        told = "" if refusal.reason in NO_FAULT_OF_A_FIELD else CANARY
    assert CANARY not in told


def violations(name: str, message: object) -> list[str]:
    try:
        PARSERS[name](message)
    except RequestInvalidError as refusal:
        return [violation.field for violation in refusal.violations]
    return []


SOUND = {
    "record": consent_pb2.RecordName(source="crm", record_key="42"),
    "event": consent_pb2.EVENT_KIND_WITHDRAWN,
    "method": consent_pb2.METHOD_PHONE,
    "actor": consent_pb2.ACTOR_SELF,
    "assurance": consent_pb2.ASSURANCE_DECLARED,
}


def expression_faults(**fields: object) -> list[str]:
    said = consent_pb2.ConsentExpression(**(SOUND | fields))  # type: ignore[arg-type]  # by name
    request = consent_service_pb2.RecordConsentRequest(expressions=[said], request_id=GOOD_UUID)
    return [field.removeprefix("expressions[0].") for field in violations("RecordConsent", request)]


def test_each_field_of_an_expression_is_held_to_its_form():
    assert expression_faults() == []
    assert expression_faults(event=consent_pb2.EVENT_KIND_ERASED, purpose="offers") == ["event"], "nobody is erased by a request"
    assert expression_faults(event=consent_pb2.EVENT_KIND_UNSPECIFIED, purpose="offers") == ["event"]
    assert expression_faults(event=consent_pb2.EVENT_KIND_GIVEN, language="fr") == ["purpose"], "a permission is of one purpose"
    assert expression_faults(event=consent_pb2.EVENT_KIND_GIVEN, purpose="offers") == ["language"], "what was shown was in a language"
    assert expression_faults(event=consent_pb2.EVENT_KIND_REQUESTED) == ["purpose"]
    assert expression_faults(event=consent_pb2.EVENT_KIND_LIFTED) == []
    assert expression_faults(method=0, actor=0, assurance=0) == ["method", "actor", "assurance"]
    assert expression_faults(evidence="a\nb") == expression_faults(evidence="x" * 513) == ["evidence"]
    assert expression_faults(purpose="Offers", channel="e mail", recipient="*") == ["purpose", "channel", "recipient"]
    assert expression_faults(concerns_event_id="7", notice_version=-1) == ["notice_version", "concerns_event_id"]


def question_faults(**fields: object) -> list[str]:
    sound = {
        "subject": decision_pb2.Subject(source="crm", record_key="42"),
        "purpose": "service",
        "recipient": "crm",
        "action": decision_pb2.ACTION_USE,
    }
    asked = decision_pb2.Question(**(sound | fields))  # type: ignore[arg-type]  # by name
    found = violations("Decide", decision_service_pb2.DecideRequest(question=asked))
    return [field.removeprefix("question.") for field in found]


def test_each_field_of_a_question_is_held_to_its_form():
    assert question_faults() == []
    assert question_faults(purpose="", recipient="", action=0) == ["action", "purpose", "recipient"]
    assert question_faults(action=77) == ["action"]
    assert question_faults(action=decision_pb2.ACTION_CONTACT) == ["channel"]
    assert question_faults(attributes=["email", "email"]) == ["attributes"]
    assert question_faults(attributes=["email", "E-Mail"]) == ["attributes[1]"]
    assert question_faults(attributes=[f"a{n}" for n in range(101)]) == ["attributes"]


def test_more_than_one_request_may_hold_is_refused_before_it_is_read():
    expressions = [consent_pb2.ConsentExpression()] * 1001
    assert violations("RecordConsent", consent_service_pb2.RecordConsentRequest(expressions=expressions, request_id=GOOD_UUID)) == [
        "expressions"
    ]
    assert violations("BatchDecide", decision_service_pb2.BatchDecideRequest(questions=[decision_pb2.Question()] * 1001)) == ["questions"]
    assert violations("BatchDecide", decision_service_pb2.BatchDecideRequest()) == ["questions"]
