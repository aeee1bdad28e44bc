"""A profile tells what the gate permits, record by record, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity.domain.attributes import Assurance
from identity.domain.source_record import IdentityId, RecordAddress, RecordId
from identity.domain.unified_identity import AssignmentPlan, Cause
from identity.ports.profile_gate import ProfileRelease, Ruling
from identity.ports.purpose_gate import Subject, Use
from identity.ports.transactor import Transaction
from identity.usecases.get_profile import Profile, ProfileOutcome
from tests.builders.profiles import NOW, House

USE = Use("webshop", "loyalty", "webshop")
PERMIT = Ruling(permitted=True, reason="CONSENT_GIVEN", basis="consent", event="e")
REFUSED = Ruling(permitted=False, reason="REFUSED", basis="consent")
UNNEEDED = Ruling(permitted=False, reason="ATTRIBUTE_NOT_NEEDED")
VERIFIED = Assurance.VERIFIED


@dataclass
class Gate:
    """Permits ``needed`` for the sources that it is told; keeps what it was asked."""

    sources: set[str] = field(default_factory=set)
    needed: tuple[str, ...] = ("email", "given_name")
    asked: list[tuple[Subject | None, str | None]] = field(default_factory=list)
    forgets: bool = False
    """Whether it says nothing of single records."""
    fails: Exception | None = None
    ruled: Mapping[str, Mapping[str, bool]] | None = None
    """What it permits of each source, instead of ``needed`` for ``sources``."""

    async def may_use(
        self, use: Use, asked: RecordAddress, subject: Subject | None, wanted: Sequence[str], channel: str | None
    ) -> ProfileRelease:
        assert use == USE
        if self.fails is not None:
            raise self.fails
        self.asked.append((subject, channel))
        names = tuple(wanted) or self.needed
        addresses = [address for group in (subject.groups if subject else ()) for address in group]
        by_record = {address: self._rulings(names, known=True, source=address.source) for address in addresses}
        own = self._rulings((*names, ""), known=subject is not None, source=asked.source)
        return ProfileRelease(
            own.pop(""),
            (*names, *self.needed) if wanted else names,
            own,
            {} if self.forgets else by_record,
            ("show-withdraw-link",),
            ("a gate for tests",),
        )

    def _rulings(self, names: Sequence[str], *, known: bool, source: str) -> dict[str, Ruling]:
        if self.ruled is not None:
            return {"": REFUSED} | {name: PERMIT for name, ok in self.ruled.get(source, {}).items() if ok}
        own = PERMIT if known and source in self.sources else REFUSED
        return {name: own if name in (*self.needed, "") else UNNEEDED for name in names}


def shape(profile: Profile) -> tuple[object, ...]:
    return profile.outcome, profile.pseudonym, profile.attributes, profile.use, profile.obligations, profile.warnings


async def test_without_named_attributes_a_use_gets_what_its_purpose_needs_and_not_one_more() -> None:
    house = House(Gate(), USE)
    house.gate.sources = {"crm"}
    await house.hold("crm", {"email": "zoe@mail.example", "given_name": "Zoé", "phone": "0612345678", "national_id": "284"})
    profile = await house.ask("crm")
    assert house.values(profile) == {"email": "zoe@mail.example", "given_name": "Zoé"}
    assert (profile.outcome, profile.pseudonym) == (ProfileOutcome.PERMIT, house.sealer.pseudonym("webshop", IdentityId(UUID(int=1))))
    assert profile.obligations == ("show-withdraw-link",)


async def test_a_named_attribute_that_the_purpose_does_not_need_is_ruled_out_by_name() -> None:
    house = House(Gate(), USE)
    house.gate.sources = {"crm"}
    await house.hold("crm", {"email": "zoe@mail.example", "national_id": "284"})
    profile = await house.ask("crm", "national_id", "email")
    assert [(one.name, one.ruling.reason) for one in profile.attributes] == [
        ("national_id", "ATTRIBUTE_NOT_NEEDED"), ("email", "CONSENT_GIVEN"),
    ]  # fmt: skip
    assert house.values(profile) == {"email": "zoe@mail.example"}
    assert profile.outcome is ProfileOutcome.PARTIAL


async def test_a_value_goes_by_the_record_that_it_comes_from_and_names_its_source_but_no_key() -> None:
    house = House(Gate(), USE)
    house.gate.sources = {"webshop"}
    await house.hold("crm", {"email": "crm@mail.example", "given_name": "Zoé"}, email=Assurance.CHECKED_BY_AGENT)
    await house.hold("webshop", {"email": "shop@mail.example"}, day=-3)
    profile = await house.ask("crm")
    email, given_name = profile.attributes
    assert house.values(profile) == {"email": "shop@mail.example"}, "the surer value stands on a record that does not permit it"
    assert (email.source, email.assurance, email.ruling) == ("webshop", Assurance.DECLARED, PERMIT)
    assert (given_name.value, given_name.source, given_name.assurance) == (None, "", None), "permitted, and nobody permitted has one"
    assert given_name.ruling == PERMIT


async def test_the_survivor_among_permitted_records_is_told() -> None:
    house = House(Gate(), USE)
    house.gate.sources = {"crm", "webshop"}
    await house.hold("crm", {"email": "old@mail.example", "given_name": "Zoe"}, email=VERIFIED)
    await house.hold("webshop", {"email": "new@mail.example", "given_name": "Zoé"}, day=5)
    assert house.values(await house.ask("webshop")) == {"email": "old@mail.example", "given_name": "Zoé"}


async def test_unknown_erased_held_back_and_refused_are_answered_alike() -> None:
    house = House(Gate(), USE)
    house.gate.sources = {"erased", "held", "unknown"}
    await house.hold("refused", {"email": "a@mail.example"}, identity=1)
    await house.hold("erased", {"email": "b@mail.example"}, identity=2)
    await house.hold("held", {"email": "c@mail.example"}, identity=3, quarantined=True)
    gone = RecordId(UUID(bytes=b"erased".ljust(16, b"\0")))

    async def erase(tx: Transaction) -> None:
        await tx.identities.apply(AssignmentPlan(unassigned=(gone,)), at=NOW, cause=Cause.DELETION)
        await tx.records.delete([gone], NOW)

    await house.transactor.run(erase)
    profiles = [shape(await house.ask(source)) for source in ("refused", "erased", "held", "unknown")]
    assert profiles[0][:2] == (ProfileOutcome.DENY, "")
    assert profiles[0][4] == (), "what a user of the data must do is said to users only"
    assert profiles == [profiles[0]] * 4
    assert [subject is None for subject, _ in house.gate.asked] == [False, True, True, True], "the gate is asked each time"


async def test_the_gate_is_given_what_is_proved_and_whether_a_record_is_a_childs() -> None:
    house = House(Gate(), USE)
    await house.hold("crm", {"email": "zoe@mail.example", "given_name": "Zoé", "birth_date": "2015-03-01"}, email=VERIFIED)
    await house.hold("webshop", {"email": "ZOE@mail.example", "given_name": "Zoé"}, email=Assurance.CHECKED_BY_AGENT)
    await house.hold("loyalty", {"email": "zoe@mail.example"})
    await house.ask("crm", channel="email")
    (subject, channel), = house.gate.asked  # fmt: skip
    assert subject is not None
    assert {frozenset(address.source for address in group) for group in subject.groups} == {
        frozenset({"crm", "webshop"}), frozenset({"loyalty"}),
    }  # fmt: skip
    assert (subject.minor, channel) == (True, "email")


async def test_what_the_gate_does_not_speak_of_is_denied() -> None:
    house = House(Gate(), USE)
    house.gate.sources, house.gate.forgets = {"crm"}, True
    await house.hold("crm", {"email": "zoe@mail.example"})
    assert house.values(await house.ask("crm")) == {}


async def test_a_gate_that_cannot_rule_lets_nothing_out() -> None:
    house = House(Gate(), USE)
    await house.hold("crm", {"email": "zoe@mail.example"})

    house.gate.fails = ConnectionError()
    with pytest.raises(ConnectionError):
        await house.ask("crm")


NAMES = ("email", "given_name", "city", "phone")
SOURCES = ("crm", "webshop", "loyalty")
RULINGS = st.dictionaries(st.sampled_from(SOURCES), st.dictionaries(st.sampled_from(NAMES), st.booleans()))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    held=st.dictionaries(st.sampled_from(SOURCES), st.sets(st.sampled_from(NAMES), min_size=1), min_size=1),
    ruled=RULINGS,
    wanted=st.lists(st.sampled_from((*NAMES, "national_id")), unique=True),
    sure=st.dictionaries(st.sampled_from(SOURCES), st.sampled_from(Assurance)),
)
async def test_no_ruling_no_value_whatever_is_held_and_asked(held, ruled, wanted, sure) -> None:
    """A value says which record and attribute it is of, so that whatever comes out can be held against the rulings."""
    house = House(Gate(), USE)
    for source, names in held.items():
        raw = {name: f"{source} {name}" for name in names} | {"national_id": f"{source} national_id"}
        await house.hold(source, raw, **dict.fromkeys(names, sure.get(source, Assurance.DECLARED)))

    house.gate.ruled = ruled
    profile = await house.ask(next(iter(held)), *wanted)
    assert [one.name for one in profile.attributes] == (wanted or list(house.gate.needed)), "one answer for each, and for nothing else"
    for one in profile.attributes:
        permitting = {source for source in held if ruled.get(source, {}).get(one.name)}
        assert one.ruling.permitted == bool(permitting)
        if one.value is not None:
            assert one.source in permitting
            assert one.value.reveal(house.access) == f"{one.source} {one.name}"
        assert (one.value is None) == (not any(one.name in held[source] for source in permitting))
    assert (profile.pseudonym == "") == (profile.outcome is ProfileOutcome.DENY)
