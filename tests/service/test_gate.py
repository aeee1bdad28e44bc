"""Identity behind consent: real stores in PostgreSQL, real sealing, real mTLS. What people chose decides who is told and who is linked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from entente.consent.v1 import consent_pb2
from entente.identity.v1 import comparison_pb2

from consent.domain.anchor import Anchor
from consent.domain.errors import ConsentError, Reason
from consent.ports.hearing import Heard
from identity.adapters.system import SystemClock
from identity.usecases.link_batch import LinkBatch
from services.identity.client import CallFailedError
from services.rpc.limits import Limits
from services.rpc.log import EventLog
from services.rpc.telemetry import silent_telemetry
from services.settings import read_settings
from services.wiring.callers import add_caller, prepare_callers
from services.wiring.consent import build_consent
from services.wiring.consent_store import ConsentStore, publish_starter
from services.wiring.grpc_server import build_server
from services.wiring.identity import IdentityContext, build_identity, open_gated
from services.wiring.scopes import RegisteredScopes
from services.workflows.consent_gate import ConsentGate
from services.workflows.subject_directory import IdentityDirectory
from tests.fakes.identity_usecases import ScriptedUseCases
from tests.service.conftest import Running

ZOE = {"given_name": "Zoé", "family_name": "Lefèvre", "birth_date": "1984-02-29", "email": "zoe.lefevre@mail.example"}
ADAM = {"given_name": "Adam", "family_name": "Petit", "birth_date": "1990-07-21", "email": "adam@mail.example"}
STRANGER = {"given_name": "Inconnue", "family_name": "Nulle-Part", "birth_date": "1971-01-05", "email": "inconnue@mail.example"}
GIVEN, WITHDRAWN = consent_pb2.EVENT_KIND_GIVEN, consent_pb2.EVENT_KIND_WITHDRAWN
OBJECTED, RESTRICTED = consent_pb2.EVENT_KIND_OBJECTED, consent_pb2.EVENT_KIND_RESTRICTED
CERTAIN, NONE = comparison_pb2.GRADE_CERTAIN, comparison_pb2.GRADE_NONE
AS_CRM = {"purpose": "service", "recipient": "crm"}
AS_SHOP = {"purpose": "service", "recipient": "webshop"}
AS_MARKETING = {"purpose": "offers-email", "recipient": "marketing"}


class Deployment(Running):
    """Both contexts on one database, served."""

    who: IdentityContext
    consent_store: ConsentStore

    async def say(self, event: int, key: str, purpose: str | None, *, source: str = "crm") -> str:
        """Record what somebody said on a record; return the revision from which on it counts."""
        said = consent_pb2.ConsentExpression(
            record=consent_pb2.RecordName(source=source, record_key=key),
            event=event,
            purpose=purpose,
            method=consent_pb2.METHOD_PORTAL,
            actor=consent_pb2.ACTOR_SELF,
            assurance=consent_pb2.ASSURANCE_ACCOUNT,
            language="fr",
        )
        async with self.consent_as(source) as services:
            return (await services.consents.record([said], request_id=uuid4())).revision

    async def ingest(self, source: str, records: dict[str, dict[str, str]]) -> None:
        async with self.as_(source) as services:
            await services.records.ingest(source, records, request_id=uuid4())

    async def status(self, key: str) -> str:
        """Return the id of a record's identity, as a steward is told it."""
        async with self.as_("steward") as services:
            return (await services.records.status("crm", key)).identity_id

    async def home_of(self, *records: tuple[str, str]) -> list[str]:
        """Return the pseudonyms under which one recipient knows records: equal ones are one identity."""
        async with self.as_("crm") as services:
            return [(await services.resolution.resolve(**AS_CRM, record=record)).resolution.pseudonym for record in records]


@pytest.fixture
async def world(tmp_path, clean_database) -> AsyncIterator[Deployment]:
    """Two silos that know Zoé as one person, one of which knows Adam; the starter catalogue, and nobody has said anything."""
    home = tmp_path / "home"
    now = datetime.now(UTC)
    prepare_callers(home, now)
    text = (home / "callers.toml").read_text()
    # one desk that may name both silos' records, to look at who is linked with whom
    crm = text.index("[callers.crm]")
    shared = text[:crm] + text[crm:].replace('sources = ["crm"]', 'sources = ["crm", "webshop"]', 1)
    (home / "callers.toml").write_text(shared)
    (home / "callers.toml").chmod(0o600)
    add_caller(home, "steward", methods=["GetIdentityHistory", "GetRecordStatus"], purposes=["unification"], sources=["crm"], now=now)
    add_caller(home, "stranger", methods=["ResolveIdentity"], purposes=["service"], now=now)
    settings = replace(read_settings({}), home=home)
    scopes = RegisteredScopes(settings)
    async with open_gated(settings, clean_database, scopes) as (identity, store):
        await publish_starter(store)
        consent = build_consent(settings, identity.store, store, IdentityDirectory(identity.subjects_of), scopes)
        running = Deployment("", home, ScriptedUseCases())
        running.who, running.consent_store = identity, store
        server = build_server(
            settings,
            identity.served,
            consent=consent.served,
            log=EventLog(running.lines.append),
            limits=Limits(drain_seconds=0.2),
            telemetry=silent_telemetry(),
        )
        running.address = f"127.0.0.1:{await server.start('127.0.0.1:0')}"
        try:
            await running.ingest("crm", {"1": ZOE, "2": ADAM})
            await running.ingest("webshop", {"A7": {**ZOE, "given_name": "zoe", "family_name": "LEFEVRE"}})
            yield running
        finally:
            await server.stop()


