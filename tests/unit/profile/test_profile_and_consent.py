"""Profiles behind the real gate: what people chose decides, attribute by attribute, and agrees with what ``Decide`` answers."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.domain.anchor import Anchor
from consent.domain.decision import Effect, Request
from consent.domain.event import Assurance as Sureness
from consent.domain.event import EventKind
from consent.domain.purpose import LegalBasis, Purpose
from consent.domain.tables import Scope
from consent.usecases.decide import Ask, Decide
from consent.usecases.record_consent import Expression, RecordConsent
from identity.domain.attributes import Assurance
from identity.ports.purpose_gate import Use
from identity.usecases.get_profile import ProfileOutcome
from services.workflows.consent_gate import ConsentGate
from tests.builders.consenting_services import ConsentInMemory, TestClock
from tests.builders.profiles import House
from tests.unit.consent.consenting import day, purpose

USE = Use("crm", "offers", "crm")
SOURCES = ("crm", "webshop", "loyalty")
ZOE = {"email": "zoe@mail.example", "given_name": "Zoé", "phone": "0612345678"}


class Shop:
    """A deployment: one person in several source systems, and what they chose."""

    def __init__(self) -> None:
        self.consent = ConsentInMemory(TestClock(day(0)), {"crm": Scope(frozenset({"offers"}), frozenset({"crm"}))})
        self.gate = ConsentGate(hearing=self.consent.transactor, scopes=self.consent.scopes, clock=self.consent.clock)
        self.house = House(self.gate, USE)

    async def publish(self, offers: Purpose) -> None:
        async def work(tx) -> None:
            await tx.catalogue.publish([offers], [], at=day(0))

        await self.consent.transactor.run(work)

    def anchor(self, source: str) -> Anchor:
        return Anchor(*self.house.address(source))

    async def say(self, source: str, kind: EventKind, *, sure: Sureness = Sureness.DECLARED) -> None:
        self.consent.clock.pass_(days=1)
        said = Expression(self.anchor(source), kind, "offers", assurance=sure)
        await self.consent.recorder()(RecordConsent("crm", str(uuid4()), [said], b"body"))


async def shop(*sources: str, basis: LegalBasis = LegalBasis.CONSENT) -> Shop:
    """Somebody whose records were linked by the machine: nothing proves that they are one person's."""
    made = Shop()
    await made.publish(purpose(basis))
    for source in sources:
        await made.house.hold(source, ZOE | {"given_name": f"Zoé of {source}"})
    made.consent.directory.link(*({made.anchor(source)} for source in sources))
    return made


async def test_a_withdrawal_empties_the_very_next_profile() -> None:
    made = await shop("crm")
    await made.say("crm", EventKind.GIVEN)
    before = await made.house.ask("crm")
    await made.say("crm", EventKind.WITHDRAWN)
    after = await made.house.ask("crm")
    assert made.house.values(before) == {"email": "zoe@mail.example", "given_name": "Zoé of crm"}
    assert before.attributes[0].ruling.event != ""
    assert made.house.values(after) == {}
    assert (after.outcome, after.pseudonym, after.use.reason) == (ProfileOutcome.DENY, "", "WITHDRAWN")


async def test_a_yes_on_one_record_tells_nothing_of_another_that_is_not_proved_the_same_persons() -> None:
    made = await shop("crm", "webshop")
    await made.say("webshop", EventKind.GIVEN)
    profile = await made.house.ask("crm")
    assert {one.source for one in profile.attributes} == {"webshop"}
    assert made.house.values(profile)["given_name"] == "Zoé of webshop"


async def test_a_no_on_one_record_silences_them_all() -> None:
    made = await shop("crm", "webshop")
    await made.say("crm", EventKind.GIVEN)
    await made.say("webshop", EventKind.REFUSED)
    assert made.house.values(await made.house.ask("crm")) == {}


async def test_an_attribute_that_the_purpose_does_not_need_stays_in_whatever_was_agreed_to() -> None:
    made = await shop("crm")
    await made.say("crm", EventKind.GIVEN)
    profile = await made.house.ask("crm", "phone", "email", "x_invented")
    assert [(one.name, one.ruling.reason) for one in profile.attributes] == [
        ("phone", "ATTRIBUTE_NOT_NEEDED"), ("email", "CONSENT_GIVEN"), ("x_invented", "ATTRIBUTE_NOT_NEEDED"),
    ]  # fmt: skip
    assert made.house.values(profile) == {"email": "zoe@mail.example"}


