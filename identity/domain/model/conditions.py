"""Conditions compiled to closures over encoded records.

Rules
- A compiled condition is true exactly when its SQL rendering is; *unknown* counts as not true (``levels``).
- Each feature of a column is derived once per record and kept in a slot; closures read slots by index.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from rapidfuzz.distance import DamerauLevenshtein as Damerau
from rapidfuzz.distance import JaroWinkler as Winkler
from rapidfuzz.distance import Levenshtein as Plain

from identity.domain.model.bundle import TermTable
from identity.domain.model.features import DERIVE, Feature
from identity.domain.model.levels import (
    SIMILARITY_MARGIN,
    AllOf,
    AnyOf,
    ColumnsCross,
    ColumnsSwapped,
    Condition,
    DamerauLevenshtein,
    DateWithin,
    DayMonthSwapped,
    Exact,
    InitialsOf,
    JaroWinkler,
    Levenshtein,
    Missing,
    NumberWithin,
    Otherwise,
    PrefixOf,
    SamePrefix,
    SameSuffix,
    TokensContained,
    TokensShared,
)

Test: TypeAlias = Callable[[tuple[Any, ...], tuple[Any, ...]], bool]


class Slots:
    """Where each feature of a record lies in its encoded form."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, Feature | None], int] = {}

    def feature(self, column: str, feature: Feature) -> int:
        """Return the slot of a column's feature."""
        return self._places.setdefault((column, feature), len(self._places))

    def frequency(self, column: str) -> int:
        """Return the slot of a column's term frequency."""
        return self._places.setdefault((column, None), len(self._places))

    def plan(self, tables: Mapping[str, TermTable]) -> tuple[tuple[str, tuple[tuple[int, Callable[[str], Any]], ...]], ...]:
        """Return, column by column, the slots to fill from its value and how to derive each."""
        columns: dict[str, list[tuple[int, Callable[[str], Any]]]] = {}
        for (column, feature), slot in self._places.items():
            columns.setdefault(column, []).append((slot, DERIVE[feature] if feature else tables[column].frequency))
        return tuple((column, tuple(slots)) for column, slots in columns.items())

    def __len__(self) -> int:
        return len(self._places)


def compile_condition(condition: Condition, slots: Slots) -> Test:  # noqa: C901, PLR0911, PLR0912 - one case per kind
    """Return the condition as a function of two encoded records."""
    match condition:
        case Otherwise():
            return lambda _left, _right: True
        case AllOf(parts):
            return _all_of([compile_condition(part, slots) for part in parts])
        case AnyOf(parts):
            return _any_of([compile_condition(part, slots) for part in parts])
        case ColumnsSwapped(one, other) | ColumnsCross(one, other):
            a, b = slots.feature(one, Feature.TEXT), slots.feature(other, Feature.TEXT)
            return _swapped(a, b) if isinstance(condition, ColumnsSwapped) else _cross(a, b)
        case Missing(column):
            i = slots.feature(column, Feature.TEXT)
            return lambda left, right: left[i] is None or right[i] is None
        case Exact(column):
            i = slots.feature(column, Feature.TEXT)
            return lambda left, right: left[i] is not None and left[i] == right[i]
        case JaroWinkler() | DamerauLevenshtein() | Levenshtein():
            return _distance(condition, slots.feature(condition.column, Feature.BYTES))
        case TokensShared(column, at_least):
            return _shared(slots.feature(column, Feature.WORDS), at_least)
        case TokensContained(column):
            return _contained(slots.feature(column, Feature.WORDS))
        case DateWithin(column, days):
            return _within(slots.feature(column, Feature.DAYS), days)
        case NumberWithin(column, by):
            return _within(slots.feature(column, Feature.NUMBER), by)
        case DayMonthSwapped(column):
            return _meets(slots.feature(column, Feature.TEXT), slots.feature(column, Feature.SWAPPED))
        case InitialsOf(column):
            return _meets(slots.feature(column, Feature.TEXT), slots.feature(column, Feature.INITIALS))
        case SamePrefix() | SameSuffix() | PrefixOf():
            return _affix(condition, slots.feature(condition.column, Feature.TEXT))


def _all_of(tests: list[Test]) -> Test:
    """Chain tests two by two: a chain of closures is faster than a loop over them."""
    first, *rest = tests
    if not rest:
        return first
    others = _all_of(rest)
    return lambda left, right: first(left, right) and others(left, right)


def _any_of(tests: list[Test]) -> Test:
    first, *rest = tests
    if not rest:
        return first
    others = _any_of(rest)
    return lambda left, right: first(left, right) or others(left, right)


def _swapped(a: int, b: int) -> Test:
    return lambda left, right: left[a] is not None and left[b] is not None and left[a] == right[b] and left[b] == right[a]


def _cross(a: int, b: int) -> Test:
    return lambda left, right: (left[a] is not None and left[a] == right[b]) or (left[b] is not None and left[b] == right[a])


def _meets(text: int, derived: int) -> Test:
    """One record's value is what is derived from the other's."""
    return lambda left, right: (
        (left[derived] is not None and left[derived] == right[text]) or (right[derived] is not None and right[derived] == left[text])
    )


def _distance(condition: JaroWinkler | DamerauLevenshtein | Levenshtein, i: int) -> Test:
    match condition:
        case JaroWinkler():
            similarity, least = Winkler.similarity, condition.at_least - SIMILARITY_MARGIN
            return lambda left, right: left[i] is not None and right[i] is not None and similarity(left[i], right[i]) >= least
        case DamerauLevenshtein():
            distance, most = Damerau.distance, condition.at_most
        case Levenshtein():
            distance, most = Plain.distance, condition.at_most
    return lambda left, right: left[i] is not None and right[i] is not None and distance(left[i], right[i], score_cutoff=most) <= most


def _shared(i: int, at_least: int) -> Test:
    if at_least == 1:
        return lambda left, right: left[i] is not None and right[i] is not None and not left[i].isdisjoint(right[i])
    return lambda left, right: left[i] is not None and right[i] is not None and len(left[i] & right[i]) >= at_least


def _contained(i: int) -> Test:
    return lambda left, right: left[i] is not None and right[i] is not None and (left[i] <= right[i] or right[i] <= left[i])


def _within(i: int, by: float) -> Test:
    return lambda left, right: left[i] is not None and right[i] is not None and abs(left[i] - right[i]) <= by


def _affix(condition: SamePrefix | SameSuffix | PrefixOf, i: int) -> Test:
    match condition:
        case SamePrefix(_, n):
            return lambda left, right: left[i] is not None and right[i] is not None and len(left[i]) >= n and left[i][:n] == right[i][:n]
        case SameSuffix(_, n):
            return lambda left, right: left[i] is not None and right[i] is not None and len(left[i]) >= n and left[i][-n:] == right[i][-n:]
        case PrefixOf(_, n):
            return lambda left, right: (
                left[i] is not None
                and right[i] is not None
                and len(left[i]) >= n
                and len(right[i]) >= n
                and (left[i].startswith(right[i]) or right[i].startswith(left[i]))
            )
