"""The declaration rendered to Python: a bundle compiled to closures over features of records.

Rules
- The match weight equals that of Splink's ``predict()`` bit for bit: the level weight is ``log2(max(m, 1e-300) / max(u, 1e-300))``, the sum
  runs prior, then per comparison its weight and its term-frequency correction, left to right (research: identity §5).
- Scoring is symmetric, touches no I/O and allocates little: a pair costs microseconds.
- A ``pattern`` is the pair's comparison vector as one integer, so that what depends on it alone is decided once (``decision``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from identity.domain.attributes import StandardAttributes
from identity.domain.model.bundle import Bundle
from identity.domain.model.conditions import Slots, Test, compile_condition
from identity.domain.model.declaration import Comparison, Role

Encoded: TypeAlias = tuple[Any, ...]
"""A record's features and term frequencies, in the slots of one scorer."""

_TINY = 1e-300


class Score(NamedTuple):
    """A scored pair. ``gammas`` and ``adjustments`` (term-frequency corrections) align with the declaration's comparisons."""

    pattern: int
    match_weight: float
    household_adjustment: float
    gammas: tuple[int, ...]
    adjustments: tuple[float, ...]


_Step: TypeAlias = Callable[[Encoded, Encoded], tuple[int, float, float]]


class Scorer:
    """Scores pairs under one bundle. Immutable once made; safe to share between threads."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        slots = Slots()
        self._prior = prior_weight(bundle.match_prior)
        comparisons = bundle.declaration.comparisons
        self._steps = tuple(_compile(comparison, bundle, slots) for comparison in comparisons)
        self._radices = radices(comparisons)
        self._household = tuple(comparison.role is Role.HOUSEHOLD for comparison in comparisons)
        self._plan = slots.plan(bundle.term_tables)
        self._empty: list[Any] = [None] * len(slots)

    def encode(self, standard: StandardAttributes) -> Encoded:
        """Derive what the comparisons need from a record, once."""
        encoded: list[Any] = self._empty.copy()
        for column, slots in self._plan:
            value = standard.get(column)
            if value:
                for slot, derive in slots:
                    encoded[slot] = derive(value)
        return tuple(encoded)

    def score(self, left: Encoded, right: Encoded) -> Score:
        """Compare two records."""
        weight = self._prior
        household = 0.0
        pattern = 0
        gammas: list[int] = []
        adjustments: list[float] = []
        for step, radix, shared in zip(self._steps, self._radices, self._household, strict=True):
            gamma, level_weight, adjustment = step(left, right)
            weight = weight + level_weight + adjustment
            pattern += (gamma + 1) * radix
            if shared:
                household += adjustment
            gammas.append(gamma)
            adjustments.append(adjustment)
        return Score(pattern, weight, household, tuple(gammas), tuple(adjustments))


def radices(comparisons: tuple[Comparison, ...]) -> tuple[int, ...]:
    """Return what each comparison's ``gamma + 1`` is multiplied by in a pattern."""
    result: list[int] = []
    size = 1
    for comparison in comparisons:
        result.append(size)
        size *= len(comparison.levels)
    return tuple(result)


def prior_weight(probability: float) -> float:
    """Return the log2 odds of a prior probability, computed like Splink does."""
    return math.log2(probability / (1 - probability))


def level_weight(m: float, u: float) -> float:
    """Return a level's log2 likelihood ratio, computed like Splink does."""
    return math.log2(max(m, _TINY) / max(u, _TINY))


def _compile(comparison: Comparison, bundle: Bundle, slots: Slots) -> _Step:
    """Compile a comparison to a function that returns (gamma, level weight, term-frequency correction) of a pair."""
    parameters = bundle.parameters[comparison.name]
    last = len(comparison.live) - 1
    tests: list[tuple[Test, tuple[int, float, float], _Correct | None]] = []
    for index, level in enumerate(comparison.live[:-1]):
        weight = level_weight(parameters[index].m, parameters[index].u)
        correct = _correction(comparison, index, bundle, slots)
        tests.append((compile_condition(level.when, slots), (last - index, weight, 0.0), correct))
    lowest = (0, level_weight(parameters[last].m, parameters[last].u), 0.0)
    absent = (-1, 0.0, 0.0)
    is_null = compile_condition(comparison.levels[0].when, slots)

    def step(left: Encoded, right: Encoded) -> tuple[int, float, float]:
        if is_null(left, right):
            return absent
        for test, answer, correct in tests:
            if test(left, right):
                return answer if correct is None else (answer[0], answer[1], correct(left, right))
        return lowest

    return step


_Correct: TypeAlias = Callable[[Encoded, Encoded], float]


def _correction(comparison: Comparison, index: int, bundle: Bundle, slots: Slots) -> _Correct | None:
    """Compile a level's term-frequency correction, if it has one."""
    correction = comparison.live[index].term_frequency
    if correction is None or correction.weight == 0:
        return None
    slot = slots.frequency(correction.column)
    weight, floor, log2 = correction.weight, correction.floor, math.log2
    base = log2(bundle.parameters[comparison.name][comparison.frequency_base(index)].u)

    def correct(left: Encoded, right: Encoded) -> float:
        one, other = left[slot], right[slot]
        if one is None:
            one = other
        elif other is None:
            other = one
        if one is None:
            return 0.0
        return weight * (base - log2(max(one, other, floor)))

    return correct
