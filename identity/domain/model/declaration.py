"""A declaration: which comparisons and blocking rules a linkage model has, before anything is learnt.

Rules
- ``Comparison.levels`` starts with one null level (evidence missing, weight 0), ends with ``Otherwise``, labels unique.
- Comparisons are summed in order, like Splink does, so their order is part of the model.
- ``Role`` says how a comparison behaves within a household (DESIGN §4.3b): ``household`` fields agree between its members,
  ``person`` fields do not, ``neutral`` ones tell nothing about it and are left out of the household explanation.
- Names (comparisons, columns, rules) are lower-case identifiers, because they end up in SQL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from identity.domain.errors import IdentityError, Reason
from identity.domain.model.blocking import Blocking
from identity.domain.model.levels import Exact, Level, Missing, Otherwise, columns_of

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


class Role(StrEnum):
    """How a comparison behaves between two people of one household."""

    PERSON = "person"
    HOUSEHOLD = "household"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One piece of evidence. ``levels[0]`` is the null level; the others are "live" and carry parameters."""

    name: str
    role: Role
    levels: tuple[Level, ...]

    def __post_init__(self) -> None:
        labels = {level.label for level in self.levels}
        sound = (
            len(self.levels) >= 3  # noqa: PLR2004 - null, one level, otherwise
            and len(labels) == len(self.levels)
            and isinstance(self.levels[-1].when, Otherwise)
            and not any(isinstance(level.when, Otherwise) for level in self.levels[:-1])
            and self.levels[0].term_frequency is None
            and self.levels[-1].term_frequency is None
            and all(_NAME.fullmatch(name) for name in (self.name, *self.columns, *self.frequency_columns))
        )
        if not sound:
            raise IdentityError(Reason.BUNDLE_INVALID, comparison=self.name[:64], why="levels")

    @property
    def live(self) -> tuple[Level, ...]:
        """The levels that carry parameters: all but the null level, best first."""
        return self.levels[1:]

    @property
    def columns(self) -> tuple[str, ...]:
        """The standard columns the comparison reads, in order of first mention."""
        return tuple(dict.fromkeys(column for level in self.levels for column in columns_of(level.when)))

    @property
    def frequency_columns(self) -> tuple[str, ...]:
        """The columns whose term frequencies the comparison uses."""
        return tuple(dict.fromkeys(level.term_frequency.column for level in self.levels if level.term_frequency))

    @property
    def corrected(self) -> bool:
        """Whether any level has a term-frequency correction."""
        return any(level.term_frequency and level.term_frequency.weight for level in self.levels)

    def gamma(self, label: str) -> int:
        """Return the comparison vector value of a level: -1 null, 0 otherwise, higher is better (Splink's numbering).

        Raises:
            IdentityError: ``BUNDLE_INVALID`` if there is no such level.
        """
        for index, level in enumerate(self.levels):
            if level.label == label:
                return -1 if index == 0 else len(self.levels) - 1 - index
        raise IdentityError(Reason.BUNDLE_INVALID, comparison=self.name, level=label[:64])

    def frequency_base(self, live_index: int) -> int:
        """Return the index in ``live`` of the level whose u a term-frequency correction starts from."""
        correction = self.live[live_index].term_frequency
        for index, level in enumerate(self.live):
            if correction and level.when == Exact(correction.column):
                return index
        return live_index


@dataclass(frozen=True, slots=True)
class Veto:
    """A clear contradiction: the pair is two persons, whatever else agrees.

    It holds if for every (comparison, labels) of ``when`` the pair's level is one of the labels, and for none of ``unless``.
    """

    name: str
    when: tuple[tuple[str, tuple[str, ...]], ...]
    unless: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is compared and how candidates are found."""

    comparisons: tuple[Comparison, ...]
    blocking: Blocking
    vetoes: tuple[Veto, ...] = ()

    def __post_init__(self) -> None:
        names = [comparison.name for comparison in self.comparisons]
        if not names or len(set(names)) != len(names):
            raise IdentityError(Reason.BUNDLE_INVALID, why="comparison names")
        for veto in self.vetoes:
            for name, labels in (*veto.when, *veto.unless):
                for label in labels:
                    self.comparison(name).gamma(label)

    def comparison(self, name: str) -> Comparison:
        """Return the comparison of that name.

        Raises:
            IdentityError: ``BUNDLE_INVALID`` if there is none.
        """
        for comparison in self.comparisons:
            if comparison.name == name:
                return comparison
        raise IdentityError(Reason.BUNDLE_INVALID, comparison=name[:64])

    @property
    def columns(self) -> tuple[str, ...]:
        """Every standard column the comparisons read (term-frequency columns included), in order of first mention."""
        return tuple(dict.fromkeys(column for c in self.comparisons for column in (*c.columns, *c.frequency_columns)))

    @property
    def frequency_columns(self) -> tuple[str, ...]:
        """Every column that has a term-frequency table."""
        return tuple(dict.fromkeys(column for c in self.comparisons for column in c.frequency_columns))


def missing(column: str, label: str = "missing") -> Level:
    """Return the usual null level: either side has no ``column``."""
    return Level(label, Missing(column))


def otherwise(label: str = "different") -> Level:
    """Return the usual last level."""
    return Level(label, Otherwise())
