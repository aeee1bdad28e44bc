"""Rules by which systems settle what was agreed to on records that were linked: how often each permits what must be denied.

``python -m bench.consent_rules [--clusters 200000] [--seed 1] [--false-links 0,0.03,0.1]`` draws clusters of two or three records:
events with wrong clocks and late deliveries, links that are false or proved, imports of a yes that nobody can prove, splits of links. Each
record is read at a random time.

What must be: a record may be used if the last thing that its owner really said, on any record that was linked to it when it was said or is
linked when it is read, is a yes. An import says what nobody said. What was not delivered yet, nobody can know. A source whose clock is
ahead delivers at once: a yes that is late *and* dated ahead looks newer than it is to everybody, and only its source can tell.

The other rules are taken at their best: they know every link, and take a split well. Unomi's is that of its ``mergeProfiles`` and
``Profile.setConsent``: the newer status date wins, what the master lacks is copied, and REVOKED removes the entry.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from consent.domain.anchor import Anchor, Subject
from consent.domain.event import DENIALS, Assurance, ConsentEvent, Echo, EventKind
from consent.domain.fold import Question, Status, effective
from consent.domain.purpose import LegalBasis, Published, Purpose, Wording

DAY_0: Final = datetime(2026, 1, 1, tzinfo=UTC)
_WORDS: Final = Wording({"fr": "Offres", "en": "Offers"})
_PURPOSE: Final = Purpose(
    "offers", 1, LegalBasis.CONSENT, _WORDS, _WORDS, frozenset({"email"}), frozenset({"crm"}), frozenset(), "P3Y", "GDPR Art. 6(1)(a)"
)
_PUBLISHED: Final = Published({"offers": (_PURPOSE,)})
_NEVER: Final = 1e9


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of what goes on in the world."""

    false_links: float = 0.03
    verified: float = 0.6
    grants: float = 0.6
    imports: float = 0.1
    signed_in: float = 0.5
    wrong_clock: float = 0.2
    late: float = 0.1
    false_found: float = 0.5
    true_parted: float = 0.05


@dataclass(frozen=True, slots=True)
class Said:
    """An expression on a record; times in days. ``said`` is when it really was, ``dated`` what the source wrote, ``known`` when it came.

    ``real`` is false of an import: nobody said it.
    """

    record: int
    kind: EventKind
    said: float
    dated: float
    known: float
    sure: bool
    real: bool

    @property
    def yes(self) -> bool:
        return self.kind is EventKind.GIVEN


@dataclass(frozen=True, slots=True)
class World:
    """A cluster. ``joined``: when the records were linked; ``parted``: when a record's link was cut; ``proved``: records whose link is."""

    owners: tuple[int, ...]
    proved: frozenset[int]
    joined: float
    parted: Mapping[int, float]
    history: tuple[Said, ...]

    def together(self, record: int, at: float) -> frozenset[int]:
        """Return the records linked to one at a time, itself included."""
        if at < self.joined or self.parted.get(record, _NEVER) <= at:
            return frozenset({record})
        return frozenset(one for one in range(len(self.owners)) if self.parted.get(one, _NEVER) > at)

    def known(self, at: float) -> list[Said]:
        """Return what has come in by a time, in the order of arrival."""
        return sorted((said for said in self.history if said.known <= at), key=lambda said: said.known)

    def may(self, record: int, at: float) -> bool:
        """Whether the owner's last word that could be known is a yes."""
        near = self.together(record, at)
        words = [
            said
            for said in self.known(at)
            if said.real
            and self.owners[said.record] == self.owners[record]
            and (said.record in near or record in self.together(said.record, said.known))
        ]
        return bool(words) and max(words, key=lambda said: said.said).yes


def draw(chance: random.Random, rates: Rates) -> World:
    """Draw a cluster."""
    size = chance.choice((2, 3))
    owners = (0, *(1 if chance.random() < rates.false_links else 0 for _ in range(size - 1)))
    proved = frozenset(one for one in range(1, size) if owners[one] == 0 and chance.random() < rates.verified)
    joined = chance.uniform(0, 60)
    found = {0: rates.true_parted, 1: rates.false_found}
    parted = {one: chance.uniform(joined, 130) for one in range(1, size) if one not in proved and chance.random() < found[owners[one]]}
    history = tuple(_said(chance, rates, record) for record in range(size) for _ in range(chance.randrange(4)))
    return World(owners, proved, joined, parted, history)


def _said(chance: random.Random, rates: Rates, record: int) -> Said:
    said = chance.uniform(0, 100)
    if chance.random() < rates.imports:
        return Said(record, EventKind.GIVEN, said, said - chance.uniform(0, 30), said, sure=False, real=False)
    grant = chance.random() < rates.grants
    kind = EventKind.GIVEN if grant else chance.choice((EventKind.REFUSED, EventKind.WITHDRAWN, EventKind.OBJECTED))
    late = chance.random() < rates.late
    skew = (-chance.uniform(0, 5) if late else chance.uniform(-5, 5)) if chance.random() < rates.wrong_clock else 0.0
    known = said + chance.uniform(0, 10) if late else said
    return Said(record, kind, said, said + skew, known, sure=chance.random() < rates.signed_in, real=True)


Rule = Callable[[World, int, float], bool]


