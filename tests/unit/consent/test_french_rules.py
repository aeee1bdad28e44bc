"""The French rules, row by row: ``test_rule_<id>`` proves that the code does what the row demands."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from consent.domain.anchor import alone
from consent.domain.decision import Effect, ReasonCode, on_ground
from consent.domain.event import Actor, Assurance, EventKind, Method
from consent.domain.fold import Question, Status, effective
from consent.domain.french_rules import RULES, Standing, breaches
from consent.domain.purpose import LegalBasis, Minors, Obligation, Published, Purpose
from consent.domain.spoken import is_clear_act, prospecting_objections, signal_objections
from consent.domain.timers import Expressed, due, is_minor, may_ask_again, prospect_data_until
from tests.unit.consent.consenting import A, day, event, published, purpose

TODAY = datetime(2026, 11, 23, tzinfo=UTC)
BY_ID = {rule.rule_id: rule for rule in RULES}
EVERYTHING = tuple(Obligation)
GIVEN, REFUSED, OBJECTED = EventKind.GIVEN, EventKind.REFUSED, EventKind.OBJECTED


def offer(channel: str, **changes: Any) -> Purpose:
    """An offer that keeps every rule, but for the changes."""
    lawful = replace(purpose(valid_days=365, minors=Minors.JOINT, prospecting=True, channels=frozenset({channel})), obligations=EVERYTHING)
    return replace(lawful, **changes)


def broken(one: Purpose, at: datetime = TODAY) -> set[str]:
    """The rules that a purpose breaks."""
    articles = {rule.article: rule.rule_id for rule in RULES}
    told = [fault.message for fault in breaches([one], at)]
    return {rule_id for article, rule_id in articles.items() if any(f"({article}" in message for message in told)}


def days_before(rule_id: str, days: float = 1) -> datetime:
    return datetime.combine(BY_ID[rule_id].since, datetime.min.time(), UTC) - timedelta(days=days)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rule_id)
def test_each_row_has_its_test_its_code_and_its_words(rule: Any) -> None:
    assert f"test_rule_{rule.rule_id.replace('-', '_')}" in globals()
    module, name = rule.applied_by.rsplit(".", 1)
    assert callable(getattr(import_module(module), name))
    assert set(rule.demands.texts) == {"fr", "en"}
    assert all(text.endswith(".") for text in rule.demands.texts.values())
    assert rule.article
    assert bool(rule.remark) or rule.standing is Standing.LAW or rule.check or rule.rule_id == "permissions-end"


def test_rows_are_named_once() -> None:
    assert len(BY_ID) == len(RULES)
    assert len({rule.article for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("channel", ["email", "sms", "phone", "post", "web"])
def test_an_offer_that_keeps_the_rules_breaks_none(channel: str) -> None:
    assert broken(offer(channel)) == set()


def test_what_is_no_advertising_is_left_alone() -> None:
    service = replace(purpose(LegalBasis.CONTRACT, channels=frozenset({"email", "sms", "phone", "post"})), retention="P5Y")
    assert broken(service) == set()


def test_a_rule_holds_from_midnight_in_paris() -> None:
    rule = BY_ID["phone-consent"]
    assert rule.since == date(2026, 8, 11)
    assert not rule.holds(datetime(2026, 8, 10, 21, 59, tzinfo=UTC))
    assert rule.holds(datetime(2026, 8, 10, 22, 0, tzinfo=UTC))


def test_what_is_not_confirmed_says_so_in_the_row_and_in_the_refusal() -> None:
    row = BY_ID["phone-twelve-months"]
    assert row.standing is Standing.UNCONFIRMED
    assert row.remark.startswith("seen only in a package README; check on Légifrance")
    (fault,) = breaches([offer("phone", valid_days=None)], TODAY)
    assert fault.message.endswith("(C. conso. art. R223-1; décret 2026-662 du 23 juillet 2026, unconfirmed)")
    assert fault.place == ("purposes", "offers", "valid_days")


# One test for each row


@pytest.mark.parametrize("basis", [basis for basis in LegalBasis if basis is not LegalBasis.CONSENT])
def test_rule_phone_consent(basis: LegalBasis) -> None:
    calls = offer("phone", basis=basis, valid_days=None)
    assert "phone-consent" in broken(calls)
    assert "phone-consent" not in broken(calls, days_before("phone-consent"))
    assert "phone-consent" not in broken(replace(calls, channels=frozenset({"post"})))


def test_rule_phone_twelve_months() -> None:
    assert broken(offer("phone", valid_days=366)) == {"phone-twelve-months"}
    assert broken(offer("phone", valid_days=None)) == {"phone-twelve-months"}
    assert broken(offer("phone", valid_days=365)) == set()
    assert broken(offer("email", valid_days=1095)) == set()
    assert broken(offer("phone", valid_days=366), days_before("phone-twelve-months")) == set()


@pytest.mark.parametrize("obligation", [Obligation.IDENTIFY_SENDER, Obligation.STOP_WHEN_ASKED])
def test_rule_phone_manners(obligation: Obligation) -> None:
    assert broken(offer("phone", obligations=tuple(one for one in EVERYTHING if one is not obligation))) == {"phone-manners"}


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_rule_electronic_consent(channel: str) -> None:
    unasked = offer(channel, basis=LegalBasis.LEGITIMATE_INTEREST, valid_days=None, minors=Minors.ALIKE)
    assert broken(unasked) == {"electronic-consent"}
    assert broken(replace(unasked, soft_opt_in=True)) == set()
    assert broken(replace(unasked, channels=frozenset({"post"}))) == set(), "letters need no consent"


@pytest.mark.parametrize("obligation", [Obligation.IDENTIFY_SENDER, Obligation.SHOW_WITHDRAW_LINK])
@pytest.mark.parametrize("channel", ["email", "sms"])
def test_rule_electronic_way_out(channel: str, obligation: Obligation) -> None:
    assert broken(offer(channel, obligations=tuple(one for one in EVERYTHING if one is not obligation))) == {"electronic-way-out"}


def test_rule_soft_opt_in() -> None:
    soft = offer("email", basis=LegalBasis.LEGITIMATE_INTEREST, valid_days=None, minors=Minors.ALIKE, soft_opt_in=True)
    assert broken(soft) == set()
    for obligation in (Obligation.EXISTING_CUSTOMERS_ONLY, Obligation.SIMILAR_GOODS_ONLY):
        assert broken(replace(soft, obligations=tuple(one for one in EVERYTHING if one is not obligation))) == {"soft-opt-in"}
    assert broken(replace(soft, channels=frozenset({"email", "post"}))) == {"soft-opt-in"}
    assert broken(replace(soft, prospecting=False)) == {"soft-opt-in"}
    customer = effective(A, alone(A), (), (), Question(soft, published(soft), day(10)))
    assert on_ground(soft.basis, customer, prospecting=True) == (Effect.PERMIT, ReasonCode.OTHER_GROUND), "not as a consent"
    refused = effective(A, alone(A), [event(REFUSED, 1)], (), Question(soft, published(soft), day(10)))
    assert on_ground(soft.basis, refused, prospecting=True) == (Effect.DENY, ReasonCode.OBJECTED)


def test_rule_objection_absolute() -> None:
    for basis in (LegalBasis.CONTRACT, LegalBasis.LEGAL_OBLIGATION, LegalBasis.VITAL_INTEREST, LegalBasis.PUBLIC_TASK):
        assert broken(offer("post", basis=basis, valid_days=None)) == {"objection-absolute"}
    catalogue = Published({"offers": (offer("email"),), "post": (offer("post"),), "service": (purpose(LegalBasis.CONTRACT),)})
    objections = prospecting_objections(catalogue, day(2), method=Method.PHONE, assurance=Assurance.DECLARED)
    assert [one.purpose for one in objections] == ["offers", "post"]
    assert {one.kind for one in objections} == {OBJECTED}
    objecting = effective(A, alone(A), [event(OBJECTED, 2)], (), Question(offer("email"), published(offer("email")), day(3)))
    for basis in LegalBasis:
        assert on_ground(basis, objecting, prospecting=True)[0] is Effect.DENY, "nothing outweighs a no to advertising"


def test_rule_refusal_signal() -> None:
    heeding = replace(purpose(minors=Minors.JOINT), signal=True)
    catalogue = Published({"offers": (heeding,), "service": (purpose(LegalBasis.CONTRACT),)})
    for header in (None, "", "0", "true", " 1", "1,1"):
        assert signal_objections(header, (), catalogue, day(5)) == ()
    (objection,) = signal_objections("1", (), catalogue, day(5))
    assert (objection.purpose, objection.expressed_at, objection.method, objection.assurance, objection.actor) == (
        "offers", day(5), Method.GPC, Assurance.DEVICE, Actor.SELF,
    )  # fmt: skip
    recorded = event(OBJECTED, 5, method=Method.GPC, assurance=Assurance.DEVICE)
    question = Question(heeding, catalogue, day(9))
    assert effective(A, alone(A), [event(GIVEN, 1), recorded], (), question).status is Status.OBJECTED
    assert signal_objections("1", [event(GIVEN, 1), recorded], catalogue, day(6)) == (), "every page sends it; it counts once"
    explicit = event(GIVEN, 7, assurance=Assurance.ACCOUNT)
    assert signal_objections("1", [recorded, explicit], catalogue, day(8)) == (), "a later explicit yes is not taken back by the next page"
    assert effective(A, alone(A), [recorded, explicit], (), question).status is Status.GIVEN
    assert effective(A, alone(A), [recorded, event(GIVEN, 7)], (), question).status is Status.OBJECTED, "a form is not enough"
    by_hand = event(OBJECTED, 2, method=Method.PORTAL)
    assert len(signal_objections("1", [by_hand], catalogue, day(6))) == 1, "both are kept"


def test_rule_clear_act() -> None:
    assert not is_clear_act(EventKind.GIVEN, Actor.SYSTEM)
    assert not is_clear_act(EventKind.RENEWED, Actor.SYSTEM), "no tacit renewal"
    assert is_clear_act(EventKind.EXPIRED, Actor.SYSTEM)
    assert all(is_clear_act(EventKind.GIVEN, actor) for actor in (Actor.SELF, Actor.GUARDIAN, Actor.AGENT))


def test_rule_minors_joint() -> None:
    assert broken(offer("post", minors=Minors.ALIKE)) == {"minors-joint"}
    assert broken(offer("post", minors=Minors.NEVER)) == set()
    born = date(2011, 11, 23)
    assert is_minor(born, datetime(2026, 11, 22, 22, tzinfo=UTC))
    assert not is_minor(born, datetime(2026, 11, 22, 23, tzinfo=UTC)), "midnight in Paris"
    leap = date(2012, 2, 29)
    assert is_minor(leap, datetime(2027, 2, 28, 12, tzinfo=UTC))
    assert not is_minor(leap, datetime(2027, 3, 1, 12, tzinfo=UTC))
    joint = offer("email")
    asked = Question(joint, published(joint), day(9), minor=True)
    child, guardian = event(GIVEN, 1), event(GIVEN, 2, actor=Actor.GUARDIAN)
    assert effective(A, alone(A), [child], (), asked).status is Status.MINOR
    assert effective(A, alone(A), [child, guardian], (), asked).status is Status.GIVEN


@pytest.mark.parametrize("kind", [GIVEN, REFUSED, EventKind.WITHDRAWN, EventKind.REQUESTED])
def test_rule_choice_remembered(kind: EventKind) -> None:
    one = purpose()
    said = Expressed(A, [event(kind, 0)])  # 1 January
    assert not may_ask_again(said, Question(one, published(one), datetime(2026, 6, 30, 23, tzinfo=UTC)))
    assert may_ask_again(said, Question(one, published(one), datetime(2026, 7, 1, tzinfo=UTC)))


def test_rule_prospect_keeping() -> None:
    assert broken(offer("post", retention="P37M")) == {"prospect-keeping"}
    assert broken(offer("post", retention="P1096D")) == {"prospect-keeping"}
    assert broken(offer("post", retention="P3Y")) == set()
    assert prospect_data_until(datetime(2024, 2, 29, tzinfo=UTC)) == datetime(2027, 2, 28, tzinfo=UTC)


def test_rule_permissions_end() -> None:
    yearly = purpose(valid_days=365)
    catalogue = published(yearly)
    said = [event(GIVEN, 0)]
    assert due(said, catalogue, day(334), within=timedelta(days=30)) == ()
    (soon,) = due(said, catalogue, day(335), within=timedelta(days=30))
    assert (soon.status, soon.ends, soon.may_ask) == (Status.GIVEN, day(365), True)
    (ended,) = due(said, catalogue, day(400), within=timedelta(days=30))
    assert (ended.status, ended.may_ask) == (Status.EXPIRED, True)


def test_the_rules_are_documented_as_they_are() -> None:
    text = (Path(__file__).parents[3] / "docs/decisions.md").read_text("utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \| (\d{4}-\d\d-\d\d) \| (.+?) \| (\w+) \|$", text, flags=re.MULTILINE)
    assert rows == [(rule.rule_id, rule.since.isoformat(), rule.article, rule.standing.value) for rule in RULES]
