"""The laws of consent: whatever is expressed, in whatever order, through whatever merges and splits, nobody's no becomes a yes.

``ENTENTE_LAW_STEPS`` raises the number of steps (default some 10^5; millions on demand).
"""

from __future__ import annotations

import os
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from consent.domain.anchor import Anchor, Subject, alone
from consent.domain.event import DENIALS, GRANTS, Actor, Assurance, ConsentEvent, Echo, EventKind
from consent.domain.fold import Question, State, Status, effective
from consent.domain.purpose import Published
from tests.unit.consent.consenting import A, B, C, D, day, event, published, purpose

STEPS = int(os.environ.get("ENTENTE_LAW_STEPS", "100000"))
PER_RUN = 50
ANCHORS = (A, B, C, D)
CATALOGUE: Published = published(purpose(valid_days=300))
CHANNELS = (None, "email", "sms")
kinds = st.sampled_from(sorted(EventKind))
anchors = st.sampled_from(ANCHORS)


def question(channel: str | None, at: float) -> Question:
    asked = CATALOGUE.purpose("offers")
    assert asked
    return Question(asked, CATALOGUE, day(at), channel)


class People(RuleBasedStateMachine):
    """Four anchors, joined and parted at random, proved or not; events with clocks that are wrong by days."""

    @initialize()
    def begin(self) -> None:
        self.now = 0.0
        self.numbers = count(1)
        self.events: list[ConsentEvent] = []
        self.echoes: list[Echo] = []
        self.found: dict[object, State] = {}
        self.groups: list[set[Anchor]] = [{anchor} for anchor in ANCHORS]
        self.subjects: list[set[Anchor]] = [{anchor} for anchor in ANCHORS]

    def subject(self, anchor: Anchor) -> Subject:
        members = next(members for members in self.subjects if anchor in members)
        return Subject(frozenset(frozenset(group & members) for group in self.groups if group & members))

    def state(self, anchor: Anchor, channel: str | None = None) -> State:
        """Return the state, computed once for as long as nothing that it is a function of has changed."""
        subject = self.subject(anchor)
        key = (anchor, channel, subject, len(self.events), self.now)
        if key not in self.found:
            self.found[key] = effective(anchor, subject, self.events, self.echoes, question(channel, self.now))
        return self.found[key]

    @rule(
        anchor=anchors, kind=kinds, skew=st.sampled_from((0, 0, -3, 3)), channel=st.sampled_from(CHANNELS),
        sure=st.booleans(), everything=st.booleans(), actor=st.sampled_from((Actor.SELF, Actor.SELF, Actor.GUARDIAN)),
    )  # fmt: skip
    def express(  # noqa: PLR0917 - what a strategy draws comes by name
        self, anchor: Anchor, kind: EventKind, skew: float, channel: str | None, sure: bool, everything: bool, actor: Actor
    ) -> None:
        said = event(
            kind, self.now + skew, anchor, recorded=self.now, number=next(self.numbers), channel=channel, actor=actor,
            assurance=Assurance.ACCOUNT if sure else Assurance.DECLARED,
            purpose=None if everything and kind not in GRANTS else "offers",
        )  # fmt: skip
        self.events.append(said)
        if kind in DENIALS:
            self.echoes += [Echo(other, said) for other in self.subject(anchor).anchors if other != anchor]
            for channel_asked in CHANNELS:
                if said.covers("offers", channel_asked, None):
                    assert self.state(anchor, channel_asked).status is not Status.GIVEN, "a no bites the moment it is recorded"

    @rule(days=st.sampled_from((0.5, 1, 40)))
    def wait(self, days: float) -> None:
        self.now += days

    @rule(one=anchors, other=anchors)
    def merge(self, one: Anchor, other: Anchor) -> None:
        before = {anchor: self.state(anchor).status for anchor in ANCHORS}
        mine, theirs = (next(members for members in self.subjects if anchor in members) for anchor in (one, other))
        if mine is not theirs:
            mine |= theirs
            self.subjects.remove(theirs)
        for anchor in ANCHORS:
            assert self.state(anchor).status is not Status.GIVEN or before[anchor] is Status.GIVEN, "a merge newly permits nothing"

    @rule(anchor=anchors)
    def split(self, anchor: Anchor) -> None:
        members = next(members for members in self.subjects if anchor in members)
        if len(members) > 1:
            members.remove(anchor)
            self.subjects.append({anchor})
            for group in [group for group in self.groups if anchor in group and len(group) > 1]:
                group.remove(anchor)
                self.groups.append({anchor})

    @rule(one=anchors, other=anchors)
    def merge_and_split_again(self, one: Anchor, other: Anchor) -> None:
        mine, theirs = (next(members for members in self.subjects if anchor in members) for anchor in (one, other))
        if mine is theirs:
            return
        before = {anchor: self.state(anchor) for anchor in ANCHORS}
        kept = [set(members) for members in self.subjects]
        mine |= theirs
        self.subjects.remove(theirs)
        self.subjects = kept
        self.found.clear()
        assert {anchor: self.state(anchor) for anchor in ANCHORS} == before

    @rule(one=anchors, other=anchors)
    def prove(self, one: Anchor, other: Anchor) -> None:
        """One person proves to hold both, which are one subject already."""
        members = next(members for members in self.subjects if one in members)
        mine, theirs = (next(group for group in self.groups if anchor in group) for anchor in (one, other))
        if other in members and mine is not theirs and mine <= members and theirs <= members:
            mine |= theirs
            self.groups.remove(theirs)

    @invariant()
    def every_permission_is_a_grant_of_that_person_newer_than_every_no_that_reached_it(self) -> None:
        for anchor in ANCHORS:
            found = self.state(anchor)
            if found.status is not Status.GIVEN:
                continue
            voice = self.subject(anchor).group_of(anchor)
            assert found.event is not None
            assert found.event.kind in GRANTS
            assert found.event.anchor in voice
            assert found.event.actor is not Actor.GUARDIAN
            ends = [said for said in self.events if said.anchor in voice and said.kind in DENIALS and said.covers("offers", None, None)]
            unpaused = [said for said in ends if said.kind is not EventKind.RESTRICTED]
            assert all(said.instant < found.event.instant for said in unpaused), "an old yes came back"
            assert not any(said.kind is EventKind.ERASED for said in self.events if said.anchor in self.subject(anchor).anchors)

    @invariant()
    def order_and_repetition_say_nothing(self) -> None:
        for anchor in (A, B):
            subject = self.subject(anchor)
            again = [*reversed(self.events), *self.events[::2]]
            echoes = [*reversed(self.echoes), *self.echoes[::3]]
            assert effective(anchor, subject, again, echoes, question(None, self.now)) == self.state(anchor)

    @invariant()
    def a_narrower_question_is_permitted_wherever_the_open_one_is(self) -> None:
        for anchor in (A, B):
            if self.state(anchor).status is Status.GIVEN:
                assert self.state(anchor, "email").status is Status.GIVEN
                assert self.state(anchor, "sms").status is Status.GIVEN


