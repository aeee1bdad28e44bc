"""What several processes did at once, held against what one after another could have done (linearizability).

Writes have revisions, in the order in which they were committed; a decision has the revision that it read. So the order is known, and:
 1. a decision reads no less than what was acknowledged before it was asked;
 2. it answers exactly what the writes up to its revision come to;
 3. a merge that was acknowledged before it was asked counts, one that began after it was answered does not, and either may otherwise.
    While a merge is under way links and events may be read from either side of it. That can deny for a moment what both sides permit (the
    other's no has come over, and their later yes not yet); it never permits what either denies.

What writes come to is said here anew, in the words of the rules and for this small world alone: two anchors, unproved link, everybody
signed in, a yes and a no.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.integration.consent.racing import Done


@dataclass
class Findings:
    """What was found. ``permits``: permitted although a withdrawal that was acknowledged before stands."""

    answers: int = 0
    contended: int = 0
    """Answers about somebody on whom another step was under way at that very time."""
    after_withdrawal: int = 0
    """Answers about somebody whose withdrawal, acknowledged before the question, is the last word at the decision's revision."""
    refused: int = 0
    stale: list[str] = field(default_factory=list)
    permits: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class _Person:
    """Both anchors of one person: revisions of each yes and no, and what was going on when."""

    def __init__(self) -> None:
        self.yes: dict[int, list[int]] = defaultdict(list)
        self.no: dict[int, list[int]] = defaultdict(list)
        self.merges: list[Done] = []
        self.steps: list[Done] = []
        self.unsure = False

    def permits(self, number: int, revision: int, *, linked: bool) -> bool:
        """Whether what was said up to a revision permits the use of an anchor."""
        yes, no = _last(self.yes[number], revision), _last(self.no[number], revision)
        other = number ^ 1
        crossing = _last(self.no[other], revision) if linked else 0
        answered = max(yes, _last(self.yes[other], revision))
        return yes > no and answered >= crossing

    def permits_half_merged(self, number: int, revision: int) -> bool:
        """Whether it is permitted to a decider that saw the other's no come over (its echo), and not yet whom it is linked to."""
        return self.permits(number, revision, linked=False) and _last(self.yes[number], revision) >= _last(self.no[number ^ 1], revision)

    def allowed(self, decided: Done, number: int) -> set[bool]:
        """Return the answers that are right."""
        linked = self.linked(decided)
        right = {self.permits(number, decided.revision, linked=one) for one in linked}
        return right | {self.permits_half_merged(number, decided.revision)} if len(linked) > 1 else right

    def linked(self, decided: Done) -> set[bool]:
        """Whether both anchors were one subject; both answers if nobody can know."""
        if any(merge.end < decided.start for merge in self.merges):
            return {True}
        return {False, True} if any(merge.start < decided.end for merge in self.merges) else {False}


def _last(revisions: list[int], at: int) -> int:
    place = bisect_right(revisions, at)
    return revisions[place - 1] if place else 0


def check(history: Iterable[Done]) -> Findings:
    """Hold every decision against all that was written."""
    steps = sorted(history, key=lambda done: done.start)
    people = _people(steps)
    writes = sorted((done.end, done.revision) for done in steps if done.revision and done.permitted is None)
    ends, reached = [end for end, _ in writes], _running_max(revision for _, revision in writes)
    found = Findings()
    for decided in steps:
        if decided.step != "decide":
            continue
        if decided.permitted is None:
            found.refused += len(decided.anchors)
            continue
        place = bisect_right(ends, decided.start)
        if place and decided.revision < reached[place - 1]:
            found.stale.append(f"read revision {decided.revision} after {reached[place - 1]} was acknowledged")
        for number, permitted in zip(decided.anchors, decided.permitted, strict=True):
            _check_one(found, people[number // 2], number, decided, permitted=permitted)
    return found


def _check_one(found: Findings, person: _Person, number: int, decided: Done, *, permitted: bool) -> None:
    found.answers += 1
    if person.unsure:  # a write of unknown outcome: whatever is answered, it may be right
        return
    found.contended += any(step.start < decided.end and decided.start < step.end for step in person.steps)
    if permitted not in person.allowed(decided, number):
        found.wrong.append(f"{number} was {'permitted' if permitted else 'denied'} at {decided.revision}, linked: {person.linked(decided)}")
    ends = [step.revision for step in person.steps if step.step == "withdraw" and step.anchors == [number] and step.end < decided.start]
    newer = [step for step in person.steps if step.step == "give" and step.start < decided.end and step.revision > max(ends, default=0)]
    if ends and not newer:
        found.after_withdrawal += 1
        if permitted:
            found.permits.append(f"{number} was permitted at {decided.revision} after its withdrawal at {max(ends)} was acknowledged")


def _people(steps: Iterable[Done]) -> dict[int, _Person]:
    people: dict[int, _Person] = defaultdict(_Person)
    for done in steps:
        if done.step == "decide":
            continue
        (number,) = done.anchors
        person = people[number // 2]
        person.steps.append(done)
        if done.step == "failed":
            person.unsure = True
        elif done.step == "merge":
            person.merges.append(done)
        else:
            (person.yes if done.step == "give" else person.no)[number].append(done.revision)
    for person in people.values():
        for revisions in (*person.yes.values(), *person.no.values()):
            revisions.sort()
    return people


def _running_max(numbers: Iterable[int]) -> list[int]:
    highest, found = 0, []
    for number in numbers:
        highest = max(highest, number)
        found.append(highest)
    return found
