"""The whole of consent behind the edge: real use cases, real MACs, memory stores, real mTLS."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from entente.consent.v1 import consent_pb2, decision_pb2, purpose_pb2

from consent.adapters.receipts import PublicKeySet, check_profile
from consent.domain.signed_receipt import verify_receipt
from consent.domain.tables import Scope
from services.consent.client import CallFailedError, question
from services.rpc.limits import Limits
from services.rpc.log import EventLog
from services.rpc.telemetry import silent_telemetry
from services.wiring.callers import list_callers
from services.wiring.grpc_server import build_server
from tests.builders.consenting_services import RECEIPT_KEY, ConsentInMemory, TestClock
from tests.fakes.identity_usecases import ScriptedUseCases
from tests.service.conftest import Running

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
WORDS = {"fr": "Le programme de fidélité.", "en": "The loyalty programme."}
NOTICE = purpose_pb2.Notice(notice_id="loyalty-notice", version=1, text=WORDS)
LOYALTY = purpose_pb2.Purpose(
    purpose_id="loyalty",
    version=1,
    legal_basis=purpose_pb2.LEGAL_BASIS_CONSENT,
    title=WORDS,
    description=WORDS,
    attributes=["email", "given_name"],
    recipients=["crm", "webshop"],
    channels=["email"],
    retention="P36M",
    law="GDPR Art. 6(1)(a)",
    notice_id="loyalty-notice",
    minors=purpose_pb2.MINORS_JOINT,
)
ASK = {"purpose": "loyalty", "recipient": "crm", "attributes": ["email", "national_id"]}


def said(event: consent_pb2.EventKind.ValueType, key: str = "42", **more: object) -> consent_pb2.ConsentExpression:
    return consent_pb2.ConsentExpression(
        record=consent_pb2.RecordName(source="crm", record_key=key),
        event=event,
        purpose="loyalty",
        method=consent_pb2.METHOD_PORTAL,
        actor=consent_pb2.ACTOR_SELF,
        assurance=consent_pb2.ASSURANCE_ACCOUNT,
        language="fr",
        **more,  # type: ignore[arg-type]  # by name
    )


GIVEN, WITHDRAWN = consent_pb2.EVENT_KIND_GIVEN, consent_pb2.EVENT_KIND_WITHDRAWN


class World(Running):
    """A running deployment, and the memory behind it."""

    memory: ConsentInMemory


@pytest.fixture
async def world(settings) -> AsyncIterator[World]:
    """One purpose that needs consent is published, and nobody has said anything."""
    running = World("", settings.home, ScriptedUseCases())
    scopes = {name: Scope(caller.purposes, caller.recipients) for name, caller in list_callers(settings.home).items()}
    running.memory = ConsentInMemory(TestClock(NOON), scopes)
    server = build_server(
        settings,
        running.script.usecases(),
        consent=running.memory.usecases(),
        log=EventLog(running.lines.append),
        limits=Limits(drain_seconds=0.2),
        telemetry=silent_telemetry(),
    )
    running.address = f"127.0.0.1:{await server.start('127.0.0.1:0')}"
    async with running.consent_as("editor") as services:
        await services.catalog.publish_notice(NOTICE, request_id=uuid4())
        await services.catalog.publish_purpose(LOYALTY, request_id=uuid4())
    yield running
    await server.stop()


async def test_a_yes_permits_and_a_no_denies_from_the_next_instant_on(world):
    async with world.consent_as("crm") as services:
        before = await services.decisions.decide(question("crm", "42", **ASK))
        given = await services.consents.record([said(GIVEN)], request_id=uuid4())
        world.memory.clock.pass_(seconds=1)
        during = await services.decisions.decide(question("crm", "42", **ASK), decision_pb2.DecisionContext(min_revision=given.revision))
        withdrawn = await services.consents.record([said(WITHDRAWN)], request_id=uuid4())
        after = await services.decisions.decide(question("crm", "42", **ASK), decision_pb2.DecisionContext(min_revision=withdrawn.revision))
    assert [answer.decision.outcome for answer in (before, during, after)] == [
        decision_pb2.OUTCOME_DENY, decision_pb2.OUTCOME_PARTIAL, decision_pb2.OUTCOME_DENY,
    ]  # fmt: skip
    email, national_id = (ruling.ruling for ruling in during.decision.attributes)
    assert (email.effect, email.consent_event_id) == (decision_pb2.EFFECT_PERMIT, given.event_ids[0])
    assert email.notice.startswith("loyalty-notice/1/")
    assert national_id.reason_code == decision_pb2.REASON_CODE_ATTRIBUTE_NOT_NEEDED
    assert after.decision.use.reason_code == decision_pb2.REASON_CODE_WITHDRAWN
    assert set(after.decision.explanation) == {"fr", "en"}
    assert after.decision.next_step == decision_pb2.NEXT_STEP_NONE, "nobody is asked again for having said no"
    assert before.policy_version == after.policy_version
    assert len({answer.decision.decision_id for answer in (before, during, after)}) == 3


async def test_a_refusal_is_an_answer_and_names_what_is_not_the_callers(world):
    async with world.consent_as("crm") as services:
        answer = await services.decisions.batch_decide(
            [
                question("crm", "42", purpose="offers-email", recipient="crm"),
                question("crm", "42", purpose="no-such-purpose", recipient="crm"),
                question("crm", "42", purpose="loyalty", recipient="partner"),
                question("crm", "42", purpose="loyalty", recipient="crm", channel="sms"),
            ]
        )
    reasons = [decision_pb2.ReasonCode.Name(decision.use.reason_code).removeprefix("REASON_CODE_") for decision in answer.decisions]
    assert reasons == ["PURPOSE_UNKNOWN", "PURPOSE_UNKNOWN", "RECIPIENT_NOT_COVERED", "CHANNEL_NOT_COVERED"]
    assert {decision.outcome for decision in answer.decisions} == {decision_pb2.OUTCOME_DENY}


async def test_purpose_laundering_is_denied_by_the_registration_of_now(world):
    """The purpose is published, the subject agreed to it, and the caller is registered for others."""
    async with world.consent_as("crm") as crm, world.consent_as("callcentre") as callcentre:
        await crm.consents.record([said(GIVEN)], request_id=uuid4())
        world.memory.clock.pass_(seconds=1)
        answer = await callcentre.decisions.decide(question("crm", "42", purpose="loyalty", recipient="callcentre", attributes=["email"]))
    assert answer.decision.outcome == decision_pb2.OUTCOME_DENY
    assert answer.decision.use.reason_code == decision_pb2.REASON_CODE_PURPOSE_NOT_ALLOWED_FOR_CALLER


async def test_somebody_unknown_is_told_of_like_somebody_who_refused(world):
    world.memory.directory.strangers = True
    async with world.consent_as("crm") as services:
        await services.consents.record([said(consent_pb2.EVENT_KIND_REFUSED)], request_id=uuid4())
        refused, unknown = [(await services.decisions.decide(question("crm", key, **ASK))).decision for key in ("42", "nobody")]
    assert len(refused.SerializeToString()) == len(unknown.SerializeToString())
    for decision in (refused, unknown):
        decision.ClearField("decision_id")
        decision.ClearField("pseudonym")
    assert refused == unknown


async def test_a_dry_run_has_no_id_and_is_not_to_be_kept(world):
    async with world.consent_as("crm") as services:
        answer = await services.decisions.decide(question("crm", "42", **ASK), decision_pb2.DecisionContext(dry_run=True))
    assert (answer.decision.decision_id, answer.decision.ttl.ToTimedelta().total_seconds()) == ("", 0)


async def test_two_callers_know_one_subject_by_different_names(world):
    async with world.consent_as("crm") as crm, world.consent_as("callcentre") as callcentre:
        ours = (await crm.decisions.decide(question("crm", "42", **ASK))).decision.pseudonym
        theirs = (await callcentre.decisions.decide(question("crm", "42", purpose="service", recipient="callcentre"))).decision.pseudonym
    assert ours
    assert theirs
    assert ours != theirs


async def test_a_request_is_recorded_once_and_its_id_is_not_for_another(world):
    request_id = uuid4()
    async with world.consent_as("crm") as services:
        first = await services.consents.record([said(GIVEN)], request_id=request_id)
        again = await services.consents.record([said(GIVEN)], request_id=request_id)
        with pytest.raises(CallFailedError) as caught:
            await services.consents.record([said(WITHDRAWN)], request_id=request_id)
        page = await services.consents.events("crm", "42")
    assert first == again
    assert (caught.value.refusal.code, caught.value.refusal.reason) == ("INVALID_ARGUMENT", "REQUEST_ID_REUSED")
    assert [event.event_id for event in page.events] == list(first.event_ids)


async def test_one_fault_in_a_batch_records_nothing_and_names_its_place(world):
    async with world.consent_as("crm") as services:
        with pytest.raises(CallFailedError) as caught:
            await services.consents.record([said(GIVEN), said(GIVEN, channel="sms")], request_id=uuid4())
        page = await services.consents.events("crm", "42")
    told = caught.value.refusal
    assert (told.code, told.reason, [violation.field for violation in told.violations]) == (
        "INVALID_ARGUMENT", "INVALID_EVENT", ["expressions[1].channel"],
    )  # fmt: skip
    assert list(page.events) == []


async def test_a_published_version_never_changes(world):
    other = purpose_pb2.Purpose()
    other.CopyFrom(LOYALTY)
    other.attributes.append("phone")
    async with world.consent_as("editor") as services:
        await services.catalog.publish_purpose(LOYALTY, request_id=uuid4())
        with pytest.raises(CallFailedError) as caught:
            await services.catalog.publish_purpose(other, request_id=uuid4())
        page = await services.catalog.purposes()
        shown = await services.catalog.notice("loyalty-notice")
    assert (caught.value.refusal.code, caught.value.refusal.reason) == ("FAILED_PRECONDITION", "VERSION_IS_PUBLISHED")
    assert list(page.purposes) == [LOYALTY]
    assert len(shown.digest) == 32


async def test_a_bad_purpose_is_refused_by_its_fields(world):
    bad = purpose_pb2.Purpose()
    bad.CopyFrom(LOYALTY)
    bad.version, bad.retention = 2, "for ever"
    bad.notice_id = "nowhere"
    async with world.consent_as("editor") as services:
        with pytest.raises(CallFailedError) as caught:
            await services.catalog.publish_purpose(bad, request_id=uuid4())
    told = caught.value.refusal
    assert (told.code, told.reason) == ("INVALID_ARGUMENT", "INVALID_CATALOGUE")
    assert {"purpose.retention", "purpose.notice_id"} <= {violation.field for violation in told.violations}


async def test_a_withdrawal_is_heard_by_who_watches_and_matches_its_decisions(world):
    async with asyncio.timeout(10), world.consent_as("crm") as services:
        answer = await services.decisions.decide(question("crm", "42", **ASK))
        stream = services.decisions.watch(purpose="loyalty", recipient="crm", from_revision=answer.revision)
        await services.consents.record([said(GIVEN)], request_id=uuid4())
        withdrawn = await services.consents.record([said(WITHDRAWN)], request_id=uuid4())
        heard = []
        async for told in stream:
            heard += told.revocations
            if told.revision == withdrawn.revision:
                break
        await stream.aclose()
    assert [(one.event, one.purpose, one.pseudonym) for one in heard] == [(WITHDRAWN, "loyalty", answer.decision.pseudonym)]


async def test_a_receipt_is_for_who_may_see_the_record(world):
    async with world.consent_as("crm") as services:
        recorded = await services.consents.record([said(GIVEN)], request_id=uuid4())
        receipt = await services.consents.receipt("crm", "42", UUID(recorded.event_ids[0]))
        with pytest.raises(CallFailedError) as caught:
            await services.consents.receipt("crm", "43", UUID(recorded.event_ids[0]))
    assert receipt.event_id == recorded.event_ids[0]
    verified = verify_receipt(receipt.document, PublicKeySet([RECEIPT_KEY.public]), check_profile)
    assert verified.record["dct:identifier"] == receipt.event_id
    assert verified.key_id == receipt.key_id
    assert (caught.value.refusal.code, caught.value.refusal.reason) == ("NOT_FOUND", "EVENT_NOT_FOUND")


async def test_no_key_of_any_record_is_in_the_log(world):
    async with world.consent_as("crm") as services:
        await services.consents.record([said(GIVEN, "zoe@mail.example")], request_id=uuid4())
        await services.decisions.decide(question("crm", "zoe@mail.example", **ASK))
    assert world.lines
    assert "mail.example" not in "".join(world.lines)
