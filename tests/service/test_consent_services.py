"""Each RPC of consent, over real mTLS: what it asks of its use case and what it answers."""

from __future__ import annotations

import asyncio
from datetime import UTC, timedelta
from uuid import UUID

import pytest
from entente.consent.v1 import consent_pb2, decision_pb2, purpose_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from consent.domain.catalogue import CatalogueError, LineFault
from consent.domain.decision import Request
from consent.domain.errors import ConsentError, Reason
from consent.domain.event import Actor, Assurance, EventKind, Method
from consent.usecases.watch_revocations import Revoked, WatchRevocations
from services.consent.catalogue_fields import lines_of
from services.consent.client import CallFailedError, question
from services.consent.error_catalog import CATALOG, DOMAIN
from services.consent.publishing import notice_message, purpose_message
from services.rpc.errors import FieldViolation
from services.rpc.limits import Limits
from tests.fakes.consent_usecases import DECISION, EVENT, GIVEN, NOON, NOTICE, PURPOSE, PlainNames
from tests.service.test_errors import refusal

REQUEST = UUID("01934f7e-6b5a-7c3d-8e21-5d1f0a9b8c7d")
NAMES = PlainNames()
LOYALTY = question("crm", "42", purpose="loyalty", recipient="crm", attributes=["email", "national_id"])
WATCH = {"purpose": "loyalty", "recipient": "crm"}


def said(**fields: object) -> consent_pb2.ConsentExpression:
    """A sound permission, but for ``fields``."""
    sound = {
        "record": consent_pb2.RecordName(source="crm", record_key="42"),
        "event": consent_pb2.EVENT_KIND_GIVEN,
        "purpose": "offers-email",
        "method": consent_pb2.METHOD_PORTAL,
        "actor": consent_pb2.ACTOR_SELF,
        "assurance": consent_pb2.ASSURANCE_ACCOUNT,
        "language": "fr",
    }
    return consent_pb2.ConsentExpression(**(sound | fields))  # type: ignore[arg-type]  # by name


async def test_an_expression_arrives_whole_and_its_record_only_as_an_anchor(server):
    express = Timestamp()
    express.FromDatetime(NOON)
    one = said(
        channel="email", recipient="marketing", express_time=express, notice_version=3, language="en", valid_until=express,
        evidence="dossier 12", concerns_event_id=str(EVENT),
    )  # fmt: skip
    async with server.consent_as("crm") as services:
        answer = await services.consents.record([one, said(event=consent_pb2.EVENT_KIND_WITHDRAWN, purpose="")], request_id=REQUEST)
    command = server.consent.asked[0]
    given, withdrawn = command.expressions
    assert (command.caller, command.request_id) == ("crm", str(REQUEST))
    assert given.anchor == NAMES.anchor("crm", "42")
    assert (given.kind, given.purpose, given.channel, given.recipient) == (EventKind.GIVEN, "offers-email", "email", "marketing")
    assert (given.method, given.actor, given.assurance) == (Method.PORTAL, Actor.SELF, Assurance.ACCOUNT)
    assert (given.expressed_at, given.valid_until, given.notice_version, given.language) == (NOON, NOON, 3, "en")
    assert (given.evidence, given.concerns) == ("dossier 12", EVENT)
    assert (withdrawn.kind, withdrawn.purpose, withdrawn.expressed_at, withdrawn.notice_version) == (EventKind.WITHDRAWN, None, None, None)
    assert list(answer.event_ids) == [str(UUID(int=1)), str(UUID(int=2))]
    assert answer.revision == "r9"


async def test_the_same_request_has_the_same_body_whoever_sends_it_and_another_has_not(server):
    async with server.consent_as("crm") as services:
        for key in ("42", "42", "43"):
            await services.consents.record([said(record=consent_pb2.RecordName(source="crm", record_key=key))], request_id=REQUEST)
    first, again, other = (command.body for command in server.consent.asked)
    assert first == again != other


async def test_events_are_listed_whole_with_the_revision_as_a_token(server):
    async with server.consent_as("crm") as services:
        page = await services.consents.events("crm", "42", page_size=10, page_token="here")
    command = server.consent.asked[0]
    assert (command.anchor, command.page_size, command.page_token) == (NAMES.anchor("crm", "42"), 10, "here")
    (event,) = page.events
    assert (event.event_id, event.event, event.purpose, event.purpose_version) == (
        str(EVENT),
        consent_pb2.EVENT_KIND_GIVEN,
        "offers-email",
        2,
    )
    assert (event.channel, event.recipient, event.revision) == ("email", "marketing", "r7")
    assert (event.method, event.actor, event.assurance) == (
        consent_pb2.METHOD_PORTAL, consent_pb2.ACTOR_GUARDIAN, consent_pb2.ASSURANCE_ACCOUNT,
    )  # fmt: skip
    assert (event.notice.notice_id, event.notice.version, event.notice.language, len(event.notice.digest)) == ("offers", 3, "fr", 32)
    assert event.express_time.ToDatetime(UTC) == event.record_time.ToDatetime(UTC) == NOON
    assert event.valid_until.ToDatetime(UTC) == NOON + timedelta(days=30)
    assert (event.evidence, event.concerns_event_id) == ("dossier 12", str(DECISION))
    assert page.next_page_token == "next"


