"""Profiles over mTLS with both contexts behind the edge: real sealing, the real gate, the starter catalogue, memory stores."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from entente.consent.v1 import consent_pb2
from entente.identity.v1 import record_service_pb2
from entente.identity.v1 import resolution_service_pb2 as pb

from consent.adapters.starter_catalogue import starter_catalogue
from consent.domain.anchor import Anchor
from consent.domain.tables import Scope
from consent.usecases.publish_catalogue import CataloguePublisher
from identity.adapters.keyring.key_file import open_key_file
from identity.adapters.memory import MemoryTransactor
from identity.adapters.sealing import AesGcmSealer, open_sealer
from identity.domain.model.model import Model
from identity.domain.personal import Access
from identity.domain.source_record import RecordRef
from services.rpc.limits import Limits
from services.rpc.log import EventLog
from services.rpc.telemetry import silent_telemetry
from services.wiring.callers import list_callers
from services.wiring.grpc_server import build_server
from services.wiring.identity import build_identity
from services.wiring.storing import Store
from services.workflows.consent_gate import ConsentGate
from services.workflows.subject_directory import IdentityDirectory
from tests.builders.consenting_services import ConsentInMemory, TestClock
from tests.builders.identities import OneModel, people
from tests.fakes.identity_usecases import ScriptedUseCases
from tests.service.conftest import Running

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ZOE = {"given_name": "Zoé", "family_name": "Lefèvre", "birth_date": "1984-02-29", "email": "zoe.lefevre@mail.example"}
CRM = ZOE | {"phone": "06 12 34 56 78", "national_id": "2840275115001"}
SHOP = ZOE | {"given_name": "Zoé-Anne", "postal_code": "44000"}
KEY = "key-of-a-record-84"
PERSONAL = {"purpose": "site-personalisation", "recipient": "webshop"}


class Keyed:
    """Names anchors as wiring does."""

    def __init__(self, sealer: AesGcmSealer) -> None:
        self._sealer = sealer

    def anchor(self, source: str, key: str) -> Anchor:
        return Anchor(*self._sealer.address(RecordRef(source, key)))


class World(Running):
    """A running deployment, and the memory behind it."""

    memory: ConsentInMemory


@pytest.fixture
async def world(settings, tmp_path) -> AsyncIterator[World]:
    """Two source systems that know Zoé, and nobody has said anything."""
    running = World("", settings.home, ScriptedUseCases())
    scopes = {name: Scope(caller.purposes, caller.recipients) for name, caller in list_callers(settings.home).items()}
    running.memory = memory = ConsentInMemory(TestClock(NOON), scopes)
    await CataloguePublisher(transactor=memory.transactor, clock=memory.clock)(starter_catalogue())
    transactor = MemoryTransactor()
    sealer = await open_sealer(transactor, open_key_file(tmp_path / "keys"), Access("tests"))
    store = Store(transactor, sealer, OneModel(people()), None, Model(people()), None)  # type: ignore[arg-type]  # memory for PostgreSQL
    gate = ConsentGate(hearing=memory.transactor, scopes=scopes, clock=memory.clock)
    context = build_identity(settings, store, gate)
    memory.directory = IdentityDirectory(context.subjects_of)  # type: ignore[assignment]  # the real one
    memory.anchors = Keyed(sealer)  # type: ignore[assignment]  # likewise
    server = build_server(
        settings,
        context.served,
        consent=memory.usecases(),
        log=EventLog(running.lines.append),
        limits=Limits(drain_seconds=0.2),
        telemetry=silent_telemetry(),
    )
    running.address = f"127.0.0.1:{await server.start('127.0.0.1:0')}"
    async with running.as_("crm") as crm, running.as_("webshop") as webshop:
        await crm.records.ingest("crm", {KEY: CRM}, request_id=uuid4())
        taken: record_service_pb2.IngestRecordsResponse = await webshop.records.ingest("webshop", {KEY: SHOP}, request_id=uuid4())
        assert taken.created_count == 1
    yield running
    await server.stop()


async def said(world: World, caller: str, event: consent_pb2.EventKind.ValueType, purpose: str) -> None:
    expression = consent_pb2.ConsentExpression(
        record=consent_pb2.RecordName(source=caller, record_key=KEY),
        event=event,
        purpose=purpose,
        method=consent_pb2.METHOD_PORTAL,
        actor=consent_pb2.ACTOR_SELF,
        assurance=consent_pb2.ASSURANCE_ACCOUNT,
        language="fr",
    )
    world.memory.clock.pass_(minutes=1)
    async with world.consent_as(caller) as services:
        await services.consents.record([expression], request_id=uuid4())


async def profile(world: World, *attributes: str, caller: str = "webshop", key: str = KEY, **use: str) -> pb.GetProfileResponse:
    source = caller if caller in {"crm", "webshop"} else "crm"
    async with world.as_(caller) as services:
        return await services.resolution.profile(source, key, attributes=attributes, **(use or PERSONAL))


def values(answer: pb.GetProfileResponse) -> dict[str, tuple[str, str]]:
    return {one.name: (one.value, one.source) for one in answer.attributes if one.value}


async def test_the_call_centre_sees_all_silos_at_once_and_only_what_serving_needs(world):
    answer = await profile(world, caller="callcentre", purpose="service", recipient="callcentre")
    assert answer.outcome == pb.PROFILE_OUTCOME_PERMIT
    assert answer.pseudonym
    assert values(answer) == {
        "given_name": ("Zoé-Anne", "webshop"),
        "family_name": ("Lefèvre", "webshop"),
        "birth_date": ("1984-02-29", "webshop"),
        "email": ("zoe.lefevre@mail.example", "webshop"),
        "phone": ("06 12 34 56 78", "crm"),
        "postal_code": ("44000", "webshop"),
    }
    assert {one.ruling.reason_code for one in answer.attributes} == {"OTHER_GROUND"}
    assert "national_id" not in {one.name for one in answer.attributes}
    assert KEY not in str(answer)


async def test_a_home_page_is_made_of_what_was_agreed_to_on_the_record_that_it_comes_from(world):
    silent = await profile(world)
    await said(world, "webshop", consent_pb2.EVENT_KIND_GIVEN, "site-personalisation")
    agreed = await profile(world)
    await said(world, "webshop", consent_pb2.EVENT_KIND_WITHDRAWN, "site-personalisation")
    withdrawn = await profile(world)
    assert (values(silent), {one.ruling.reason_code for one in silent.attributes}) == ({}, {"NO_CONSENT"})
    assert values(agreed) == {"given_name": ("Zoé-Anne", "webshop"), "postal_code": ("44000", "webshop")}
    assert all(one.ruling.consent_event_id and one.ruling.HasField("valid_until") for one in agreed.attributes)
    assert (values(withdrawn), withdrawn.pseudonym) == ({}, "")
    assert {one.ruling.reason_code for one in withdrawn.attributes} == {"WITHDRAWN"}


async def test_more_than_the_purpose_needs_is_not_to_be_had_by_asking(world):
    await said(world, "webshop", consent_pb2.EVENT_KIND_GIVEN, "site-personalisation")
    answer = await profile(world, "email", "given_name", "national_id")
    assert [(one.name, bool(one.value), one.ruling.reason_code) for one in answer.attributes] == [
        ("email", False, "ATTRIBUTE_NOT_NEEDED"), ("given_name", True, "CONSENT_GIVEN"), ("national_id", False, "ATTRIBUTE_NOT_NEEDED"),
    ]  # fmt: skip
    assert answer.outcome == pb.PROFILE_OUTCOME_PARTIAL


async def test_somebody_who_said_no_and_somebody_unknown_get_the_same_bytes(world):
    await said(world, "webshop", consent_pb2.EVENT_KIND_REFUSED, "site-personalisation")
    refused, unknown = await profile(world), await profile(world, key="nobody")
    assert refused.SerializeToString(deterministic=True) == unknown.SerializeToString(deterministic=True)
