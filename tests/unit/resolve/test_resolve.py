"""Resolving in memory: grades, the gate, quarantine, and many queries at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from identity.adapters.memory.transactor import MemoryTransactor
from identity.domain.errors import IdentityError, Reason
from identity.domain.model.blocking import Blocking, BlockingRule, block_keys, part
from identity.domain.model.bundle import Bundle, Thresholds
from identity.domain.model.model import Model
from identity.domain.personal import Access, Personal
from identity.domain.source_record import IdentityId, RecordAddress, RecordId, RecordRef
from identity.domain.standardise import STANDARDISER_VERSION, standardise
from identity.domain.unified_identity import AssignmentPlan, Cause
from identity.ports.purpose_gate import Release, Subject, Use
from identity.ports.sealer import RecordContent
from identity.ports.transactor import Transaction
from identity.usecases.answering import Answering
from identity.usecases.batch_resolve import MAX_QUERIES, BatchResolveIdentities, BatchResolver
from identity.usecases.explain_match import ExplainMatch, MatchExplainer
from identity.usecases.releasing import Releasing
from identity.usecases.resolve_identity import IdentityResolver, Resolution, ResolveGrade, ResolveIdentity
from identity.usecases.subjects import SubjectReader
from tests.builders.identities import TickingClock
from tests.builders.models import BIRTH, EMAIL, GIVEN, SURNAME, bundle
from tests.fakes.plain_sealer import PlainSealer

NOW = datetime(2030, 1, 1, tzinfo=UTC)
USE = Use("crm", "service", "crm")
CRM = frozenset({"crm"})
MARIE = {"given_name": "Marie", "family_name": "Durand", "birth_date": "1980-03-14", "email": "marie@courriel.example"}
PAUL = {"given_name": "Paul", "family_name": "Durand", "birth_date": "1979-10-30", "email": "marie@courriel.example"}
RULES = Blocking((BlockingRule("email", (part("email"),)), BlockingRule("birth", (part("birth_date"),))), cap=3)
MODEL = bundle(GIVEN, SURNAME, BIRTH, EMAIL, blocking=RULES, thresholds=Thresholds(16.0, 8.0, 6.0, 2.0, "for a test"))


@dataclass
class Gate:
    """Refuses the identities it is told to."""

    refused: set[IdentityId] = field(default_factory=set)
    warnings: tuple[str, ...] = ("a gate for tests",)
    remark: str = ""
    asked: list[Subject] = field(default_factory=list)

    async def may_release(self, use: Use, subjects: Sequence[Subject]) -> list[Release]:
        remarks = (self.remark,) if self.remark else ()
        self.asked += subjects
        return [Release(permitted=subject.identity not in self.refused, ground="test", warnings=remarks) for subject in subjects]

    def warnings_for(self, use: Use) -> tuple[str, ...]:
        return self.warnings

    async def may_link(self, records: Mapping[RecordId, RecordAddress]) -> frozenset[RecordId]:
        return frozenset(records)


@dataclass
class Models:
    model: Model

    async def active(self, tx: Transaction) -> Model:
        return self.model


def record_of(key: str) -> RecordId:
    return RecordId(UUID(int=hash(key) & (1 << 120) - 1))


class House:
    """Everything a query meets, in memory."""

    def __init__(self, model: Bundle = MODEL, sealer: PlainSealer | None = None) -> None:
        self.model = Model(model)
        self.gate = Gate()
        self.transactor = MemoryTransactor()
        self.access = Access("tests")
        self.sealer = sealer or PlainSealer(self.access)
        models = Models(self.model)
        subjects = SubjectReader(sealer=self.sealer, access=self.access, clock=TickingClock())
        releasing = Releasing(gate=self.gate, subjects=subjects)
        self.answering = Answering(models=models, sealer=self.sealer, releasing=releasing, access=self.access)
        self.resolver = IdentityResolver(transactor=self.transactor, answering=self.answering)
        self.batch = BatchResolver(transactor=self.transactor, answering=self.answering)
        self.explain = MatchExplainer(
            transactor=self.transactor, models=models, sealer=self.sealer, releasing=releasing, access=self.access
        )

    async def hold(self, key: str, raw: Mapping[str, str], identity: int, *, quarantined: bool = False, source: str = "crm") -> IdentityId:
        """Store a record and put it into an identity."""
        ref = RecordRef(source, key)
        record = record_of(key)
        meant = IdentityId(UUID(int=identity))
        standard = standardise(raw)
        content = Personal(RecordContent(ref, raw, standard, STANDARDISER_VERSION))
        tags = self.sealer.block_tags(block_keys(self.model.bundle.declaration.blocking, standard))
        version = self.sealer.seal(record, 1, content, tags)

        async def work(tx: Transaction) -> None:
            await tx.records.add([version], NOW)
            created = () if await tx.identities.read([meant]) else (meant,)
            plan = AssignmentPlan(created=created, assigned={record: meant}, quarantined=(meant,) if quarantined else ())
            await tx.identities.apply(plan, at=NOW, cause=Cause.INGEST)

        await self.transactor.run(work)
        return meant

    async def ask(self, use: Use = USE, **attributes: str) -> Resolution:
        return await self.resolver(ResolveIdentity(use, attributes=Personal(attributes)))

    def pseudonym(self, identity: IdentityId, recipient: str = "crm") -> str:
        return self.sealer.pseudonym(recipient, identity)


async def test_a_clumsy_question_finds_the_person_and_says_why_without_a_value() -> None:
    house = House()
    marie = await house.hold("1", MARIE, 1)
    await house.hold("2", PAUL, 2)
    answer = await house.ask(given_name="MARIE", family_name="Durant", birth_date="14/03/1980", email="Marie@Courriel.example")
    assert answer.grade in (ResolveGrade.CERTAIN, ResolveGrade.PROBABLE)
    assert answer.identity is not None
    assert answer.identity.pseudonym == house.pseudonym(marie)
    assert answer.identity.decision_weight <= answer.identity.match_weight
    assert 0.99 < answer.identity.match_probability <= 1
    assert [(r.comparison, r.level) for r in answer.identity.reasons] == [
        ("given_name", "exact"),
        ("surname", "close"),
        ("birth", "exact"),
        ("email", "exact"),
    ]
    assert answer.bundle == house.model.digest
    assert answer.warnings == house.gate.warnings
    shown = repr(answer).lower()
    assert not any(value.lower() in shown for value in MARIE.values())
    assert str(marie) not in shown


async def test_another_member_of_the_household_is_not_mistaken_for_the_person_asked_for() -> None:
    house = House()
    await house.hold("2", PAUL, 2)
    answer = await house.ask(**MARIE)
    assert answer.grade in (ResolveGrade.NONE, ResolveGrade.POSSIBLE)


async def test_certainty_follows_the_thresholds_of_the_bundle() -> None:
    for certain, expected in ((12.0, ResolveGrade.CERTAIN), (60.0, ResolveGrade.PROBABLE)):
        house = House(replace(MODEL, thresholds=Thresholds(certain, 8.0, 6.0, 2.0, "x")))
        await house.hold("1", MARIE, 1)
        assert (await house.ask(**MARIE)).grade is expected
    house = House(replace(MODEL, thresholds=Thresholds(61.0, 60.0, 6.0, 2.0, "x")))
    await house.hold("1", MARIE, 1)
    assert (await house.ask(**MARIE)).grade is ResolveGrade.POSSIBLE


async def test_two_who_fit_are_both_named_and_neither_is_picked() -> None:
    house = House()
    one, other = await house.hold("1", MARIE, 1), await house.hold("2", MARIE, 2)
    answer = await house.ask(**MARIE)
    assert answer.grade is ResolveGrade.AMBIGUOUS
    assert answer.identity is None
    assert {c.pseudonym for c in answer.candidates} == {house.pseudonym(one), house.pseudonym(other)}


async def test_two_records_of_one_identity_are_one_answer() -> None:
    house = House()
    await house.hold("1", MARIE, 1)
    await house.hold("2", {**MARIE, "given_name": "Maria"}, 1)
    answer = await house.ask(**MARIE)
    assert answer.grade in (ResolveGrade.CERTAIN, ResolveGrade.PROBABLE)
    assert answer.candidates == ()


async def test_a_record_answers_for_itself() -> None:
    house = House()
    marie = await house.hold("1", MARIE, 1)
    answer = await house.resolver(ResolveIdentity(USE, record=RecordRef("crm", "1")))
    assert answer.grade is ResolveGrade.CERTAIN
    assert answer.identity is not None
    assert (answer.identity.pseudonym, answer.identity.match_probability) == (house.pseudonym(marie), 1.0)


async def test_each_recipient_gets_its_own_pseudonym() -> None:
    house = House()
    marie = await house.hold("1", MARIE, 1)
    answers = [await house.ask(Use("crm", "service", recipient), **MARIE) for recipient in ("crm", "partner")]
    told = [answer.identity.pseudonym for answer in answers if answer.identity]
    assert told == [house.pseudonym(marie, "crm"), house.pseudonym(marie, "partner")]
    assert told[0] != told[1]


async def test_withheld_deleted_and_unknown_look_alike() -> None:
    house = House()
    marie = await house.hold("1", MARIE, 1)
    house.gate.refused.add(marie)
    gone = RecordRef("crm", "gone")
    await house.hold("gone", PAUL, 7)

    async def delete(tx: Transaction) -> None:
        heads = await tx.records.find([house.sealer.address(gone)])
        await tx.records.delete([head.record_id for head in heads.values()], NOW)

    await house.transactor.run(delete)
    withheld = [await house.ask(**MARIE), await house.resolver(ResolveIdentity(USE, record=RecordRef("crm", "1")))]
    unknown = [
        await house.ask(given_name="Zoé", family_name="Inconnue", birth_date="1950-05-05"),
        await house.resolver(ResolveIdentity(USE, record=RecordRef("crm", "nobody"))),
        await house.resolver(ResolveIdentity(USE, record=gone)),
    ]
    assert {answer.grade for answer in withheld} == {ResolveGrade.NONE}
    assert len({repr(answer) for answer in (*withheld, *unknown)}) == 1


async def test_whom_the_gate_withholds_makes_nobody_else_ambiguous() -> None:
    house = House()
    one, other = await house.hold("1", MARIE, 1), await house.hold("2", MARIE, 2)
    house.gate.refused.add(one)
    answer = await house.ask(**MARIE)
    assert answer.identity is not None
    assert answer.identity.pseudonym == house.pseudonym(other)


async def test_nothing_of_a_quarantined_identity_is_told() -> None:
    house = House()
    await house.hold("1", MARIE, 1, quarantined=True)
    for answer in (await house.ask(**MARIE), await house.resolver(ResolveIdentity(USE, record=RecordRef("crm", "1")))):
        assert answer.grade is ResolveGrade.POSSIBLE
        assert (answer.identity, answer.candidates) == (None, ())
        assert answer.notes == ("quarantined",)


async def test_a_key_that_too_many_share_is_reported() -> None:
    house = House()
    for number in range(4):
        await house.hold(f"h{number}", {**PAUL, "birth_date": f"195{number}-01-01"}, 10 + number)
    answer = await house.ask(**MARIE)
    assert answer.truncated
    assert "truncated" in answer.notes
    assert not (await house.ask(birth_date="1950-01-01", given_name="Paul")).truncated


async def test_a_batch_gives_the_same_answers_as_one_by_one_in_order() -> None:
    house = House()
    await house.hold("1", MARIE, 1)
    await house.hold("2", PAUL, 2)
    queries = (
        ResolveIdentity(USE, attributes=Personal(MARIE)),
        ResolveIdentity(USE, record=RecordRef("crm", "2")),
        ResolveIdentity(replace(USE, recipient="partner"), attributes=Personal(PAUL)),
        ResolveIdentity(USE, record=RecordRef("crm", "x")),
        ResolveIdentity(USE, attributes=Personal({})),
    )
    assert list(await house.batch(BatchResolveIdentities(queries))) == [await house.resolver(query) for query in queries]
    with pytest.raises(IdentityError) as failure:
        await house.batch(BatchResolveIdentities(queries[:1] * (MAX_QUERIES + 1)))
    assert failure.value.reason is Reason.TOO_MANY_ITEMS


async def test_a_query_is_by_attributes_or_by_record() -> None:
    house = House()
    for query in (ResolveIdentity(USE), ResolveIdentity(USE, Personal({}), RecordRef("crm", "1"))):
        with pytest.raises(IdentityError) as failure:
            await house.resolver(query)
        assert failure.value.reason is Reason.INVALID_ATTRIBUTES


async def test_an_explanation_adds_up_and_holds_no_value() -> None:
    house = House()
    marie = await house.hold("1", MARIE, 1)
    await house.hold("2", PAUL, 2)
    told = await house.explain(ExplainMatch(USE, RecordRef("crm", "1"), RecordRef("crm", "2"), CRM))
    assert told.match_weight == pytest.approx(told.prior + sum(reason.weight for reason in told.reasons))
    assert told.household_weight == pytest.approx(told.household_prior + sum(reason.weight for reason in told.household_reasons))
    assert told.household_weight > told.match_weight > told.decision_weight
    assert told.blocked_together
    assert not told.same_identity
    assert not any(value.lower() in repr(told).lower() for value in (*MARIE.values(), *PAUL.values()))
    house.gate.refused.add(marie)
    for left in ("1", "nobody"):
        with pytest.raises(IdentityError) as failure:
            await house.explain(ExplainMatch(USE, RecordRef("crm", left), RecordRef("crm", "2"), CRM))
        assert str(failure.value) == "RECORD_NOT_FOUND"


async def test_nothing_of_a_quarantined_identity_is_explained() -> None:
    house = House()
    await house.hold("1", MARIE, 1, quarantined=True)
    await house.hold("2", PAUL, 2)
    await house.hold("3", MARIE, 1)
    told = []
    for left, right in (("1", "2"), ("2", "1"), ("1", "3"), ("2", "nobody")):
        with pytest.raises(IdentityError) as failure:
            await house.explain(ExplainMatch(USE, RecordRef("crm", left), RecordRef("crm", right), CRM))
        told.append(failure.value)
    assert {repr(refusal) for refusal in told} == {repr(IdentityError(Reason.RECORD_NOT_FOUND))}


async def test_an_explanation_carries_what_the_gate_says_of_its_release() -> None:
    house = House()
    await house.hold("1", MARIE, 1)
    await house.hold("2", PAUL, 2)
    house.gate.remark = "until June"
    told = await house.explain(ExplainMatch(USE, RecordRef("crm", "1"), RecordRef("crm", "2"), CRM))
    assert told.warnings == (*house.gate.warnings, "until June")


async def test_a_probe_of_ones_own_making_tells_nothing_of_a_record_of_another_source() -> None:
    """A guess that is "within a year" and then "exact" would tell a birth date in a few questions."""
    house = House()
    await house.hold("probe", {**MARIE, "birth_date": "1980-01-01"}, 1)
    await house.hold("A7", MARIE, 2, source="webshop")
    probe, theirs = RecordRef("crm", "probe"), RecordRef("webshop", "A7")
    nobody = RecordId(UUID(int=99))
    told = []
    for left, right in ((probe, theirs), (theirs, probe), (probe, record_of("A7")), (record_of("A7"), record_of("probe")), (probe, nobody)):
        with pytest.raises(IdentityError) as failure:
            await house.explain(ExplainMatch(USE, left, right, CRM))
        told.append(failure.value)
    assert {repr(refusal) for refusal in told} == {repr(IdentityError(Reason.RECORD_NOT_FOUND))}, "foreign and unknown look alike"
    both = await house.explain(ExplainMatch(USE, probe, record_of("A7"), frozenset({"crm", "webshop"})))
    assert both.reasons