async def test_a_receipt_is_asked_for_by_record_and_event_and_comes_byte_for_byte(server):
    async with server.consent_as("crm") as services:
        receipt = await services.consents.receipt("crm", "42", EVENT)
    assert (server.consent.asked[0].anchor, server.consent.asked[0].event_id) == (NAMES.anchor("crm", "42"), EVENT)
    assert (receipt.event_id, receipt.document, receipt.key_id) == (str(EVENT), b'{"a":1}', "k-1")
    assert not receipt.HasField("inclusion_proof")
    assert not receipt.HasField("checkpoint")


async def test_the_catalogue_goes_in_and_comes_out_alike(server):
    async with server.consent_as("editor") as services:
        revision = await services.catalog.publish_purpose(purpose_message(PURPOSE), request_id=REQUEST)
        new = notice_message(NOTICE)
        new.ClearField("digest")
        await services.catalog.publish_notice(new, request_id=REQUEST)
        page = await services.catalog.purposes(page_size=5)
        notice = await services.catalog.notice("offers", 3)
    purpose, published = server.consent.asked[0], server.consent.asked[1]
    assert purpose.purposes == (PURPOSE,)
    assert published.notices[0].text == NOTICE.text
    assert published.notices[0].digest == b""
    assert revision == "r8"
    assert list(page.purposes) == [purpose_message(PURPOSE)]
    assert (page.next_page_token, page.policy_version) == ("next", "c" * 64)
    assert notice == notice_message(NOTICE)
    assert server.consent.asked[3].version == 3


async def test_what_is_wrong_with_a_purpose_is_told_by_its_field(server):
    lines = lines_of("purpose", "offers-email")
    faults = [LineFault(lines["purposes", "offers-email", "basis"], "another ground"), LineFault(0, "nothing fits")]
    server.consent.fails = CatalogueError("purpose", faults)
    async with server.consent_as("editor") as services:
        told = await refusal(server, services.catalog.publish_purpose(purpose_message(PURPOSE), request_id=REQUEST))
    assert (told.code, told.reason, dict(told.metadata)) == ("INVALID_ARGUMENT", "INVALID_CATALOGUE", {"faults": "2"})
    assert told.violations == (FieldViolation("purpose", "nothing fits"), FieldViolation("purpose.legal_basis", "another ground"))


async def test_a_decision_names_its_ground_attribute_by_attribute(server):
    async with server.consent_as("crm") as services:
        answer = await services.decisions.decide(LOYALTY, decision_pb2.DecisionContext(min_revision="r5"))
    command = server.consent.asked[0]
    assert (command.caller, command.min_revision, command.dry_run, command.as_of) == ("crm", 5, False, None)
    (ask,) = command.asks
    assert ask.anchor == NAMES.anchor("crm", "42")
    assert ask.request == Request("crm", "loyalty", "crm", ("email", "national_id"), None)
    told = answer.decision
    assert told.outcome == decision_pb2.OUTCOME_PARTIAL
    assert [ruling.name for ruling in told.attributes] == ["email", "national_id"]
    permit, deny = (ruling.ruling for ruling in told.attributes)
    assert (permit.effect, permit.reason_code) == (decision_pb2.EFFECT_PERMIT, decision_pb2.REASON_CODE_CONSENT_GIVEN)
    assert (permit.legal_basis, permit.consent_event_id, permit.purpose_version) == (purpose_pb2.LEGAL_BASIS_CONSENT, str(EVENT), 2)
    assert permit.notice.startswith("offers/3/")
    assert permit.valid_until.ToDatetime(UTC) == NOON + timedelta(days=30)
    assert (deny.effect, deny.reason_code) == (decision_pb2.EFFECT_DENY, decision_pb2.REASON_CODE_ATTRIBUTE_NOT_NEEDED)
    assert not deny.HasField("valid_until")
    assert (list(told.obligations), told.ttl.ToTimedelta()) == (["show-withdraw-link"], timedelta(milliseconds=500))
    assert (told.decision_id, told.next_step, told.pseudonym) == (str(DECISION), decision_pb2.NEXT_STEP_NONE, "px-1")
    assert dict(told.explanation) == {"fr": "La personne a accepté.", "en": "The person agreed."}
    assert (answer.revision, answer.policy_version) == ("r9", "c" * 64)