async def test_a_fresh_deployment_answers_for_a_contract_and_for_no_advertising(world):
    async with world.as_("webshop") as shop, world.as_("marketing") as marketing:
        served = await shop.resolution.resolve(**AS_SHOP, attributes=ZOE)
        advertised = await marketing.resolution.resolve(**AS_MARKETING, attributes=ZOE)
    assert served.resolution.grade == CERTAIN
    assert advertised.resolution.grade == NONE
    assert not served.warnings


async def test_a_withdrawal_is_in_force_in_the_very_next_resolve(world):
    heard = []
    async with world.as_("marketing") as marketing:
        for _ in range(5):
            for event in (GIVEN, WITHDRAWN):
                await world.say(event, "2", "offers-email")
                heard.append((await marketing.resolution.resolve(**AS_MARKETING, attributes=ADAM)).resolution.grade)
    assert heard == [CERTAIN, NONE] * 5


async def test_a_no_in_one_silo_is_a_no_in_the_other(world):
    async with world.as_("webshop") as shop:
        before = await shop.resolution.resolve(**AS_SHOP, record=("webshop", "A7"))
        await world.say(RESTRICTED, "1", None)
        after = await shop.resolution.resolve(**AS_SHOP, record=("webshop", "A7"))
    assert (before.resolution.grade, after.resolution.grade) == (CERTAIN, NONE)


async def test_somebody_who_refused_looks_like_somebody_unknown(world):
    await world.say(RESTRICTED, "2", None)
    async with world.as_("crm") as crm:
        refused = [await crm.resolution.resolve(**AS_CRM, attributes=ADAM), await crm.resolution.resolve(**AS_CRM, record=("crm", "2"))]
        unknown = [
            await crm.resolution.resolve(**AS_CRM, attributes=STRANGER),
            await crm.resolution.resolve(**AS_CRM, record=("crm", "nobody")),
        ]
    assert refused == unknown
    assert refused[0].resolution.grade == NONE


async def test_who_objects_to_being_joined_is_taken_apart_at_the_next_look_and_stays_apart(world):
    records = [("crm", "1"), ("webshop", "A7")]
    joined = await world.home_of(*records)
    await world.say(OBJECTED, "1", "unification")
    await world.ingest("crm", {"1": {**ZOE, "phone": "0639980012"}})
    parted = await world.home_of(*records)
    await world.ingest("webshop", {"A7": ZOE, "A8": ZOE})
    again = await world.home_of(*records, ("webshop", "A8"))
    report = await world.who.link_batch(LinkBatch(churn_budget=1.0))
    linked = await world.home_of(*records, ("webshop", "A8"))
    assert joined[0] == joined[1]
    assert parted[0] != parted[1]
    assert len(set(again)) == 3, "the no stays with both records, and a third is joined to neither"
    assert linked == again
    assert report.withheld == 2


async def test_a_recipient_that_the_catalogue_does_not_name_learns_nothing_and_is_told_why(world):
    async with world.as_("stranger") as services:
        known, unknown = [
            await services.resolution.resolve(purpose="service", recipient="stranger", attributes=asked) for asked in (ZOE, STRANGER)
        ]
    assert known == unknown
    assert known.resolution.grade == NONE
    assert known.warnings == ["The recipient is not among those to whom this use gives access."]


async def test_a_steward_sees_the_history_of_an_identity_that_is_gone_unless_its_person_objected(world):
    for key, grade in (("2", True), ("1", False)):
        status = await world.status(key)
        if not grade:
            await world.say(OBJECTED, key, "unification")
        async with world.as_("crm") as crm, world.as_("steward") as steward:
            await crm.records.delete("crm", key, request_id=uuid4())
            ask = steward.stewardship.history(UUID(status), purpose="unification", recipient="steward")
            if grade:
                assert (await ask).identity.identity_id == status
                continue
            with pytest.raises(CallFailedError) as caught:
                await ask
            assert caught.value.refusal.reason == "IDENTITY_NOT_FOUND"


class DeadHearing:
    """A store that is away."""

    async def heard(self, anchors: Collection[Anchor]) -> Heard:
        raise ConsentError(Reason.STORE_UNAVAILABLE, cause="unreachable", attempts=3)


async def test_when_consents_store_is_away_nothing_is_told_and_nothing_is_linked(world):
    gate = ConsentGate(hearing=DeadHearing(), scopes=RegisteredScopes(replace(read_settings({}), home=world.home)), clock=SystemClock())
    closed = build_identity(replace(read_settings({}), home=world.home), world.who.store, gate)
    running = Running("", world.home, ScriptedUseCases())
    server = build_server(
        replace(read_settings({}), home=world.home),
        closed.served,
        log=EventLog(running.lines.append),
        limits=Limits(drain_seconds=0.2),
        telemetry=silent_telemetry(),
    )
    running.address = f"127.0.0.1:{await server.start('127.0.0.1:0')}"
    refusals = []
    async with running.as_("crm") as crm:
        for ask in (
            crm.resolution.resolve(**AS_CRM, attributes=ZOE),
            crm.resolution.resolve(**AS_CRM, record=("crm", "1")),
            crm.resolution.explain(("crm", "1"), ("webshop", "A7"), **AS_CRM),
            crm.records.ingest("crm", {"3": ZOE}, request_id=uuid4()),
        ):
            with pytest.raises(CallFailedError) as caught:
                await ask
            refusals.append((caught.value.refusal.code, caught.value.refusal.reason))
    await server.stop()
    assert refusals == [("UNAVAILABLE", "STORE_UNAVAILABLE")] * 4
