"""Each RPC, over real mTLS: what it asks of its use case and what it answers."""

from datetime import UTC
from uuid import UUID

import pytest
from entente.identity.v1 import comparison_pb2, judgement_pb2, resolution_service_pb2, source_record_pb2, unified_identity_pb2

from identity.domain.judgement import Verdict
from identity.domain.personal import Access
from identity.domain.source_record import IdentityId, RecordRef
from identity.ports.purpose_gate import Use
from identity.usecases.get_profile import GetProfile
from identity.usecases.resolve_identity import Candidate, Resolution, ResolveGrade
from services.identity.client import CallFailedError, query
from tests.fakes.identity_usecases import IDENTITY, NOON, OTHER, PROFILE_VALUE, RECORD, WARNING

ACCESS = Access("tests")
REQUEST = UUID("01934f7e-6b5a-7c3d-8e21-5d1f0a9b8c7d")


async def test_resolve_answers_with_a_pseudonym_weights_and_the_gates_warning(server):
    async with server.as_("callcentre") as services:
        answer = await services.resolution.resolve(
            purpose="service", recipient="callcentre", attributes={"given_name": "Zoé", "x_occupation": "fleuriste"}
        )
    asked = server.script.asked[0]
    assert asked.use == Use("callcentre", "service", "callcentre")
    assert asked.attributes.reveal(ACCESS) == {"given_name": "Zoé", "x_occupation": "fleuriste"}
    found = answer.resolution
    assert (found.grade, found.pseudonym, found.match_weight, found.decision_weight) == (comparison_pb2.GRADE_CERTAIN, "ps-1", 21.5, 19.25)
    assert [(r.comparison, r.level, r.weight) for r in found.reasons] == [("given_name", "exact", 7.5)]
    assert list(answer.warnings) == [WARNING]
    assert answer.bundle == "b" * 64
    assert str(UUID(int=7)) not in str(answer), "the internal identity never goes on the wire"


async def test_resolve_by_record_asks_for_that_record(server):
    async with server.as_("callcentre") as services:
        await services.resolution.resolve(purpose="service", recipient="callcentre", record=("crm", "42"))
    assert server.script.asked[0].record == RecordRef("crm", "42")


async def test_an_ambiguous_answer_lists_candidates_and_picks_none(server):
    candidates = (Candidate(IdentityId(UUID(int=7)), "ps-1", 9.0, 8.0, 0.6), Candidate(IdentityId(UUID(int=7)), "ps-2", 9.0, 7.9, 0.5))
    server.script.resolution = Resolution(ResolveGrade.AMBIGUOUS, None, candidates, "b" * 64, truncated=True, notes=("quarantined",))
    async with server.as_("callcentre") as services:
        answer = await services.resolution.resolve(purpose="service", recipient="callcentre", attributes={"city": "Lyon"})
    found = answer.resolution
    assert found.grade == comparison_pb2.GRADE_AMBIGUOUS
    assert found.pseudonym == ""
    assert [candidate.pseudonym for candidate in found.candidates] == ["ps-1", "ps-2"]
    assert found.truncated
    assert found.quarantined


@pytest.mark.parametrize("explain", [True, False])
async def test_batch_answers_in_order_and_explains_on_request_only(server, explain):
    async with server.as_("crm") as services:
        answer = await services.resolution.batch_resolve(
            [query(record=("crm", "1")), query({"email": "zoe@mail.example"})], purpose="service", recipient="crm", explain=explain
        )
    assert [asked.record is not None for asked in server.script.asked[0].queries] == [True, False]
    assert [bool(resolution.reasons) for resolution in answer.resolutions] == [explain, explain]
    assert list(answer.warnings) == [WARNING]