@pytest.mark.parametrize(("locale", "languages"), [("fr", {"fr"}), ("en", {"en"}), ("", {"fr", "en"})])
async def test_an_explanation_comes_in_the_language_asked_for_or_in_both(server, locale, languages):
    async with server.consent_as("crm") as services:
        answer = await services.decisions.batch_decide([LOYALTY, LOYALTY], decision_pb2.DecisionContext(locale=locale))
    assert [set(decision.explanation) for decision in answer.decisions] == [languages, languages]


async def test_a_purpose_or_recipient_that_is_not_the_callers_is_asked_for_nobody(server):
    """The use case denies it, with a reason, whatever the registration was when its tables were compiled."""
    async with server.consent_as("crm") as services:
        foreign = question("crm", "42", purpose="offers-email", recipient="crm")
        await services.decisions.batch_decide([LOYALTY, foreign, question("crm", "42", purpose="loyalty", recipient="partner")])
    asked = [(ask.request.caller, ask.request.purpose, ask.request.recipient) for ask in server.consent.asked[0].asks]
    assert asked == [("crm", "loyalty", "crm"), ("", "offers-email", "crm"), ("crm", "loyalty", "")]


async def test_the_past_is_for_officers_and_for_dry_runs(server):
    past = Timestamp()
    past.FromDatetime(NOON)
    about = question("crm", "42", purpose="service", recipient="callcentre")
    dry = decision_pb2.DecisionContext(as_of_time=past, dry_run=True)
    async with server.consent_as("crm") as officer, server.consent_as("callcentre") as desk:
        await officer.decisions.decide(LOYALTY, dry)
        assert (server.consent.asked[0].as_of, server.consent.asked[0].dry_run) == (NOON, True)
        told = await refusal(server, desk.decisions.decide(about, dry))
        assert (told.code, told.reason) == ("PERMISSION_DENIED", "METHOD_NOT_ALLOWED")
        told = await refusal(server, officer.decisions.decide(LOYALTY, decision_pb2.DecisionContext(as_of_time=past)))
        assert [violation.field for violation in told.violations] == ["context.dry_run"]
    assert len(server.consent.asked) == 1


async def test_a_revision_of_nobody_is_refused(server):
    async with server.consent_as("crm") as services:
        told = await refusal(server, services.decisions.decide(LOYALTY, decision_pb2.DecisionContext(min_revision="mine")))
    assert (told.code, told.reason) == ("INVALID_ARGUMENT", "INVALID_REVISION")
    assert server.consent.asked == []


@pytest.mark.parametrize("reason", list(Reason))
async def test_an_error_of_consent_is_told_by_its_catalogue(server, reason):
    server.consent.fails = ConsentError(reason, item=3, field="expressed_at", secret="Zoé Martin")
    async with server.consent_as("crm") as services:
        told = await refusal(server, services.consents.record([said()], request_id=REQUEST))
    spec = CATALOG[reason]
    assert (told.code, told.message, told.domain, told.reason) == (spec.code.name, spec.sentence, DOMAIN, reason.value)
    assert set(told.metadata) == {"item", "field"} & spec.metadata_keys
    fields = {Reason.INVALID_EVENT: ["expressions[3].express_time"], Reason.PURPOSE_NOT_FOUND: ["expressions[3].purpose"]}
    assert [violation.field for violation in told.violations] == fields.get(reason, [])
    assert "Zoé" not in str(told)


async def test_revocations_come_as_they_are_heard_under_the_callers_own_names(server):
    async with server.consent_as("crm") as services:
        stream = services.decisions.watch(**WATCH, from_revision="r3")
        server.consent.heard.put_nowait(Revoked((), 3))
        first = await anext(stream)
        server.consent.heard.put_nowait(Revoked((GIVEN,), 7))
        second = await anext(stream)
        await stream.aclose()
    assert server.consent.asked == [WatchRevocations("crm", "loyalty", "crm", 3)]
    assert (list(first.revocations), first.revision) == ([], "r3")
    (told,) = second.revocations
    assert (told.event, told.purpose, told.channel) == (consent_pb2.EVENT_KIND_GIVEN, "offers-email", "email")
    assert told.pseudonym == NAMES.pseudonym("crm", GIVEN.anchor)
    assert told.record_time.ToDatetime(UTC) == NOON
    assert second.revision == "r7"


async def until(holds) -> None:
    for _ in range(300):
        if holds():
            return
        await asyncio.sleep(0.01)
    assert holds()


