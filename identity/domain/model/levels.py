"""Comparison levels: the small language in which agreement between two records is declared.

Rules
- A ``Condition`` is true or not true of a pair; where a value it needs is missing it is not true (SQL's *unknown*). There is
  no negation, so "not true" and "unknown" never have to be told apart.
- Conditions are symmetric: swapping the two records changes nothing.
- Strings are measured in UTF-8 bytes, since DuckDB measures bytes (research: identity §0, finding 4).
- A date is text that reads ``yyyy-mm-dd`` and exists; other text in a date column is no date, and never true of a date condition.
- A comparison's levels are tried in order and the first true one holds; ``Otherwise`` closes the list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from identity.domain.errors import IdentityError, Reason

SIMILARITY_MARGIN = 1e-9
"""Taken off every similarity threshold: DuckDB and rapidfuzz differ in the last bit, and no pair may hang on it."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Either record has no value in ``column``."""

    column: str


@dataclass(frozen=True, slots=True)
class Exact:
    """Both have the same value in ``column``."""

    column: str


@dataclass(frozen=True, slots=True)
class JaroWinkler:
    """Jaro-Winkler similarity (prefix weight 0.1, boost above 0.7, on bytes) of at least ``at_least``, in (0, 1]."""

    column: str
    at_least: float


@dataclass(frozen=True, slots=True)
class DamerauLevenshtein:
    """Unrestricted Damerau-Levenshtein distance (a transposition counts 1, on bytes) of at most ``at_most``."""

    column: str
    at_most: int


@dataclass(frozen=True, slots=True)
class Levenshtein:
    """Levenshtein distance (on bytes) of at most ``at_most``."""

    column: str
    at_most: int


@dataclass(frozen=True, slots=True)
class DateWithin:
    """Both are dates, at most ``days`` apart."""

    column: str
    days: int


@dataclass(frozen=True, slots=True)
class DayMonthSwapped:
    """One is the other with day and month exchanged (1980-04-03 and 1980-03-04)."""

    column: str


@dataclass(frozen=True, slots=True)
class SamePrefix:
    """Both begin with the same ``length`` characters, and have that many (a year is the prefix of 4 of a date)."""

    column: str
    length: int


@dataclass(frozen=True, slots=True)
class SameSuffix:
    """Both end with the same ``length`` characters, and have that many (month and day: the suffix of 5 of a date)."""

    column: str
    length: int


@dataclass(frozen=True, slots=True)
class PrefixOf:
    """One value begins with the other ("j" and "jean"), the shorter having at least ``at_least`` characters."""

    column: str
    at_least: int = 1


@dataclass(frozen=True, slots=True)
class InitialsOf:
    """One value is the initials of the other's two or more tokens ("jp" and "jean pierre")."""

    column: str


@dataclass(frozen=True, slots=True)
class TokensShared:
    """The space-separated tokens of both have at least ``at_least`` distinct ones in common."""

    column: str
    at_least: int = 1


@dataclass(frozen=True, slots=True)
class TokensContained:
    """Every token of one is a token of the other ("jean" and "jean marie")."""

    column: str


@dataclass(frozen=True, slots=True)
class ColumnsSwapped:
    """Each record's ``one`` is the other record's ``other`` (given and family name exchanged)."""

    one: str
    other: str


@dataclass(frozen=True, slots=True)
class ColumnsCross:
    """A record's ``one`` is the other record's ``other`` (a birth name that elsewhere is the family name)."""

    one: str
    other: str


@dataclass(frozen=True, slots=True)
class NumberWithin:
    """Both are plain decimal numbers, at most ``by`` apart."""

    column: str
    by: float


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of ``conditions`` is true; there is at least one."""

    conditions: tuple[Condition, ...]

    def __post_init__(self) -> None:
        _require_some(self.conditions)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of ``conditions`` is true; there is at least one."""

    conditions: tuple[Condition, ...]

    def __post_init__(self) -> None:
        _require_some(self.conditions)


@dataclass(frozen=True, slots=True)
class Otherwise:
    """Always true: what is left."""


Condition: TypeAlias = (
    Missing
    | Exact
    | JaroWinkler
    | DamerauLevenshtein
    | Levenshtein
    | DateWithin
    | DayMonthSwapped
    | SamePrefix
    | SameSuffix
    | PrefixOf
    | InitialsOf
    | TokensShared
    | TokensContained
    | ColumnsSwapped
    | ColumnsCross
    | NumberWithin
    | AllOf
    | AnyOf
    | Otherwise
)


@dataclass(frozen=True, slots=True)
class TermFrequency:
    """Agreement on a rare value says more than on a common one.

    The level's weight is corrected by ``weight * (log2(u) - log2(max(tf_left, tf_right, floor)))``, where ``u`` is that of the
    comparison's ``Exact(column)`` level, or the level's own if there is none (Fellegi-Sunter with value-specific u; Splink's formula).
    """

    column: str
    weight: float = 1.0
    floor: float = 0.0


@dataclass(frozen=True, slots=True)
class Level:
    """One gradation of a comparison. ``label`` is unique within it and is what explanations show."""

    label: str
    when: Condition
    term_frequency: TermFrequency | None = None


def _require_some(conditions: tuple[Condition, ...]) -> None:
    if not conditions or any(isinstance(condition, Otherwise) for condition in conditions):
        raise IdentityError(Reason.BUNDLE_INVALID, why="empty condition")


def columns_of(condition: Condition) -> tuple[str, ...]:
    """Return the columns a condition reads, in order of first mention."""
    match condition:
        case AllOf(parts) | AnyOf(parts):
            return tuple(dict.fromkeys(column for part in parts for column in columns_of(part)))
        case ColumnsSwapped(one, other) | ColumnsCross(one, other):
            return (one, other)
        case Otherwise():
            return ()
        case _:
            return (condition.column,)