async def test_explain_match_tells_both_sides_of_the_evidence(server):
    async with server.as_("desk") as services:
        answer = await services.resolution.explain(("crm", "1"), ("webshop", "A7"), purpose="service", recipient="desk")
    assert (server.script.asked[0].left, server.script.asked[0].right) == (RecordRef("crm", "1"), RecordRef("webshop", "A7"))
    assert answer.grade == comparison_pb2.PAIR_GRADE_LINK
    assert (answer.prior_weight, answer.household_weight, answer.decision_weight) == (-14.0, -3.0, 19.25)
    assert answer.same_identity
    assert len(answer.household_reasons) == 1


async def test_a_profile_tells_values_with_their_source_and_each_ruling(server):
    async with server.as_("callcentre") as services:
        answer = await services.resolution.profile(
            "crm", "42", purpose="service", recipient="callcentre", attributes=["email", "phone"], channel="phone"
        )
    asked = server.script.asked[0]
    assert asked == GetProfile(Use("callcentre", "service", "callcentre"), RecordRef("crm", "42"), ("email", "phone"), "phone")
    email, phone = answer.attributes
    assert (email.name, email.value, email.source) == ("email", PROFILE_VALUE, "webshop")
    assert email.assurance == resolution_service_pb2.VALUE_ASSURANCE_VERIFIED
    assert (email.ruling.permitted, email.ruling.reason_code, email.ruling.legal_basis) == (True, "CONSENT_GIVEN", "consent")
    assert (email.ruling.consent_event_id, email.ruling.purpose_version, email.ruling.notice) == (str(RECORD), 2, "n/1/ab")
    assert email.ruling.valid_until.ToDatetime(UTC) == NOON
    assert (phone.value, phone.source, phone.ruling.permitted, phone.ruling.reason_code) == ("", "", False, "ATTRIBUTE_NOT_NEEDED")
    assert not phone.ruling.HasField("valid_until")
    assert (answer.outcome, answer.pseudonym) == (resolution_service_pb2.PROFILE_OUTCOME_PARTIAL, "ps-1")
    assert (list(answer.obligations), list(answer.warnings)) == (["show-withdraw-link"], [WARNING])
    assert answer.use.permitted
    assert "42" not in str(answer).replace("5120", ""), "a record key never goes on the wire"


@pytest.mark.parametrize(
    ("attributes", "channel", "fields"),
    [
        (["email", "email"], "", ["attributes"]),
        (["x"] * 101, "", ["attributes", "attributes"]),
        (["email", "E-mail *"], "", ["attributes[1]"]),
        ([], "by pigeon", ["channel"]),
    ],
)
async def test_a_profile_that_is_asked_for_badly_is_refused_field_by_field(server, attributes, channel, fields):
    async with server.as_("callcentre") as services:
        with pytest.raises(CallFailedError) as failed:
            await services.resolution.profile(
                "crm", "42", purpose="service", recipient="callcentre", attributes=attributes, channel=channel
            )
    assert [violation.field for violation in failed.value.refusal.violations] == fields
    assert server.script.asked == []


async def test_ingest_counts_and_tells_each_rejected_record_by_its_place(server):
    async with server.as_("crm") as services:
        answer = await services.records.ingest("crm", {"1": {"city": "Lyon"}, "2": {"city": "Nantes"}, "3": {}}, request_id=REQUEST)
    command = server.script.asked[0]
    assert [record.ref for record in command.records] == [RecordRef("crm", "1"), RecordRef("crm", "2"), RecordRef("crm", "3")]
    assert (command.request.caller, command.request.request_id) == ("crm", str(REQUEST))
    assert (answer.created_count, answer.updated_count) == (2, 0)
    assert [(r.index, r.reason) for r in answer.rejected_records] == [(2, "no-attribute-has-a-value")]


async def test_delete_names_the_record_and_carries_the_request_id(server):
    async with server.as_("crm") as services:
        answer = await services.records.delete("crm", "42", request_id=REQUEST)
    assert server.script.asked[0].ref == RecordRef("crm", "42")
    assert answer.record_id == str(RECORD)


