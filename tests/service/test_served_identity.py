"""The whole context behind the edge: real use cases, real sealing, memory stores, real mTLS."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from entente.identity.v1 import comparison_pb2, judgement_pb2, source_record_pb2, unified_identity_pb2

from identity.adapters.keyring.key_file import open_key_file
from identity.adapters.memory import MemoryTransactor
from identity.adapters.sealing import open_sealer
from identity.domain.model.model import Model
from identity.domain.personal import Access
from services.identity.client import CallFailedError, query
from services.rpc.limits import Limits
from services.rpc.log import EventLog
from services.rpc.telemetry import silent_telemetry
from services.wiring.grpc_server import build_server
from services.wiring.identity import build_identity
from services.wiring.storing import Store
from tests.builders.identities import OneModel, people
from tests.fakes.identity_usecases import ScriptedUseCases
from tests.fakes.open_gate import WARNING, OpenGate
from tests.service.conftest import Running

ZOE = {"given_name": "Zoé", "family_name": "Lefèvre", "birth_date": "1984-02-29", "email": "zoe.lefevre@mail.example"}
ADAM = {"given_name": "Adam", "family_name": "Petit", "birth_date": "1990-07-21", "email": "adam@mail.example"}
AS_CRM = {"purpose": "service", "recipient": "crm"}
AS_CALLCENTRE = {"purpose": "service", "recipient": "callcentre"}
AS_DESK = {"purpose": "service", "recipient": "desk"}
AS_STEWARD = {"purpose": "unification", "recipient": "steward"}


@pytest.fixture
async def world(settings, tmp_path) -> AsyncIterator[Running]:
    """Two silos that know Zoé, one of which knows Adam."""
    transactor = MemoryTransactor()
    sealer = await open_sealer(transactor, open_key_file(tmp_path / "keys"), Access("tests"))
    store = Store(transactor, sealer, OneModel(people()), None, Model(people()), None)  # type: ignore[arg-type]  # memory for PostgreSQL
    context = build_identity(settings, store, OpenGate())
    running = Running("", settings.home, ScriptedUseCases())
    server = build_server(
        settings, context.served, log=EventLog(running.lines.append), limits=Limits(drain_seconds=0.2), telemetry=silent_telemetry()
    )
    running.address = f"127.0.0.1:{await server.start('127.0.0.1:0')}"
    async with running.as_("crm") as crm, running.as_("webshop") as webshop:
        await crm.records.ingest("crm", {"1": ZOE, "2": ADAM}, request_id=uuid4())
        await webshop.records.ingest("webshop", {"A7": {**ZOE, "given_name": "zoe", "family_name": "LEFEVRE"}}, request_id=uuid4())
    yield running
    await server.stop()


async def test_two_silos_know_one_person_and_each_recipient_its_own_pseudonym(world):
    async with world.as_("callcentre") as callcentre, world.as_("desk") as desk:
        clumsy = {"full_name": "LEFEVRE zoe", "birth_date": "29/02/1984", "email": "ZOE.LEFEVRE@mail.example"}
        heard = await callcentre.resolution.resolve(**AS_CALLCENTRE, attributes=clumsy)
        one = await desk.resolution.resolve(**AS_DESK, record=("crm", "1"))
        other = await desk.resolution.resolve(**AS_DESK, record=("webshop", "A7"))
        adam = await desk.resolution.resolve(**AS_DESK, record=("crm", "2"))
    assert heard.resolution.grade == comparison_pb2.GRADE_CERTAIN
    assert heard.resolution.reasons
    assert one.resolution.pseudonym == other.resolution.pseudonym != adam.resolution.pseudonym
    assert heard.resolution.pseudonym != one.resolution.pseudonym, "two recipients cannot join their files"
    assert WARNING in heard.warnings


async def test_nobody_known_is_an_answer_of_the_same_shape(world):
    async with world.as_("callcentre") as services:
        stranger = await services.resolution.resolve(**AS_CALLCENTRE, attributes={"given_name": "Inconnue", "birth_date": "1971-01-05"})
        no_record = await services.resolution.resolve(**AS_CALLCENTRE, record=("crm", "nobody"))
    for answer in (stranger, no_record):
        assert answer.resolution.grade == comparison_pb2.GRADE_NONE
        assert (answer.resolution.pseudonym, list(answer.resolution.candidates)) == ("", [])


async def test_a_batch_gives_the_answers_that_single_calls_give(world):
    queries = [query(record=("crm", "2")), query(ZOE), query({"given_name": "Nul"}), query(record=("webshop", "A7"))]
    async with world.as_("desk") as services:
        batch = await services.resolution.batch_resolve(queries, **AS_DESK, explain=True)
        single = [
            await services.resolution.resolve(**AS_DESK, record=("crm", "2")),
            await services.resolution.resolve(**AS_DESK, attributes=ZOE),
            await services.resolution.resolve(**AS_DESK, attributes={"given_name": "Nul"}),
            await services.resolution.resolve(**AS_DESK, record=("webshop", "A7")),
        ]
    assert list(batch.resolutions) == [answer.resolution for answer in single]
    assert WARNING in batch.warnings


async def test_an_explanation_adds_up_and_holds_no_value(world):
    async with world.as_("desk") as services:
        told = await services.resolution.explain(("crm", "1"), ("webshop", "A7"), **AS_DESK)
    assert told.match_weight == pytest.approx(told.prior_weight + sum(reason.weight for reason in told.reasons))
    assert told.decision_weight <= told.match_weight
    assert told.same_identity
    assert not any(value.lower() in str(told).lower() for value in (*ZOE.values(), "lefevre", "zoe"))
    assert WARNING in told.warnings


async def test_a_caller_cannot_explain_a_probe_against_a_record_of_another_silo(world):
    """Guessed values, ingested as one's own and explained against somebody else's record, would be told warm or cold."""
    async with world.as_("crm") as crm, world.as_("webshop") as webshop:
        await crm.records.ingest("crm", {"probe": {**ZOE, "birth_date": "1984-01-01"}}, request_id=uuid4())
        theirs = UUID((await webshop.records.status("webshop", "A7")).record_id)
        refusals = []
        for other in (theirs, UUID(int=5), ("webshop", "A7")):
            for pair in ((("crm", "probe"), other), (other, ("crm", "probe"))):
                with pytest.raises(CallFailedError) as caught:
                    await crm.resolution.explain(*pair, **AS_CRM)
                refusals.append((caught.value.refusal.code, caught.value.refusal.reason))
    assert refusals == [("NOT_FOUND", "RECORD_NOT_FOUND")] * 4 + [("PERMISSION_DENIED", "SOURCE_NOT_ALLOWED")] * 2


async def test_a_repeated_request_is_answered_again_without_effect_and_another_body_is_refused(world):
    request_id = uuid4()
    async with world.as_("crm") as services:
        first = await services.records.ingest("crm", {"9": ADAM, "": ADAM}, request_id=request_id)
        again = await services.records.ingest("crm", {"9": ADAM, "": ADAM}, request_id=request_id)
        unchanged = await services.records.ingest("crm", {"9": ADAM}, request_id=uuid4())
        with pytest.raises(CallFailedError) as caught:
            await services.records.ingest("crm", {"9": ZOE}, request_id=request_id)
        status = await services.records.status("crm", "9")
    assert first == again
    assert (first.created_count, len(first.rejected_records)) == (1, 1)
    assert (unchanged.created_count, unchanged.unchanged_count) == (0, 1)
    assert caught.value.refusal.reason == "REQUEST_ID_REUSED"
    assert status.version == 1


async def test_a_deleted_record_is_nobody_and_deleting_twice_is_no_error(world):
    async with world.as_("crm") as services:
        await services.records.delete("crm", "2", request_id=uuid4())
        await services.records.delete("crm", "2", request_id=uuid4())
        status = await services.records.status("crm", "2")
        answer = await services.resolution.resolve(**AS_CRM, record=("crm", "2"))
        with pytest.raises(CallFailedError) as caught:
            await services.records.delete("crm", "nobody", request_id=uuid4())
    assert status.state == source_record_pb2.RECORD_STATE_DELETED
    assert answer.resolution.grade == comparison_pb2.GRADE_NONE
    assert (caught.value.refusal.code, caught.value.refusal.reason) == ("NOT_FOUND", "RECORD_NOT_FOUND")


async def test_a_steward_parts_what_the_machine_joined_and_the_old_id_answers_for_ever(world):
    async with world.as_("steward") as steward, world.as_("desk") as desk:
        joined = await steward.records.status("crm", "1")
        request_id = uuid4()
        judged = await steward.stewardship.judge(("crm", "1"), ("webshop", "A7"), judgement_pb2.VERDICT_DIFFERENT, request_id=request_id)
        again = await steward.stewardship.judge(("crm", "1"), ("webshop", "A7"), judgement_pb2.VERDICT_DIFFERENT, request_id=request_id)
        history = await steward.stewardship.history(UUID(joined.identity_id), **AS_STEWARD)
        one = await desk.resolution.resolve(**AS_DESK, record=("crm", "1"))
        other = await desk.resolution.resolve(**AS_DESK, record=("webshop", "A7"))
        with pytest.raises(CallFailedError) as caught:
            await steward.stewardship.judge(("crm", "1"), ("crm", "1"), judgement_pb2.VERDICT_SAME, request_id=uuid4())
    assert judged.left_identity_id != judged.right_identity_id
    assert again == judged, "the request is answered again, not judged again"
    assert set(history.answering_identity_ids) <= {judged.left_identity_id, judged.right_identity_id}
    assert history.answering_identity_ids
    assert history.events
    assert one.resolution.pseudonym != other.resolution.pseudonym
    assert caught.value.refusal.reason == "JUDGEMENT_ON_ITSELF"


async def test_a_split_takes_records_out_for_good(world):
    async with world.as_("steward") as steward:
        status = await steward.records.status("crm", "1")
        request_id = uuid4()
        split = await steward.stewardship.split(UUID(status.identity_id), [UUID(status.record_id)], request_id=request_id)
        again = await steward.stewardship.split(UUID(status.identity_id), [UUID(status.record_id)], request_id=request_id)
        history = await steward.stewardship.history(UUID(status.identity_id), **AS_STEWARD)
        with pytest.raises(CallFailedError) as caught:
            await steward.stewardship.split(UUID(int=5), [UUID(status.record_id)], request_id=uuid4())
        queue = await steward.stewardship.review_pairs(**AS_STEWARD)
    assert len(split.identity_ids) == 2
    assert again == split
    assert history.identity.state in {unified_identity_pb2.IDENTITY_STATE_SPLIT, unified_identity_pb2.IDENTITY_STATE_CURRENT}
    assert caught.value.refusal.reason == "IDENTITY_NOT_FOUND"
    assert WARNING in queue.warnings
    with pytest.raises(CallFailedError) as caught:
        async with world.as_("steward") as steward:
            await steward.stewardship.review_pairs(**AS_STEWARD, page_token="not ours")
    assert caught.value.refusal.reason == "INVALID_PAGE_TOKEN"


async def test_no_value_of_any_record_reaches_the_log(world):
    async with world.as_("callcentre") as services:
        await services.resolution.resolve(**AS_CALLCENTRE, attributes=ZOE)
    text = "".join(world.lines).lower()
    assert text.count('"event":"call"') == 3
    assert not any(value.lower() in text for value in (*ZOE.values(), *ADAM.values(), "lefevre"))
