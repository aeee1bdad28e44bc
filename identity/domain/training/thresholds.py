"""Thresholds and vetoes, without labels: what the calibrated classes say of the links that would be made.

Rules
- ``link`` is the lowest decision weight at which the expected share of false links among all links stays within ``FALSE_LINKS``, and at
  which a single link is still true with ``LEAST_SURE``. Size comes in through the priors, which are learnt from these very records.
- ``hold`` lies ``HYSTERESIS`` below it, ``review`` where one pair in ten is one person: there a human's look is worth the time.
- A veto stands where a person's own fields (given name, birth date, sex, identity number) contradict each other by ``CONTRADICTION`` bits:
  no agreement of a household's fields makes up for it, nor may a third record bridge it. An equal identity number lifts it.
- Where the data show hardly any household (``LEAST_HOUSEHOLDS``), a contradiction is a slip of the pen: there are no vetoes then.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import numpy as np

from identity.domain.model.bundle import Thresholds
from identity.domain.model.declaration import Comparison, Role, Veto
from identity.domain.training.classes import Classes
from identity.domain.training.patterns import Floats, Integers

FALSE_LINKS = 0.0035
"""Expected share of false links among all links. Clusters multiply it as data grow: at a million records 0.4 % became 1.0 % of all joined
pairs, and 0.5 % became 1.2 %; 99 % of them shall be right."""
LEAST_SURE = 0.8
"""Probability of same person below which no pair is linked, however good the others are."""
HYSTERESIS = 2.0
REVIEW = 0.1
"""Probability of same person from which a human should look."""
CERTAIN = 0.999
CONTRADICTION = 5.5
"""Log2 odds against the same person, from person fields alone, at which a pair is vetoed."""

LEAST_HOUSEHOLDS = 0.001
"""Household pairs per same-person pair below which no contradiction is read as a relative."""


def weight(probability: float) -> float:
    """Return the log2 odds of a probability."""
    return float(np.log2(probability / (1.0 - probability)))


def find_thresholds(decision_weights: Floats, counts: Floats, vetoed: Floats) -> Thresholds:
    """Return the thresholds for pairs with these decision weights; ``vetoed`` (0 or 1) pairs are no links whatever they weigh."""
    free = vetoed == 0
    weights, many = decision_weights[free], counts[free]
    order = np.argsort(-weights, kind="stable")
    weights, many = weights[order], many[order]
    false = many * np.exp2(-np.logaddexp2(0.0, weights))
    share = np.cumsum(false) / np.maximum(np.cumsum(many), 1e-9)
    within = np.flatnonzero(share <= FALSE_LINKS)
    lowest = float(weights[within[-1]]) if len(within) else weight(CERTAIN)
    link = round(max(lowest, weight(LEAST_SURE)), 3)
    linked = weights >= link
    expected = float(false[linked].sum() / max(many[linked].sum(), 1e-9))
    reason = (
        f"link at {link:.2f} bits: of {many[linked].sum():.0f} such pairs {100 * expected:.2f} % are expected to be false "
        f"(at most {100 * FALSE_LINKS:.2f} % allowed), and no single one with more than {100 * (1 - LEAST_SURE):.0f} % probability; "
        f"hold {HYSTERESIS:.0f} bits below; review from {100 * REVIEW:.0f} % probability; certain from {100 * CERTAIN:.1f} %"
    )
    hold = max(link - HYSTERESIS, 0.0)
    return Thresholds(max(link, round(weight(CERTAIN), 3)), link, hold, min(hold, round(weight(REVIEW), 3)), reason)


def find_vetoes(comparisons: tuple[Comparison, ...], classes: Classes) -> tuple[Veto, ...]:
    """Return the contradictions of person fields that no other agreement outweighs."""
    if classes.household_prior < LEAST_HOUSEHOLDS * classes.match_prior:
        return ()
    doubts = {c.name: dict(_doubts(c, classes, number)) for number, c in enumerate(comparisons) if c.role is Role.PERSON}
    unless = tuple((name, ("exact",)) for name in doubts if name == "national_id")
    vetoes = [
        Veto(f"{name}_contradicts", ((name, labels),), tuple(u for u in unless if u[0] != name))
        for name, known in doubts.items()
        if (labels := tuple(label for label, doubt in known.items() if doubt >= CONTRADICTION))
    ]
    for one, other in combinations(doubts, 2):
        for label, doubt in doubts[one].items():
            partners = tuple(p for p, more in doubts[other].items() if max(doubt, more) < CONTRADICTION <= doubt + more)
            if partners:
                lifted = tuple(u for u in unless if u[0] not in {one, other})
                vetoes.append(Veto(f"{one}_{label}_and_{other}", ((one, (label,)), (other, partners)), lifted))
    return tuple(vetoes)


def vetoed(vetoes: tuple[Veto, ...], comparisons: tuple[Comparison, ...], levels: Integers) -> Floats:
    """Return 1 for each pattern that a veto holds for, else 0."""
    place = {comparison.name: number for number, comparison in enumerate(comparisons)}

    def shows(name: str, labels: Iterable[str]) -> np.typing.NDArray[np.bool_]:
        return np.isin(levels[:, place[name]], [comparisons[place[name]].gamma(label) for label in labels])

    result = np.zeros(len(levels))
    for veto in vetoes:
        holds = np.ones(len(levels), dtype=bool)
        for name, labels in veto.when:
            holds &= shows(name, labels)
        for name, labels in veto.unless:
            holds &= ~shows(name, labels)
        result[holds] = 1.0
    return result


def _doubts(comparison: Comparison, classes: Classes, number: int) -> Iterable[tuple[str, float]]:
    """Yield how many bits each level speaks against the same person, where it does."""
    size = len(comparison.live)
    for index, level in enumerate(comparison.live):
        doubt = float(np.log2(classes.u[number][size - 1 - index] / classes.m[number][size - 1 - index]))
        if doubt > 0.0:
            yield level.label, doubt