async def test_only_a_steward_sees_the_internal_identity_of_a_record(server):
    async with server.as_("crm") as services:
        plain = await services.records.status("crm", "42")
    async with server.as_("steward") as services:
        full = await services.records.status("crm", "42")
    assert (plain.identity_id, full.identity_id) == ("", str(IDENTITY))
    assert plain.state == source_record_pb2.RECORD_STATE_LIVE
    assert plain.version == 2


async def test_the_author_of_a_judgement_is_the_certificate(server):
    async with server.as_("steward") as services:
        answer = await services.stewardship.judge(RECORD, ("crm", "42"), judgement_pb2.VERDICT_DIFFERENT, request_id=REQUEST)
    command = server.script.asked[0]
    assert (command.left, command.right, command.verdict, command.author) == (RECORD, RecordRef("crm", "42"), Verdict.DIFFERENT, "steward")
    assert answer.judgement.verdict == judgement_pb2.VERDICT_DIFFERENT
    assert answer.judgement.author == "steward"


async def test_the_review_queue_pages(server):
    async with server.as_("steward") as services:
        page = await services.stewardship.review_pairs(purpose="unification", recipient="steward", page_size=10, page_token="here")
    assert (server.script.asked[0].page_size, server.script.asked[0].page_token) == (10, "here")
    assert page.next_page_token == "next"
    assert page.review_pairs[0].grade == comparison_pb2.PAIR_GRADE_HOLD
    assert page.review_pairs[0].left_source == "crm"


async def test_a_refused_link_in_the_review_queue_says_why(server):
    async with server.as_("steward") as services:
        held, *refused = (await services.stewardship.review_pairs(purpose="unification", recipient="steward")).review_pairs
    assert held.refusal == comparison_pb2.LINK_REFUSAL_UNSPECIFIED
    assert {pair.grade for pair in refused} == {comparison_pb2.PAIR_GRADE_LINK}
    names = [comparison_pb2.LinkRefusal.Name(pair.refusal) for pair in refused]
    assert names == ["LINK_REFUSAL_TORN", "LINK_REFUSAL_CONTRADICTED", "LINK_REFUSAL_UNSUPPORTED"]
    assert len(comparison_pb2.LinkRefusal.values()) == 1 + len(refused)


async def test_split_names_the_records_to_take_out(server):
    async with server.as_("steward") as services:
        answer = await services.stewardship.split(IDENTITY, [RECORD, OTHER], request_id=REQUEST)
    assert server.script.asked[0].records == (RECORD, OTHER)
    assert list(answer.identity_ids) == [str(IDENTITY)]


async def test_who_may_judge_and_split_but_is_no_steward_sees_no_internal_identity(server):
    """Two recipients that both knew it could join their files."""
    async with server.as_("assistant") as services:
        judged = await services.stewardship.judge(RECORD, ("crm", "42"), judgement_pb2.VERDICT_SAME, request_id=REQUEST)
        split = await services.stewardship.split(IDENTITY, [RECORD, OTHER], request_id=REQUEST)
    async with server.as_("steward") as services:
        known = await services.stewardship.judge(RECORD, ("crm", "42"), judgement_pb2.VERDICT_SAME, request_id=REQUEST)
    assert judged.judgement.left_record_id == str(RECORD)
    assert (judged.left_identity_id, judged.right_identity_id, list(split.identity_ids)) == ("", "", [])
    assert (known.left_identity_id, known.right_identity_id) == (str(IDENTITY), str(IDENTITY))
    assert str(IDENTITY) not in f"{judged}{split}"


async def test_history_tells_every_kind_of_event(server):
    async with server.as_("steward") as services:
        answer = await services.stewardship.history(IDENTITY, purpose="unification", recipient="steward")
    assert answer.identity.state == unified_identity_pb2.IDENTITY_STATE_SUPERSEDED
    assert [event.kind for event in answer.events] == unified_identity_pb2.IdentityEventKind.values()[1:]
    assert answer.assignments[0].start_time.ToDatetime(UTC).year == 2026
    assert not answer.assignments[0].HasField("end_time")
    assert list(answer.answering_identity_ids) == [str(IDENTITY)]
