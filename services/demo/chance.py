"""A seeded stream of chance that is the same on every machine and Python version.

Only ``Random.random`` is used: its sequence for a seed is guaranteed by the language, that of ``choice`` or ``shuffle`` is not.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from random import Random  # noqa: TID251 - seeded: synthetic people must be the same everywhere
from typing import Generic, TypeVar

T = TypeVar("T")


class Weighted(Generic[T]):
    """Values drawn in proportion to their weights."""

    __slots__ = ("cumulative", "total", "values")

    def __init__(self, entries: Iterable[tuple[T, float]]) -> None:
        pairs = list(entries)
        self.values: list[T] = [value for value, _ in pairs]
        self.cumulative: list[float] = list(accumulate(weight for _, weight in pairs))
        self.total: float = self.cumulative[-1]


class Chance:
    """Draws from one seeded stream."""

    __slots__ = ("_next",)

    def __init__(self, seed: int) -> None:
        self._next = Random(seed).random  # noqa: S311 - synthetic data, nothing secret

    def happens(self, probability: float) -> bool:
        """True with ``probability``."""
        return self._next() < probability

    def below(self, bound: int) -> int:
        """An integer from 0 to ``bound`` - 1."""
        return int(self._next() * bound)

    def between(self, low: int, high: int) -> int:
        """An integer from ``low`` to ``high``, both included."""
        return low + int(self._next() * (high - low + 1))

    def pick(self, values: Sequence[T]) -> T:
        """One of ``values``, each as likely as any other."""
        return values[int(self._next() * len(values))]

    def draw(self, table: Weighted[T]) -> T:
        """One of the table's values, by weight."""
        return table.values[bisect_right(table.cumulative, self._next() * table.total, 0, len(table.values) - 1)]