def ours(world: World, record: int, at: float) -> bool:
    """Entente's: what the fold makes of the events and echoes."""
    events = {said: _event(said, number) for number, said in enumerate(world.known(at))}
    echoes = [
        Echo(_anchor(other), event)
        for said, event in events.items()
        if event.kind in DENIALS
        for other in world.together(said.record, said.known) - {said.record}
    ]
    near = world.together(record, at)
    voice = near & (world.proved | {0})
    groups = frozenset(frozenset(map(_anchor, group)) for group in (voice, *({one} for one in near - voice)) if group)
    question = Question(_PURPOSE, _PUBLISHED, _day(at))
    return effective(_anchor(record), Subject(groups), events.values(), echoes, question).status is Status.GIVEN


def _anchor(record: int) -> Anchor:
    return Anchor("bench", bytes([record]) * 16)


def _day(number: float) -> datetime:
    return DAY_0 + timedelta(days=number)


def _event(said: Said, number: int) -> ConsentEvent:
    return ConsentEvent(
        UUID(int=number),
        _anchor(said.record),
        said.kind if said.real else EventKind.UNKNOWN,  # what ``RecordConsent`` makes of an import without proof
        "offers",
        1,
        _day(said.dated),
        _day(said.known),
        number + 1,
        assurance=Assurance.ACCOUNT if said.sure else Assurance.DECLARED,
    )


def latest_wins(world: World, record: int, at: float) -> bool:
    """The newest date over the cluster."""
    words = [said for said in world.known(at) if said.record in world.together(record, at)]
    return bool(words) and max(words, key=lambda said: said.dated).yes


def keep_master(world: World, record: int, at: float) -> bool:
    """The value of the profile that is kept."""
    kept = min(world.together(record, at))
    words = [said for said in world.known(at) if said.record == kept]
    return bool(words) and words[-1].yes


def most_restrictive(world: World, record: int, at: float) -> bool:
    """Each record's newest value; a no anywhere is a no."""
    newest = {said.record: said.yes for said in sorted(world.known(at), key=lambda said: said.dated)}
    values = [newest[one] for one in world.together(record, at) if one in newest]
    return bool(values) and all(values)


def unomi(world: World, record: int, at: float) -> bool:
    """Apache Unomi's: profiles are merged when they are linked, and only the merged one goes on."""
    near = world.together(record, at)
    if len(near) == 1:
        return _is_yes(_profile(said for said in world.known(at) if said.record == record))
    before = [said for said in world.known(at) if said.known < world.joined]
    entry = _profile(said for said in before if said.record == min(near))
    for other in sorted(near - {min(near)}):
        theirs = _profile(said for said in before if said.record == other)
        if theirs is not None and (entry is None or entry.dated < theirs.dated):
            entry = theirs
    return _is_yes(_profile((said for said in world.known(at) if said.known >= world.joined and said.record in near), entry))


def _profile(words: Iterable[Said], entry: Said | None = None) -> Said | None:
    """``Profile.setConsent``, for each word as it comes."""
    for said in words:
        entry = None if said.kind is EventKind.WITHDRAWN else said
    return entry


def _is_yes(entry: Said | None) -> bool:
    return entry is not None and entry.yes


RULES: Final[Mapping[str, Rule]] = {
    "Entente": ours,
    "latest wins": latest_wins,
    "keep master": keep_master,
    "most restrictive": most_restrictive,
    "Unomi": unomi,
}


@dataclass(frozen=True, slots=True)
class Score:
    """How one rule did: reads that must be denied and that may be permitted, and of each those that it got wrong."""

    must_deny: int
    wrongly_permitted: int
    may_permit: int
    wrongly_denied: int


def simulate(clusters: int, seed: int, rates: Rates, rules: Mapping[str, Rule] = RULES) -> dict[str, Score]:
    """Return each rule's score over the same clusters and reads."""
    chance = random.Random(seed)
    reads, wrong = Counter[bool](), Counter[tuple[str, bool]]()
    for _ in range(clusters):
        world = draw(chance, rates)
        for record in range(len(world.owners)):
            at = chance.uniform(0, 140)
            may = world.may(record, at)
            reads[may] += 1
            wrong.update((name, may) for name, rule in rules.items() if rule(world, record, at) != may)
    return {name: Score(reads[False], wrong[name, False], reads[True], wrong[name, True]) for name in rules}


def rows(share: float, scores: Mapping[str, Score]) -> list[str]:
    """Return the rows of the table for one share of false links."""
    return [
        f"| {share:.0%} | {name} | {score.wrongly_permitted} of {score.must_deny} ({score.wrongly_permitted / score.must_deny:.2%}) "
        f"| {score.wrongly_denied / score.may_permit:.1%} |"
        for name, score in scores.items()
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; fail if our rule permitted anything that must be denied."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clusters", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--false-links", default="0,0.03,0.1")
    parser.add_argument("--out", type=Path, default=Path("out/bench"))
    options = parser.parse_args(arguments)
    lines = ["| false links | rule | permitted of what must be denied | denied of what may be permitted |", "|---|---|---|---|"]
    wrong = 0
    for share in map(float, options.false_links.split(",")):
        scores = simulate(options.clusters, options.seed, replace(Rates(), false_links=share))
        wrong += scores["Entente"].wrongly_permitted
        lines += rows(share, scores)
    text = "\n".join(lines)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "consent_rules.md").write_text(text + "\n")
    print(text)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
