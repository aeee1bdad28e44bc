"""The three classes of pairs, learnt without labels: same person, same household, unrelated (DESIGN §4.3b).

Rules
- Expectation-maximisation over all pairs at once: those that blocking found are explained by the three classes, those it did not
  find are unrelated. Nothing is conditioned on a blocking rule, so no field is blind in its own session.
- What is unrelated agrees by chance: its parameters come from random pairs, less what the other two classes explain of them.
- In a household, person fields agree by chance too, but for a small share of pairs (twins, a father and son of one name), which is
  learnt and at most ``LIKENESS``. Without this bound the class would turn into a second kind of same person.
- Households are of two kinds while learning: those that share their contacts and those that share only name and home. With one kind,
  sharing everything would look too unlikely for a household, and twins with their parents' telephone would be taken for one person.
- A person's field may hold a value that has nothing to do with them: ``STRAY`` of the pairs at least disagree by accident, so no
  single field can ever say an unbounded no.
- Sound, or not at all: parameters that are not finite end in an error, never in a bundle.

Source: Fellegi and Sunter 1969; Winkler 2002 (EM with convex constraints and a third class); Splink's estimation of u.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from identity.domain.errors import IdentityError, Reason
from identity.domain.training.patterns import Floats, Patterns, RandomPairs, Shape

STRAY = 0.004
"""Share of same-person pairs whose field holds somebody else's value."""
LIKENESS = 0.02
"""Largest share of household pairs that agree in a person field as one person does: twins' birth dates, a father's and his son's name."""
ROUNDS = 500
CLOSE_ENOUGH = 1e-5
"""Largest change of a parameter at which learning stops."""
USUAL_LIKENESS = 0.005
"""Share of them that is expected before looking; it weighs as much as the data, because the data tell it only from birth dates."""


@dataclass(frozen=True, slots=True)
class Home:
    """A kind of household: P(level | this kind) by comparison, and P(this kind) of two random records."""

    h: tuple[Floats, ...]
    prior: float


@dataclass(frozen=True, slots=True)
class Classes:
    """What was learnt, by comparison and level number: ``m`` same person, ``homes`` the kinds of household, ``u`` unrelated."""

    m: tuple[Floats, ...]
    homes: tuple[Home, ...]
    u: tuple[Floats, ...]
    match_prior: float
    rounds: int

    @property
    def household_prior(self) -> float:
        """P(same household, not same person) of two random records."""
        return sum(home.prior for home in self.homes)

    @property
    def h(self) -> tuple[Floats, ...]:
        """P(level | same household), the kinds taken together."""
        total = self.household_prior
        return tuple(sum((home.prior / total * home.h[c] for home in self.homes), np.zeros_like(m)) for c, m in enumerate(self.m))


@dataclass(frozen=True, slots=True)
class Explained:
    """Patterns seen by the classes: log2 likelihood (prior included) of each class, and the decision weight same person : anything else."""

    person: Floats
    homes: tuple[Floats, ...]
    unrelated: Floats

    @property
    def household(self) -> Floats:
        """All kinds of household together."""
        total: Floats = np.logaddexp2.reduce(np.stack(self.homes), axis=0)
        return total

    @property
    def match_weight(self) -> Floats:
        """Log2 odds same person : unrelated."""
        return self.person - self.unrelated

    @property
    def decision_weight(self) -> Floats:
        """Log2 odds same person : household or unrelated."""
        weight: Floats = self.person - np.logaddexp2(self.household, self.unrelated)
        return weight

    @property
    def person_share(self) -> Floats:
        """Probability of same person."""
        return _probability(self.decision_weight)

    def home_share(self, kind: int) -> Floats:
        """Probability of one kind of household."""
        everything = np.logaddexp2(np.logaddexp2(self.person, self.unrelated), self.household)
        share: Floats = np.exp2(self.homes[kind] - everything)
        return share


Rows: TypeAlias = tuple[tuple[NDArray[np.intp], ...], ...]
"""For each comparison and level, the patterns that show it."""


@dataclass(frozen=True, slots=True)
class _Material:
    """What stays the same from round to round. ``least`` is the smallest chance of agreement that is believed."""

    patterns: Patterns
    random: RandomPairs
    shapes: tuple[Shape, ...]
    rows: Rows
    least: float


def learn(patterns: Patterns, random: RandomPairs, shapes: tuple[Shape, ...], *, records: int) -> Classes:
    """Learn the three classes.

    Raises:
        IdentityError: ``MODEL_NOT_TRAINED`` if learning does not settle on finite parameters.
    """
    material = _Material(patterns, random, shapes, rows_of(patterns, shapes), 0.1 / records)
    now = _start(random, shapes, records)
    for round_number in range(1, ROUNDS + 1):
        after = _maximise(material, explain(patterns, now, shapes, material.rows), now)
        moved = max(float(np.abs(a - b).max()) for a, b in zip((*after.m, *after.h), (*now.m, *now.h), strict=True))
        now = replace(after, rounds=round_number)
        if moved < CLOSE_ENOUGH:
            break
    if not all(np.isfinite(part).all() for part in (*now.m, *now.h, *now.u)):
        raise IdentityError(Reason.MODEL_NOT_TRAINED, why="not finite", rounds=now.rounds)
    return now


