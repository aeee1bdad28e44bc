"""Model bundles: a declaration with everything it learnt, immutable, under one hash.

Rules
- A bundle's digest is the SHA-256 of its canonical JSON (RFC 8785); equal bundles have equal digests (DESIGN §4.3).
- Parameters are probabilities of a level given the class of a pair: ``m`` same person, ``u`` unrelated, ``h`` same household but
  not same person. Each lies in (0, 1], aligned with ``Comparison.live``; a level that was not learnt has no place in a bundle.
- A term table holds only values that at least ``least_count`` records share (a rarer name could point at a person);
  every other value has the frequency ``unseen``, in both renderings.
- Weights and thresholds are log2 odds. ``Thresholds`` apply to the decision weight.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from identity.domain.attributes import ComparisonKind
from identity.domain.errors import IdentityError, Reason
from identity.domain.model.declaration import Declaration

FORMAT = 1
LEAST_PROBABILITY = 1e-12
"""Below this a parameter is not learnt but divided by zero."""


@dataclass(frozen=True, slots=True)
class LevelParameters:
    """P(level | same person), P(level | unrelated), P(level | same household)."""

    m: float
    u: float
    h: float


@dataclass(frozen=True, slots=True)
class TermTable:
    """How often each value of a column occurs: ``counts[value] / total``, or ``unseen`` for a value that is not listed."""

    total: int
    counts: Mapping[str, int]
    least_count: int
    unseen: float

    def frequency(self, value: str) -> float:
        """Return the relative frequency of a value, in (0, 1]."""
        count = self.counts.get(value)
        return self.unseen if count is None else count / self.total


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Decision weights from which a pair is ``certain``, linked, held (hysteresis) or reviewed; ``reason`` says how they were found."""

    certain: float
    link: float
    hold: float
    review: float
    reason: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """A trained model.

    ``match_prior`` is P(same person) of two random records, ``household_prior`` P(same household, not same person).
    ``parameters[comparison name]`` aligns with that comparison's ``live`` levels. ``facts`` tell how it was trained (counts, never values).
    ``extras`` gives the kind of each declared extra that the model reads (``x_<name>``): a query's is standardised like a record's.
    """

    name: str
    standardiser: int
    declaration: Declaration
    match_prior: float
    household_prior: float
    parameters: Mapping[str, tuple[LevelParameters, ...]]
    term_tables: Mapping[str, TermTable]
    thresholds: Thresholds
    facts: Mapping[str, str | int | float] = field(default_factory=dict)
    extras: Mapping[str, ComparisonKind] = field(default_factory=dict)
    format: int = FORMAT

    def __post_init__(self) -> None:
        """Refuse a bundle that could not be scored.

        Raises:
            IdentityError: ``BUNDLE_INVALID`` with what is wrong.
        """
        _require(self.format == FORMAT, "format")
        _require(0 < self.match_prior < 1 and 0 < self.household_prior < 1, "prior")
        _require(set(self.parameters) == {c.name for c in self.declaration.comparisons}, "parameters")
        for comparison in self.declaration.comparisons:
            levels = self.parameters[comparison.name]
            _require(len(levels) == len(comparison.live), f"parameters of {comparison.name}")
            _require(all(_probable(p) for level in levels for p in (level.m, level.u, level.h)), f"parameters of {comparison.name}")
        _require(set(self.term_tables) == set(self.declaration.frequency_columns), "term tables")
        for table in self.term_tables.values():
            _require(table.total > 0 and _probable(table.unseen), "term tables")
            _require(all(table.least_count <= count <= table.total for count in table.counts.values()), "term tables")
        t = self.thresholds
        _require(math.isfinite(t.certain) and math.isfinite(t.review) and t.certain >= t.link >= t.hold >= t.review, "thresholds")


def _probable(value: float) -> bool:
    return LEAST_PROBABILITY <= value <= 1


def _require(sound: bool, what: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not sound:
        raise IdentityError(Reason.BUNDLE_INVALID, why=what)
