"""The effective state, rule by rule (``consent.domain.fold``)."""

from __future__ import annotations

import pytest

from consent.domain.anchor import Anchor, Subject, alone
from consent.domain.event import Actor, Assurance, ConsentEvent, Echo, EventKind
from consent.domain.fold import Question, State, Status, effective
from consent.domain.purpose import Minors, Purpose
from tests.unit.consent.consenting import A, B, C, day, event, published, purpose, subject

GIVEN, REFUSED, WITHDRAWN, OBJECTED = EventKind.GIVEN, EventKind.REFUSED, EventKind.WITHDRAWN, EventKind.OBJECTED
SURE = Assurance.ACCOUNT


def state(
    *events: ConsentEvent,
    anchor: Anchor = A,
    of: Subject | None = None,
    echoes: tuple[Echo, ...] = (),
    versions: tuple[Purpose, ...] = (),
    at: float = 100,
    channel: str | None = None,
    minor: bool = False,
) -> State:
    catalogue = published(*versions)
    asked = catalogue.purpose("offers")
    assert asked
    return effective(anchor, of or alone(anchor), events, echoes, Question(asked, catalogue, day(at), channel, minor=minor))


def test_silence_is_not_consent() -> None:
    assert state().status is Status.UNKNOWN
    assert state(event(EventKind.REQUESTED, 1), event(EventKind.UNKNOWN, 2)).status is Status.UNKNOWN


def test_what_was_given_is_given_until_it_is_withdrawn_and_given_again() -> None:
    given, withdrawn, again = event(GIVEN, 1), event(WITHDRAWN, 2), event(GIVEN, 3)
    assert state(given).status is Status.GIVEN
    assert state(given, withdrawn).status is Status.WITHDRAWN
    assert state(given, withdrawn, again).status is Status.GIVEN


def test_at_the_same_instant_no_beats_yes_and_says_that_they_conflict() -> None:
    found = state(event(GIVEN, 1), event(REFUSED, 1))
    assert found.status is Status.REFUSED
    assert found.conflict


def test_a_yes_does_not_cross_a_link_that_nobody_proved() -> None:
    assert state(event(GIVEN, 1, B), of=subject({A}, {B})).status is Status.UNKNOWN
    assert state(event(GIVEN, 1, B), of=subject({A, B})).status is Status.GIVEN


def test_a_no_crosses_every_link() -> None:
    found = state(event(GIVEN, 1, A), event(WITHDRAWN, 0.5, B), of=subject({A}, {B}))
    assert found.status is Status.WITHDRAWN
    assert found.crossed


def test_a_no_of_another_is_answered_by_that_other_or_by_a_later_authenticated_yes_only() -> None:
    two = subject({A}, {B})
    given, theirs = event(GIVEN, 1, A), event(WITHDRAWN, 2, B)
    assert state(given, theirs, event(GIVEN, 3, A), of=two).status is Status.WITHDRAWN
    assert state(given, theirs, event(GIVEN, 3, A, assurance=SURE), of=two).status is Status.GIVEN
    assert state(given, theirs, event(GIVEN, 3, B), of=two).status is Status.GIVEN


def test_a_no_expressed_while_two_were_one_stays_with_both_after_they_part() -> None:
    theirs = event(WITHDRAWN, 2, B)
    echo = Echo(A, theirs)
    assert state(event(GIVEN, 1), echoes=(echo,)).status is Status.WITHDRAWN
    assert state(event(GIVEN, 1), event(GIVEN, 3), echoes=(echo,)).status is Status.WITHDRAWN
    assert state(event(GIVEN, 1), event(GIVEN, 3, assurance=SURE), echoes=(echo,)).status is Status.GIVEN


def test_merging_and_splitting_again_changes_nothing_that_was_said_before() -> None:
    events = (event(GIVEN, 1, A), event(WITHDRAWN, 1, B))
    assert state(*events).status is Status.GIVEN
    assert state(*events, of=subject({A}, {B})).status is Status.WITHDRAWN
    assert state(*events).status is Status.GIVEN


def test_a_source_whose_clock_is_slow_cannot_outrun_a_withdrawal() -> None:
    withdrawn_by_a_slow_clock = event(WITHDRAWN, 1, recorded=10)
    assert state(event(GIVEN, 5), withdrawn_by_a_slow_clock).status is Status.WITHDRAWN


def test_a_source_whose_clock_is_fast_cannot_give_ahead_of_time() -> None:
    given_by_a_fast_clock = event(GIVEN, 50, recorded=5)
    assert state(given_by_a_fast_clock, event(WITHDRAWN, 10)).status is Status.WITHDRAWN


def test_an_objection_is_answered_by_an_authenticated_yes_or_a_lifting_but_not_by_a_form() -> None:
    assert state(event(OBJECTED, 1), event(GIVEN, 2)).status is Status.OBJECTED
    assert state(event(OBJECTED, 1), event(GIVEN, 2, assurance=SURE)).status is Status.GIVEN
    assert state(event(OBJECTED, 1), event(EventKind.LIFTED, 2)).status is Status.OBJECTED
    assert state(event(OBJECTED, 1), event(EventKind.LIFTED, 2, assurance=SURE)).status is Status.UNKNOWN


def test_a_restriction_ends_by_lifting_only_and_an_erasure_by_nothing() -> None:
    given = event(GIVEN, 2, assurance=SURE)
    assert state(event(EventKind.RESTRICTED, 1, purpose=None), given).status is Status.RESTRICTED
    assert (
        state(event(EventKind.RESTRICTED, 1, purpose=None), given, event(EventKind.LIFTED, 3, purpose="other")).status is Status.RESTRICTED
    )
    everything = event(EventKind.LIFTED, 3, purpose=None)
    assert state(event(EventKind.RESTRICTED, 1, purpose=None), given, everything).status is Status.GIVEN
    assert state(event(EventKind.ERASED, 1, purpose=None), given, everything).status is Status.ERASED


