"""Asking again, and permissions that end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from consent.domain.event import Assurance, ConsentEvent, Echo, EventKind
from consent.domain.fold import Question, Status
from consent.domain.purpose import LegalBasis, Published, Purpose
from consent.domain.timers import Due, Expressed, ask_from, due, may_ask_again
from tests.unit.consent.consenting import A, B, day, event, published, purpose, subject

GIVEN, REFUSED, WITHDRAWN, OBJECTED = EventKind.GIVEN, EventKind.REFUSED, EventKind.WITHDRAWN, EventKind.OBJECTED
MONTH = timedelta(days=30)


def may(*events: ConsentEvent, at: float, channel: str | None = None, versions: tuple[Purpose, ...] = ()) -> bool:
    catalogue = published(*versions)
    asked = catalogue.purpose("offers")
    assert asked
    return may_ask_again(Expressed(A, events), Question(asked, catalogue, day(at), channel))


def listed(*events: ConsentEvent, at: float, catalogue: Published | None = None) -> tuple[Due, ...]:
    return due(events, catalogue or published(purpose(valid_days=365)), day(at), within=MONTH)


def test_whoever_was_never_asked_may_be() -> None:
    assert may(at=0)
    assert may(event(REFUSED, 0, purpose="other"), at=1)


def test_the_newest_choice_counts() -> None:
    assert not may(event(REFUSED, 0), event(WITHDRAWN, 100), at=200)
    assert may(event(REFUSED, 0), event(WITHDRAWN, 100), at=290)


def test_a_refusal_of_one_channel_leaves_the_others_free() -> None:
    assert may(event(REFUSED, 0, channel="sms"), at=1, channel="email")
    assert not may(event(REFUSED, 0, channel="sms"), at=1, channel="sms")
    assert not may(event(REFUSED, 0, purpose=None, purpose_version=None), at=1, channel="email"), "a refusal of everything"


@pytest.mark.parametrize("kind", [OBJECTED, EventKind.RESTRICTED, EventKind.ERASED])
def test_whoever_objected_is_not_asked_at_all(kind: EventKind) -> None:
    assert not may(event(kind, 0), at=3000)
    catalogue = published()
    asked = catalogue.purpose("offers")
    assert asked
    assert ask_from(Expressed(A, [event(kind, 0)]), Question(asked, catalogue, day(3000))) is None


def test_whoever_lifts_an_objection_may_be_asked() -> None:
    assert may(event(OBJECTED, 0), event(EventKind.LIFTED, 1, assurance=Assurance.ACCOUNT), at=2)


def test_another_question_may_be_put_at_once() -> None:
    first, other, same = purpose(), purpose(version=2), purpose(version=2, compatible=True)
    assert may(event(REFUSED, 0), at=1, versions=(first, other))
    assert not may(event(REFUSED, 0), at=1, versions=(first, same))


def test_a_no_on_a_linked_anchor_is_remembered_too() -> None:
    asked = Question(purpose(), published(), day(10))
    both = subject({A}, {B})
    assert not may_ask_again(Expressed(A, [event(REFUSED, 0, B)], both), asked)
    echo = Echo(A, event(REFUSED, 0, B))
    assert not may_ask_again(Expressed(A, (), echoes=[echo]), asked), "nor after the two have parted"


def test_a_clock_that_runs_slow_does_not_shorten_the_memory() -> None:
    assert not may(event(REFUSED, 0, recorded=100), at=200)


def test_what_was_taken_back_is_not_listed() -> None:
    assert listed(event(GIVEN, 0), event(WITHDRAWN, 10), at=350) == ()
    assert listed(event(GIVEN, 0), event(OBJECTED, 10), at=350) == ()


def test_what_was_renewed_is_not_listed_until_the_renewal_ends() -> None:
    renewed = event(EventKind.RENEWED, 300)
    assert listed(event(GIVEN, 0), renewed, at=350) == ()
    (one,) = listed(event(GIVEN, 0), renewed, at=640)
    assert (one.event, one.ends) == (renewed.event_id, day(665))


def test_a_permission_without_a_term_is_never_listed() -> None:
    assert listed(event(GIVEN, 0), at=5000, catalogue=published()) == ()


def test_each_use_is_listed_for_itself_soonest_first() -> None:
    brief = event(GIVEN, 0, channel="sms", valid_until=day(340))
    found = listed(brief, event(GIVEN, 0, B, channel="email"), at=336)
    assert [(one.anchor, one.channel, one.ends) for one in found] == [(A, "sms", day(340)), (B, "email", day(365))]


def test_a_permission_that_a_newer_version_does_not_carry_is_listed_to_be_asked_for() -> None:
    catalogue = published(purpose(valid_days=365), purpose(version=2, valid_days=365))
    (one,) = listed(event(GIVEN, 0), at=5, catalogue=catalogue)
    assert (one.status, one.ends, one.may_ask) == (Status.NOTICE_CHANGED, None, True)


def test_a_permission_that_ends_soon_after_it_was_given_is_not_asked_for_at_once() -> None:
    (one,) = listed(event(GIVEN, 0, valid_until=day(20)), at=10)
    assert not one.may_ask
    assert one.ask_from == day(181)


def test_a_no_of_another_anchor_takes_a_permission_off_the_list() -> None:
    events = [event(GIVEN, 0, assurance=Assurance.DECLARED), event(WITHDRAWN, 5, B)]
    catalogue = published(purpose(valid_days=365))
    both = subject({A}, {B})
    assert due(events, catalogue, day(350), within=MONTH, subjects={A: both, B: both}) == ()
    assert len(due(events, catalogue, day(350), within=MONTH)) == 1


def test_only_consent_comes_to_an_end() -> None:
    assert listed(event(GIVEN, 0), at=5000, catalogue=published(purpose(LegalBasis.CONTRACT))) == ()
    assert listed(event(GIVEN, 0, purpose="gone"), at=5000) == ()