def rows_of(patterns: Patterns, shapes: tuple[Shape, ...]) -> Rows:
    """Return which patterns show which level."""
    return tuple(tuple(np.flatnonzero(patterns.levels[:, c] == level) for level in range(s.levels)) for c, s in enumerate(shapes))


def explain(patterns: Patterns, classes: Classes, shapes: tuple[Shape, ...], rows: Rows | None = None) -> Explained:
    """Return how well each class explains each pattern."""
    rows = rows or rows_of(patterns, shapes)
    size = len(patterns.counts)
    person = np.full(size, np.log2(classes.match_prior))
    homes = tuple(np.full(size, np.log2(home.prior)) + patterns.person_bits for home in classes.homes)
    unrelated = np.log2(1.0 - classes.match_prior - classes.household_prior) + patterns.person_bits + patterns.household_bits
    for c, s in enumerate(shapes):
        m, u = np.log2(classes.m[c]), np.log2(classes.u[c])
        h = tuple(np.log2(home.h[c]) for home in classes.homes)
        for level in range(s.levels):
            where = rows[c][level]
            if not len(where):
                continue
            corrected = s.weight[level] * u[s.base[level]]
            person[where] += m[level]
            unrelated[where] += u[level] - corrected
            for weight, learnt in zip(homes, h, strict=True):
                weight[where] += learnt[level] if s.shared else learnt[level] - corrected
    return Explained(person, homes, unrelated)


def _probability(weight: Floats) -> Floats:
    """Return the probability that log2 odds stand for."""
    share: Floats = np.exp2(-np.logaddexp2(0.0, -weight))
    return share


def _start(random: RandomPairs, shapes: tuple[Shape, ...], records: int) -> Classes:
    """Begin where any sensible expert would: mostly agreeing persons, households that share household fields."""
    m = tuple(_mostly_agree(s.levels) for s in shapes)
    u = tuple(share.copy() for share in random.share)
    homes = tuple(
        Home(tuple(likeness * m[c] + (1.0 - likeness) * u[c] if s.shared else u[c].copy() for c, s in enumerate(shapes)), 0.5 / records)
        for likeness in (0.9, 0.4)
    )
    return Classes(m, homes, u, 1.0 / records, 0)


def _mostly_agree(levels: int) -> Floats:
    start = np.full(levels, 0.05 / max(1, levels - 2))
    start[0] = 0.05
    start[-1] = 0.9
    start /= start.sum()
    return start


def _household(home: Floats, before: Floats, same: Floats, chance: Floats, shape: Shape) -> Floats:
    """Return P(level | household): free for household fields, chance with a little likeness for person fields.

    A level of a person field that a household itself brings about (one member's names exchanged: the family name meets itself) is free too.
    """
    if shape.shared:
        belief = 0.5 + 5.0 * chance
        learnt: Floats = (home + belief) / (home.sum() + belief.sum())
        return learnt
    free = np.array(shape.free)
    excess = np.maximum(before - chance, 0.0) / np.maximum(same - chance, 1e-9)
    likeness = float(np.clip(excess[-1], 1e-4, LIKENESS))
    alike = np.where(free, 0.0, home * likeness * same / (likeness * same + (1.0 - likeness) * chance))
    seen = float(home.sum())
    likeness = min(LIKENESS, (float(alike.sum()) + USUAL_LIKENESS * (seen + 50.0)) / (2.0 * seen + 50.0))
    tied = np.where(free, 0.0, likeness * same + (1.0 - likeness) * chance)
    brought = np.where(free, (home + chance) / (seen + 1.0), 0.0)
    mixed: Floats = brought + (1.0 - brought.sum()) * tied / tied.sum()
    return mixed


def _maximise(material: _Material, seen: Explained, now: Classes) -> Classes:
    """Return the parameters that fit what each class is thought to explain."""
    random, counts = material.random, material.patterns.counts
    persons = counts * seen.person_share
    households = [counts * seen.home_share(kind) for kind in range(len(now.homes))]
    m, u = [], []
    h: list[list[Floats]] = [[] for _ in now.homes]
    for c, s in enumerate(material.shapes):
        rows, chance = material.rows[c], now.u[c]
        same = _by_level(persons, rows)
        at_home = [_by_level(share, rows) for share in households]
        learnt = (same + 0.5) / (same.sum() + 0.5 * s.levels)
        m.append((1.0 - STRAY) * learnt + STRAY * chance)
        for kind, (found, home) in enumerate(zip(at_home, now.homes, strict=True)):
            h[kind].append(_household(found, home.h[c], m[c], chance, s))
        comparable = random.comparable[c] * random.all_pairs
        believed = np.maximum(material.least, 1e-3 * random.share[c]) * comparable
        unrelated = np.maximum(random.share[c] * comparable - same - sum(at_home), believed)
        u.append(unrelated / unrelated.sum())
    priors = [max(float(share.sum()), 0.01) / random.all_pairs for share in households]
    homes = tuple(Home(tuple(learnt), prior) for learnt, prior in zip(h, priors, strict=True))
    return Classes(tuple(m), homes, tuple(u), max(float(persons.sum()), 1.0) / random.all_pairs, now.rounds)


def _by_level(shares: Floats, rows: tuple[NDArray[np.intp], ...]) -> Floats:
    return np.array([shares[where].sum() for where in rows])
