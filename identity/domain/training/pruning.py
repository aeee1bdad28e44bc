"""Levels that never occurred are taken out before learning: a level without evidence would carry a guessed weight.

Rules
- A level (other than *otherwise*) that fewer than ``LEAST_PAIRS`` of all counted pairs show is merged into the next lower one.
- A comparison whose agreeing levels all vanish is dropped. Everything dropped is reported.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from identity.domain.model.declaration import Comparison
from identity.domain.training.patterns import Integers, Patterns, RandomPairs

LEAST_PAIRS = 12


@dataclass(frozen=True, slots=True)
class Pruned:
    """What is left, and what is gone: (comparison, level label) pairs; a whole comparison has the label ``*``."""

    comparisons: tuple[Comparison, ...]
    patterns: Patterns
    random: RandomPairs
    dropped: tuple[tuple[str, str], ...]


def prune(comparisons: tuple[Comparison, ...], patterns: Patterns, random: RandomPairs) -> Pruned:
    """Merge levels that never occurred and drop comparisons that never agree."""
    kept: list[Comparison] = []
    columns: list[Integers] = []
    shares = []
    comparable = []
    dropped: list[tuple[str, str]] = []
    for c, comparison in enumerate(comparisons):
        live = comparison.live
        seen = [float(patterns.counts[patterns.levels[:, c] == len(live) - 1 - index].sum()) for index in range(len(live))]
        alive = [index for index in range(len(live)) if index == len(live) - 1 or seen[index] >= LEAST_PAIRS]
        if len(alive) == 1:
            dropped.append((comparison.name, "*"))
            continue
        dropped.extend((comparison.name, live[index].label) for index in range(len(live)) if index not in alive)
        moves = _moves(len(live), alive)
        kept.append(Comparison(comparison.name, comparison.role, (comparison.levels[0], *(live[index] for index in alive))))
        columns.append(moves[patterns.levels[:, c] + 1])
        share = np.zeros(len(alive))
        np.add.at(share, moves[1:], random.share[c])
        shares.append(share)
        comparable.append(random.comparable[c])
    return Pruned(
        tuple(kept),
        replace(patterns, levels=np.stack(columns, axis=1)),
        RandomPairs(tuple(shares), tuple(comparable), random.all_pairs),
        tuple(dropped),
    )


def _moves(size: int, alive: list[int]) -> Integers:
    """Return the new level of each old one, at index old + 1 (so that -1, nothing to compare, has a place)."""
    moves = np.empty(size + 1, dtype=np.int64)
    moves[0] = -1
    for old in range(size):
        index = size - 1 - old
        moves[old + 1] = sum(1 for other in alive if other > index) if index in alive else sum(1 for other in alive if other > index) - 1
    return moves