@pytest.mark.parametrize(
    ("use", "channel", "reason"),
    [
        (Use("crm", "no-such-purpose", "crm"), None, "PURPOSE_UNKNOWN"),
        (Use("webshop", "offers", "crm"), None, "PURPOSE_NOT_ALLOWED_FOR_CALLER"),
        (Use("crm", "offers", "partner"), None, "RECIPIENT_NOT_COVERED"),
        (USE, "phone", "CHANNEL_NOT_COVERED"),
    ],
)
async def test_what_the_catalogue_does_not_cover_tells_nothing(use, channel, reason) -> None:
    made = await shop("crm")
    await made.say("crm", EventKind.GIVEN)
    made.house.use = use
    profile = await made.house.ask("crm", "email", channel=channel)
    assert (profile.outcome, profile.pseudonym, profile.attributes[0].ruling.reason) == (ProfileOutcome.DENY, "", reason)
    assert profile.attributes[0].value is None


@pytest.mark.parametrize("basis", LegalBasis)
async def test_somebody_unknown_is_answered_as_somebody_erased_and_as_somebody_who_said_no(basis) -> None:
    made = await shop("crm", "webshop", basis=basis)
    made.consent.directory.link({made.anchor("crm")})
    no = EventKind.REFUSED if basis is LegalBasis.CONSENT else EventKind.OBJECTED
    await made.say("crm", EventKind.ERASED)
    unknown, erased = await made.house.ask("loyalty"), await made.house.ask("crm")
    assert unknown == erased
    assert unknown.outcome is ProfileOutcome.DENY
    if basis in {LegalBasis.CONSENT, LegalBasis.LEGITIMATE_INTEREST, LegalBasis.PUBLIC_TASK}:
        other = await shop("crm", basis=basis)
        await other.say("crm", no)
        assert await other.house.ask("crm") == unknown


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    said=st.lists(
        st.tuples(
            st.sampled_from(SOURCES),
            st.sampled_from([EventKind.GIVEN, EventKind.REFUSED, EventKind.WITHDRAWN, EventKind.OBJECTED, EventKind.LIFTED]),
            st.sampled_from(Sureness),
        ),
        max_size=6,
    ),
    proved=st.sets(st.sampled_from(SOURCES)),
    wanted=st.lists(st.sampled_from(["email", "given_name", "phone", "city"]), unique=True),
    basis=st.sampled_from([LegalBasis.CONSENT, LegalBasis.LEGITIMATE_INTEREST, LegalBasis.CONTRACT]),
    later=st.integers(0, 400),
)
async def test_a_value_comes_from_no_record_for_which_a_decision_would_deny_it(said, proved, wanted, basis, later) -> None:
    made = Shop()
    await made.publish(purpose(basis, valid_days=300))
    for source in SOURCES:
        sure = Assurance.VERIFIED if source in proved else Assurance.DECLARED
        await made.house.hold(source, ZOE | {"given_name": f"Zoé of {source}"}, email=sure)
    alone = [{made.anchor(source)} for source in SOURCES if source not in proved]
    made.consent.directory.link(*filter(None, [{made.anchor(source) for source in proved}, *alone]))
    for source, kind, sure in said:
        if kind is EventKind.GIVEN and basis is not LegalBasis.CONSENT:
            continue  # only consent takes a grant
        await made.say(source, kind, sure=sure)
    made.consent.clock.time += timedelta(days=later)
    profile = await made.house.ask("crm", *wanted)

    decide = Decide(hearing=made.consent.transactor, directory=made.consent.directory, scopes=made.consent.scopes, clock=made.consent.clock)
    names = tuple(wanted) or ("email", "given_name")
    asks = [Ask(Request("crm", "offers", "crm", names), made.anchor(source)) for source in SOURCES]
    decisions = dict(zip(SOURCES, (await decide(asks)).decisions, strict=True))
    assert tuple(one.name for one in profile.attributes) == names
    for one in profile.attributes:
        permitting = {source for source in SOURCES if decisions[source].rulings[one.name].effect is Effect.PERMIT}
        assert one.ruling.permitted == bool(permitting)
        assert (one.value is not None) == bool(permitting)
        if one.value is not None:
            assert one.source in permitting
            assert one.ruling.reason == decisions[one.source].rulings[one.name].reason
