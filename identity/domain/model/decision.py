"""From a match weight to what an edge is worth: same person, same household, or unrelated (DESIGN §4.3b).

Rules
- ``match_weight`` is log2 odds of *same person : unrelated*. ``household_weight`` is log2 odds of *same household : unrelated*, from the
  bundle's ``h`` and ``u`` and, for household fields, the same term-frequency corrections (a rare surname shared is as telling of a family).
- ``decision_weight = match_weight − log2(1 + 2^household_weight)``: log2 odds of *same person : anything else*. Independent household
  fields may add up as much as they like; they add up for the household as well.
- A veto holds on the comparison vector alone, whatever the weights. Batch and real time come through ``Decider.decide`` alike.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from identity.domain.edge import EdgeGrade
from identity.domain.model.bundle import Bundle
from identity.domain.model.declaration import Comparison, Role, Veto
from identity.domain.model.scorer import level_weight, prior_weight, radices

_REMEMBERED = 100_000
"""Comparison vectors whose facts are kept (some 20 MB); real data show far fewer."""


class Decision(NamedTuple):
    """What a pair comes to. ``grade`` is None below the review threshold; ``veto`` names the contradiction found."""

    decision_weight: float
    household_weight: float
    grade: EdgeGrade | None
    veto: str | None


class _Facts(NamedTuple):
    """What depends on the comparison vector alone."""

    household: float
    veto: str | None


class Decider:
    """Decides pairs under one bundle; remembers what each comparison vector comes to."""

    def __init__(self, bundle: Bundle) -> None:
        self._comparisons = bundle.declaration.comparisons
        self._radices = radices(self._comparisons)
        self._thresholds = bundle.thresholds
        self._prior = prior_weight(bundle.household_prior)
        self._household = tuple(household_weights(comparison, bundle) for comparison in self._comparisons)
        self._vetoes = tuple((veto.name, _compile(veto, self._comparisons)) for veto in bundle.declaration.vetoes)
        self._facts: dict[int, _Facts] = {}

    def decide(self, pattern: int, match_weight: float, household_adjustment: float) -> Decision:
        """Weigh the household explanation in and grade the pair."""
        facts = self._facts.get(pattern)
        if facts is None:
            if len(self._facts) >= _REMEMBERED:
                self._facts.clear()
            facts = self._facts[pattern] = self._read(pattern)
        household_weight = facts.household + household_adjustment
        decision_weight = match_weight - _log2_1p(household_weight)
        grade = EdgeGrade.VETO if facts.veto is not None else self.grade(decision_weight)
        return Decision(decision_weight, household_weight, grade, facts.veto)

    def grade(self, decision_weight: float) -> EdgeGrade | None:
        """Return what a decision weight is worth where nothing vetoes."""
        t = self._thresholds
        if decision_weight >= t.link:
            return EdgeGrade.LINK
        if decision_weight >= t.hold:
            return EdgeGrade.HOLD
        return EdgeGrade.REVIEW if decision_weight >= t.review else None

    def gammas(self, pattern: int) -> tuple[int, ...]:
        """Return the comparison vector that a pattern stands for."""
        return tuple(pattern // r % len(c.levels) - 1 for c, r in zip(self._comparisons, self._radices, strict=True))

    def _read(self, pattern: int) -> _Facts:
        gammas = self.gammas(pattern)
        weight = self._prior
        for weights, gamma in zip(self._household, gammas, strict=True):
            weight += weights[gamma + 1]
        return _Facts(weight, next((name for name, holds in self._vetoes if _holds(holds, gammas)), None))


_Conditions = tuple[tuple[tuple[int, frozenset[int]], ...], tuple[tuple[int, frozenset[int]], ...]]


def household_weights(comparison: Comparison, bundle: Bundle) -> tuple[float, ...]:
    """Return log2(h / u) by ``gamma + 1``; 0 throughout for a neutral comparison."""
    if comparison.role is Role.NEUTRAL:
        return (0.0,) * len(comparison.levels)
    parameters = bundle.parameters[comparison.name]
    return (0.0, *(level_weight(p.h, p.u) for p in reversed(parameters)))


def _compile(veto: Veto, comparisons: tuple[Comparison, ...]) -> _Conditions:
    places = {comparison.name: place for place, comparison in enumerate(comparisons)}

    def compiled(conditions: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[tuple[int, frozenset[int]], ...]:
        return tuple((places[name], frozenset(comparisons[places[name]].gamma(label) for label in labels)) for name, labels in conditions)

    return compiled(veto.when), compiled(veto.unless)


def _holds(conditions: _Conditions, gammas: tuple[int, ...]) -> bool:
    when, unless = conditions
    return all(gammas[place] in values for place, values in when) and not any(gammas[place] in values for place, values in unless)


def _log2_1p(exponent: float) -> float:
    """Return log2(1 + 2^exponent) without overflow."""
    if exponent > 60:  # noqa: PLR2004 - beyond a float's 53 bits the 1 is lost anyway
        return exponent
    return math.log2(1.0 + 2.0**exponent)