def test_the_gravest_of_several_denials_is_told() -> None:
    assert state(event(REFUSED, 3), event(OBJECTED, 1), event(WITHDRAWN, 2)).status is Status.OBJECTED


def test_a_permission_ends_with_the_purposes_term_or_its_own() -> None:
    yearly = (purpose(valid_days=365),)
    assert state(event(GIVEN, 1), versions=yearly, at=365).status is Status.GIVEN
    assert state(event(GIVEN, 1), versions=yearly, at=366).status is Status.EXPIRED
    assert state(event(GIVEN, 1, valid_until=day(10)), versions=yearly, at=10).status is Status.EXPIRED
    assert state(event(GIVEN, 1), event(EventKind.RENEWED, 300), versions=yearly, at=400).status is Status.GIVEN


def test_only_an_unbroken_chain_of_compatible_versions_carries_a_permission_over() -> None:
    first, same, other = purpose(), purpose(version=2, compatible=True), purpose(version=3)
    assert state(event(GIVEN, 1), versions=(first, same)).status is Status.GIVEN
    assert state(event(GIVEN, 1), versions=(first, same, other)).status is Status.NOTICE_CHANGED
    assert state(event(GIVEN, 1, purpose_version=3), versions=(first, same, other)).status is Status.GIVEN
    assert state(event(GIVEN, 1, purpose_version=9), versions=(first,)).status is Status.NOTICE_CHANGED
    assert state(event(GIVEN, 1, purpose_version=None), versions=(first,)).status is Status.NOTICE_CHANGED


def test_a_yes_for_one_channel_says_nothing_about_another_and_a_no_for_one_refuses_an_open_question() -> None:
    by_mail = event(GIVEN, 1, channel="email")
    assert state(by_mail, channel="email").status is Status.GIVEN
    assert state(by_mail, channel="sms").status is Status.UNKNOWN
    assert state(by_mail).status is Status.UNKNOWN
    assert state(event(GIVEN, 1), event(REFUSED, 2, channel="sms")).status is Status.REFUSED
    assert state(event(GIVEN, 1), event(REFUSED, 2, channel="sms"), channel="email").status is Status.GIVEN


def test_a_childs_consent_wants_its_guardians_and_neither_is_enough_alone() -> None:
    joint = (purpose(minors=Minors.JOINT),)
    child, guardian = event(GIVEN, 1), event(GIVEN, 2, actor=Actor.GUARDIAN)
    assert state(child, versions=joint, minor=True).status is Status.MINOR
    assert state(guardian, versions=joint, minor=True).status is Status.MINOR
    assert state(child, guardian, versions=joint, minor=True).status is Status.GIVEN
    assert state(child, guardian, event(WITHDRAWN, 3), versions=joint, minor=True).status is Status.WITHDRAWN
    assert state(child, guardian, event(WITHDRAWN, 3), event(GIVEN, 4), versions=joint, minor=True).status is Status.GIVEN
    assert state(child, guardian, versions=(purpose(minors=Minors.NEVER),), minor=True).status is Status.MINOR
    assert state(child, versions=joint).status is Status.GIVEN


def test_a_guardian_cannot_answer_for_a_child_that_said_no_nor_the_child_for_the_guardian() -> None:
    joint = (purpose(minors=Minors.JOINT),)
    child, guardian = event(GIVEN, 1), event(GIVEN, 1, actor=Actor.GUARDIAN, number=7)
    childs_no, guardians_no = event(WITHDRAWN, 2), event(WITHDRAWN, 2, actor=Actor.GUARDIAN, number=8)
    guardian_again = event(GIVEN, 3, actor=Actor.GUARDIAN, number=9)
    assert state(child, guardian, childs_no, guardian_again, versions=joint, minor=True).status is Status.WITHDRAWN
    assert state(child, guardian, guardians_no, event(GIVEN, 3), versions=joint, minor=True).status is Status.WITHDRAWN
    assert state(child, guardian, guardians_no, guardian_again, versions=joint, minor=True).status is Status.GIVEN
    assert state(guardians_no, event(GIVEN, 3), versions=joint).status is Status.GIVEN, "of age, one's own word counts"
    assert state(guardian, versions=joint).status is Status.MINOR, "and nobody else's"
    assert state(childs_no, guardian_again, versions=joint).status is Status.WITHDRAWN


def test_a_child_cannot_lift_what_its_guardian_objected_to() -> None:
    guardians = event(OBJECTED, 1, actor=Actor.GUARDIAN)
    childs, theirs = event(EventKind.LIFTED, 2, assurance=SURE), event(EventKind.LIFTED, 2, assurance=SURE, actor=Actor.GUARDIAN)
    assert state(guardians, childs, minor=True).status is Status.OBJECTED
    assert state(guardians, theirs, minor=True).status is Status.UNKNOWN


def test_what_was_withdrawn_does_not_come_back_when_a_newer_permission_ends() -> None:
    brief = event(GIVEN, 3, valid_until=day(4))
    assert state(event(GIVEN, 1), event(WITHDRAWN, 2), brief, at=5).status is Status.EXPIRED


@pytest.mark.parametrize("kind", sorted(EventKind))
def test_what_was_said_for_another_purpose_says_nothing_here(kind: EventKind) -> None:
    assert state(event(GIVEN, 1), event(kind, 2, purpose="other")).status is Status.GIVEN


def test_an_anchor_of_nobody_is_unknown() -> None:
    assert state(event(GIVEN, 1, A), anchor=C).status is Status.UNKNOWN
