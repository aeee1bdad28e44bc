"""Records that arrive are stored once, changed, deleted and told about; a bad one never stops a good one."""

from __future__ import annotations

import pytest

from identity.domain.attributes import Assurance, ComparisonKind
from identity.domain.errors import IdentityError, Reason
from identity.domain.ingest import Outcome
from identity.domain.mapping import MAX_KEY, MAX_VALUE, Reading, Refusal
from identity.domain.source_record import RecordRef
from identity.domain.standardise import STANDARDISER_VERSION
from identity.usecases.answer_once import Request
from identity.usecases.delete_record import DeleteRecord
from identity.usecases.ingest_records import MAX_RECORDS, IngestRecords
from tests.builders.intake import Intake, record

ZOE = {"given_name": "Zoé", "family_name": "Martin", "birth_date": "12/03/1984", "email": "zoe.martin@courriel.example"}
LEO = {"given_name": "Léo", "family_name": "Petit", "birth_date": "01/11/1970", "email": "leo@courriel.example"}


@pytest.fixture
def intake() -> Intake:
    return Intake()


async def outcomes(intake: Intake, *records, reading: Reading | None = None) -> list[Outcome]:
    return [result.outcome for result in (await intake.ingest(IngestRecords(records, reading or Reading()))).results]


async def test_a_new_record_has_an_identity_at_once_and_the_same_record_again_changes_nothing(intake: Intake) -> None:
    [created] = (await intake.ingest(IngestRecords([record("1", **ZOE)]))).results
    assert (created.outcome, created.version) == (Outcome.CREATED, 1)
    before = await intake.identities()
    assert before == {created.identity_id: frozenset({created.record_id})}
    [again] = (await intake.ingest(IngestRecords([record(" 1 ", **{**ZOE, "city": "  "})]))).results
    assert (again.outcome, again.record_id, again.version, again.identity_id) == (
        Outcome.UNCHANGED,
        created.record_id,
        1,
        created.identity_id,
    )
    assert await intake.identities() == before


async def test_a_changed_record_is_a_new_version_of_the_same_record(intake: Intake) -> None:
    await outcomes(intake, record("1", **ZOE))
    first = await intake.status("1")
    assert await outcomes(intake, record("1", **{**ZOE, "city": "Lyon"})) == [Outcome.UPDATED]
    second = await intake.status("1")
    assert (second.record_id, second.version, second.identity_id) == (first.record_id, 2, first.identity_id)
    assert (await intake.content("1")).raw["city"] == "Lyon"


class Declared(dict[str, ComparisonKind]):
    """Declared extras that count how often somebody goes through all of them."""

    times = 0

    def items(self):
        self.times += 1
        return super().items()

    def __iter__(self):
        self.times += 1
        return super().__iter__()


async def test_extras_that_were_declared_cost_once_a_request_not_once_a_record(intake: Intake) -> None:
    declared = Declared({f"x_e{n}": ComparisonKind.TEXT for n in range(20_000)})
    reading = Reading(extras=declared)
    records = [record(str(n), **ZOE) for n in range(8)] + [record("leo", **LEO, x_e7="baker")]
    await outcomes(intake, *records, reading=reading)
    assert declared.times == 1
    assert (await intake.content("leo")).standard["x_e7"] == "baker"
    assert len(reading.treatment(STANDARDISER_VERSION)) == len(Reading().treatment(STANDARDISER_VERSION)) <= 64


async def test_records_of_one_person_meet_in_one_identity_in_the_same_request(intake: Intake) -> None:
    results = (await intake.ingest(IngestRecords([record("1", **ZOE), record("A", source="web", **ZOE), record("2", **LEO)]))).results
    assert results[0].identity_id == results[1].identity_id != results[2].identity_id
    assert len(await intake.identities()) == 2


async def test_a_deleted_record_leaves_its_identity_and_may_live_again(intake: Intake) -> None:
    await outcomes(intake, record("1", **ZOE), record("A", source="web", **ZOE))
    together = await intake.status("1")
    assert await outcomes(intake, record("1", deleted=True), record("9", deleted=True)) == [Outcome.DELETED, Outcome.ABSENT]
    gone = await intake.status("1")
    assert (gone.deleted, gone.identity_id, gone.record_id) == (True, None, together.record_id)
    assert (await intake.status("A", "web")).identity_id == together.identity_id
    assert await outcomes(intake, record("1", deleted=True)) == [Outcome.ABSENT]
    assert await outcomes(intake, record("1", **ZOE)) == [Outcome.UPDATED]
    back = await intake.status("1")
    assert (back.deleted, back.record_id, back.version) == (False, together.record_id, 2)
    assert back.identity_id == (await intake.status("A", "web")).identity_id