async def test_a_watcher_that_goes_away_leaves_nothing_behind(server):
    async with server.consent_as("crm") as services:
        stream = services.decisions.watch(**WATCH)
        server.consent.heard.put_nowait(Revoked((), 1))
        await anext(stream)
        assert server.consent.watching == 1
        await stream.aclose()
        await until(lambda: server.consent.watching == 0)
    await until(lambda: any('"code":"CANCELLED"' in line for line in server.lines))


async def test_a_stream_that_fails_or_is_over_says_so(server):
    async with server.consent_as("crm") as services:
        server.consent.heard.put_nowait(Revoked((), 1))
        server.consent.heard.put_nowait(ConsentError(Reason.READER_TOO_SLOW))
        stream = services.decisions.watch(**WATCH)
        await anext(stream)
        with pytest.raises(CallFailedError) as caught:
            await anext(stream)
        assert (caught.value.refusal.code, caught.value.refusal.reason) == ("ABORTED", "READER_TOO_SLOW")
        with pytest.raises(CallFailedError) as caught:
            await anext(services.decisions.watch(**WATCH, seconds=0.2))
        assert caught.value.refusal.code == "DEADLINE_EXCEEDED"
        server.consent.heard.put_nowait(None)
        assert [heard async for heard in services.decisions.watch(**WATCH)] == []


async def test_the_server_ends_a_stream_after_its_longest_time(start):
    async with start(Limits(stream_seconds=0.2)) as server, server.consent_as("crm") as services:
        with pytest.raises(CallFailedError) as caught:
            await anext(services.decisions.watch(**WATCH))
        assert (caught.value.refusal.code, caught.value.refusal.reason) == ("DEADLINE_EXCEEDED", "DEADLINE_PASSED")
        assert server.consent.watching == 0


async def test_a_stopping_server_ends_its_streams_at_once(start):
    async with start(Limits(drain_seconds=30.0)) as server, server.consent_as("crm") as services:
        stream = services.decisions.watch(**WATCH)
        server.consent.heard.put_nowait(Revoked((), 1))
        await anext(stream)
        stopping = asyncio.create_task(server.rpc.stop())
        with pytest.raises(CallFailedError) as caught:
            await anext(stream)
        assert (caught.value.refusal.code, caught.value.refusal.reason) == ("UNAVAILABLE", "SERVER_STOPPING")
        await asyncio.wait_for(stopping, 5.0)


async def test_watchers_have_places_of_their_own(start):
    async with start(Limits(streams_per_caller=1, calls_per_caller=1)) as server, server.consent_as("crm") as services:
        stream = services.decisions.watch(**WATCH)
        server.consent.heard.put_nowait(Revoked((), 1))
        await anext(stream)
        with pytest.raises(CallFailedError) as caught:
            await anext(services.decisions.watch(**WATCH))
        assert caught.value.refusal.reason == "TOO_MANY_CALLS"
        await services.decisions.decide(LOYALTY)
        await stream.aclose()


async def test_a_watcher_whose_registration_is_taken_back_hears_nothing_more(start, monkeypatch):
    monkeypatch.setattr("services.rpc.registry._RELOAD_SECONDS", 0.0)
    async with start() as server, server.consent_as("webshop") as services:
        registry = server.home / "callers.toml"
        before = registry.read_text()
        try:
            stream = services.decisions.watch(purpose="loyalty", recipient="webshop")
            server.consent.heard.put_nowait(Revoked((), 1))
            await anext(stream)
            registry.write_text(
                before.replace('"site-personalisation"', '"audience"').replace('"service", "loyalty", "aud', '"service", "aud')
            )
            server.consent.heard.put_nowait(Revoked((GIVEN,), 2))
            with pytest.raises(CallFailedError) as caught:
                await anext(stream)
            assert (caught.value.refusal.code, caught.value.refusal.reason) == ("PERMISSION_DENIED", "PURPOSE_NOT_ALLOWED")
        finally:
            registry.write_text(before)


async def test_a_reader_that_takes_nothing_loses_its_place(start):
    """Its window fills, the write waits, and after the time for a message the stream is over."""
    async with start(Limits(write_seconds=0.3)) as server, server.consent_as("crm", 30.0) as services:
        stream = services.decisions._stub.WatchRevocations(_watch(), timeout=30.0)
        for n in range(200):
            server.consent.heard.put_nowait(Revoked((GIVEN,) * 1000, n))
        await stream.read()
        await until(lambda: server.consent.watching == 0)
        await until(lambda: any("DEADLINE_PASSED" in line for line in server.lines))
        stream.cancel()


def _watch():
    from entente.consent.v1 import decision_service_pb2  # noqa: PLC0415 - beside its only use

    return decision_service_pb2.WatchRevocationsRequest(**WATCH)
