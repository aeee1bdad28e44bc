"""Agreement patterns: what training sees of pairs, counted, without a single value.

Rules
- A pattern is one level per comparison (Splink's numbering: -1 nothing to compare, 0 otherwise, higher is better), how rare the
  values are that agree (log2 of their frequencies, rounded), and which blocking rules found the pair.
- ``RandomPairs`` describe pairs drawn at random: the chance of each level, and how often there is something to compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from identity.domain.model.declaration import Comparison, Role

GROWTH = 10
"""A block must have room for this many times its records to be counted on when data grow."""

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Patterns:
    """Counted patterns of the pairs that blocking found.

    ``levels[i, c]`` is the level of comparison ``c``; ``counts[i]`` how many pairs; ``person_bits[i]`` and ``household_bits[i]`` the sum of
    log2 term frequencies (weighted, not positive) of the agreeing values in comparisons of each role; ``found_by[i]`` a bit per rule, and
    ``still_found_by[i]`` per rule that would find the pair if there were ``GROWTH`` times as many records.
    """

    levels: Integers
    counts: Floats
    person_bits: Floats
    household_bits: Floats
    found_by: Integers
    still_found_by: Integers


@dataclass(frozen=True, slots=True)
class RandomPairs:
    """Chance agreement. ``share[c][l]`` is P(level l | something to compare), ``comparable[c]`` P(something to compare)."""

    share: tuple[Floats, ...]
    comparable: tuple[float, ...]
    all_pairs: float


@dataclass(frozen=True, slots=True)
class Shape:
    """What the classes must know of a comparison.

    ``base[l]`` is the level whose u a term-frequency correction of level ``l`` starts from; ``weight[l]`` how much of it applies.
    ``free`` levels a household brings about by itself though the field is a person's.
    """

    name: str
    role: Role
    levels: int
    base: tuple[int, ...]
    weight: tuple[float, ...]
    free: tuple[bool, ...]

    @property
    def shared(self) -> bool:
        """Whether members of a household share the value, so that its rarity speaks for the household as much as for the person."""
        return self.role is Role.HOUSEHOLD


CROSSED = "crossed"
"""Label of the level where one record's given name is the other's family name: exchanged names, but also those of a relative."""


def shape(comparison: Comparison) -> Shape:
    """Return the shape of a declared comparison; arrays are by level number, 0 being *otherwise*."""
    live = comparison.live
    order = range(len(live) - 1, -1, -1)
    return Shape(
        comparison.name,
        comparison.role,
        len(live),
        tuple(len(live) - 1 - comparison.frequency_base(index) for index in order),
        tuple(frequency.weight if (frequency := live[index].term_frequency) else 0.0 for index in order),
        tuple(live[index].label == CROSSED for index in order),
    )