@pytest.mark.timeout(0 if STEPS > 200_000 else 300)
def test_no_sequence_of_events_merges_splits_and_wrong_clocks_permits_what_nobody_gave() -> None:
    run_state_machine_as_test(
        People,
        settings=settings(
            max_examples=max(1, STEPS // PER_RUN), stateful_step_count=PER_RUN, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@given(st.lists(st.tuples(kinds, st.integers(0, 30), anchors), max_size=8), st.randoms(use_true_random=False))
def test_a_permutation_of_the_events_is_the_same_state(said: list[tuple[EventKind, int, Anchor]], chance: object) -> None:
    events = [event(kind, at, anchor, number=number) for number, (kind, at, anchor) in enumerate(said)]
    shuffled = list(events)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # random.Random
    for anchor in ANCHORS:
        one, other = (effective(anchor, alone(anchor), order, (), question(None, 40)) for order in (events, shuffled))
        assert one == other


def test_a_newer_no_always_denies_however_sure_the_yes() -> None:
    for kind in DENIALS:
        said = [event(EventKind.GIVEN, 1, assurance=Assurance.ACCOUNT), event(kind, 1 + timedelta(seconds=1).total_seconds() / 86400)]
        assert effective(A, alone(A), said, (), question(None, 2)).status is not Status.GIVEN