async def test_a_bad_record_is_refused_with_its_reason_and_the_good_ones_are_stored(intake: Intake) -> None:
    reading = Reading(extras={"x_job": ComparisonKind.NAME, "x_job;,": ComparisonKind.NAME})
    records = [
        record("", **ZOE),
        record("k" * (MAX_KEY + 1), **ZOE),
        record("a\x00b", **ZOE),
        record("2"),
        record("3", email="   "),
        record("4", shoe_size="43"),
        record("5", x_size="43"),
        record("6", email="x" * (MAX_VALUE + 1)),
        record("7", **ZOE),
        record("7", **LEO),
        record("8", x_job="Soudeuse"),
        record("9", **{"x_job;,": "Soudeuse"}),
    ]
    results = (await intake.ingest(IngestRecords(records, reading))).results
    assert [result.refusal for result in results] == [
        Refusal.NO_KEY,
        Refusal.KEY_TOO_LONG,
        Refusal.KEY_UNPRINTABLE,
        Refusal.NO_ATTRIBUTE,
        Refusal.NO_ATTRIBUTE,
        Refusal.UNKNOWN_ATTRIBUTE,
        Refusal.UNKNOWN_ATTRIBUTE,
        Refusal.VALUE_TOO_LONG,
        None,
        Refusal.DUPLICATE_KEY,
        None,
        Refusal.UNKNOWN_ATTRIBUTE,
    ]
    assert {result.outcome for result in results if result.refusal} == {Outcome.REJECTED}
    assert (await intake.content("7")).raw == ZOE
    assert len(await intake.identities()) == 2


async def test_what_the_source_vouches_for_and_how_extras_compare_is_kept_with_the_record(intake: Intake) -> None:
    reading = Reading(
        formats={"birth_date": "%m/%d/%Y"},
        extras={"x_job": ComparisonKind.NAME, "x_size": ComparisonKind.NUMBER},
        assurance={"email": Assurance.VERIFIED, "phone": Assurance.DECLARED},
    )
    await outcomes(intake, record("1", **ZOE, x_job="Soudeuse"), reading=reading)
    content = await intake.content("1")
    assert content.standard["birth_date"] == "1984-12-03"
    assert content.extras == {"x_job": ComparisonKind.NAME}
    assert content.assurance == {"email": Assurance.VERIFIED}
    assert content.standardiser == STANDARDISER_VERSION


async def test_a_corrected_date_format_makes_a_new_version_of_the_same_values(intake: Intake) -> None:
    await outcomes(intake, record("1", **ZOE), reading=Reading(formats={"birth_date": "%m/%d/%Y"}))
    assert await outcomes(intake, record("1", **ZOE), reading=Reading(formats={"birth_date": "%d/%m/%Y"})) == [Outcome.UPDATED]
    assert (await intake.content("1")).standard["birth_date"] == "1984-03-12"


async def test_a_repeated_request_gets_its_answer_again_and_changes_nothing(intake: Intake) -> None:
    request = Request("crm", "r-1", b"mac of the body")
    command = IngestRecords([record("1", **ZOE), record("", **ZOE)], request=request)
    first = await intake.ingest(command)
    await intake.delete(DeleteRecord(RecordRef("crm", "1")))
    assert await intake.ingest(command) == first
    assert (await intake.status("1")).deleted


async def test_a_request_id_used_with_another_body_is_refused_and_changes_nothing(intake: Intake) -> None:
    await intake.ingest(IngestRecords([record("1", **ZOE)], request=Request("crm", "r-1", b"one")))
    with pytest.raises(IdentityError) as caught:
        await intake.ingest(IngestRecords([record("2", **LEO)], request=Request("crm", "r-1", b"other")))
    assert caught.value.reason is Reason.REQUEST_ID_REUSED
    assert len(await intake.identities()) == 1
    await intake.ingest(IngestRecords([record("2", **LEO)], request=Request("webshop", "r-1", b"other")))
    assert len(await intake.identities()) == 2


async def test_too_many_records_are_refused_whole(intake: Intake) -> None:
    with pytest.raises(IdentityError) as caught:
        await intake.ingest(IngestRecords([record(str(n), **ZOE) for n in range(MAX_RECORDS + 1)]))
    assert (caught.value.reason, caught.value.facts["limit"]) == (Reason.TOO_MANY_ITEMS, MAX_RECORDS)
    assert not await intake.identities()


async def test_deleting_by_key_is_once_and_an_unknown_record_is_not_found(intake: Intake) -> None:
    await outcomes(intake, record("1", **ZOE))
    status = await intake.status("1")
    command = DeleteRecord(RecordRef("crm", "1"), Request("crm", "d-1", b"body"))
    assert await intake.delete(command) == await intake.delete(command) == status.record_id
    assert await intake.delete(DeleteRecord(RecordRef("crm", "1"))) == status.record_id
    assert not await intake.identities()
    for act in (intake.delete(DeleteRecord(RecordRef("crm", "nobody"))), intake.status("nobody")):
        with pytest.raises(IdentityError) as caught:
            await act
        assert caught.value.reason is Reason.RECORD_NOT_FOUND
        assert "nobody" not in str(caught.value)
