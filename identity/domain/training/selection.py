"""Blocking rules chosen from the data: the cheapest that still find what any of them finds, within a budget.

Rules
- A rule is worth the expected links that no rule chosen before finds; the best yield per comparison goes first. Half of its worth is
  what it would find if there were ten times as many records: a rule whose blocks are nearly full needs a narrower one beside it.
- Choosing ends when no rule adds ``LEAST_GAIN`` of all that were found, or the next would exceed ``BUDGET`` comparisons a record.
- What was left out, and why, is reported.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from identity.domain.model.blocking import BlockingRule
from identity.domain.training.patterns import Floats, Patterns

BUDGET = 30.0
"""Comparisons per record that a batch may cost, all rules together."""
LEAST_BUDGET = 200_000
"""Comparisons that are always affordable."""
PROPOSABLE = 15.0
"""Comparisons per record beyond which a single rule is not even tried."""
LEAST_GAIN = 1e-3
"""Share of the expected links that a rule must add."""


@dataclass(frozen=True, slots=True)
class RuleSize:
    """What a blocking rule costs: ``pairs`` compared, ``capped`` blocks that are too large, at the size of all records."""

    rule: BlockingRule
    pairs: int
    capped: int


@dataclass(frozen=True, slots=True)
class RuleReport:
    """What became of a rule: ``gain`` is the share of expected same-person pairs that it added (0 if it was not chosen)."""

    name: str
    pairs: int
    capped: int
    gain: float
    chosen: bool
    why: str


def affordable(sizes: tuple[RuleSize, ...], records: int) -> tuple[int, ...]:
    """Return the numbers of the rules that may be tried."""
    return tuple(number for number, size in enumerate(sizes) if size.pairs <= max(PROPOSABLE * records, LEAST_BUDGET))


def choose(
    sizes: tuple[RuleSize, ...], tried: tuple[int, ...], patterns: Patterns, links: Floats, records: int
) -> tuple[tuple[BlockingRule, ...], tuple[RuleReport, ...]]:
    """Return the rules to block with, and the report on all. ``links`` is the expected number of true links per pattern."""
    masks = np.concatenate([patterns.found_by, patterns.still_found_by])
    found = {number: (masks >> number) & 1 == 1 for number in tried}
    unfound = np.concatenate([links, links]) / max(2.0 * float(links.sum()), 1e-9)
    left, spent = set(tried), 0.0
    gains: dict[int, float] = {}
    while worth := {number: gain for number in left if (gain := float(unfound[found[number]].sum())) >= LEAST_GAIN}:
        best = max(worth, key=lambda number: (worth[number] / (sizes[number].pairs + records), -number))
        left.discard(best)
        if spent + sizes[best].pairs <= max(BUDGET * records, LEAST_BUDGET):
            spent += sizes[best].pairs
            gains[best] = worth[best]
            unfound = np.where(found[best], 0.0, unfound)
    reports = tuple(_report(size, gains.get(number), tried=number in tried) for number, size in enumerate(sizes))
    return tuple(sizes[number].rule for number in sorted(gains)), reports


def _report(size: RuleSize, gain: float | None, *, tried: bool) -> RuleReport:
    why = "finds pairs that the others miss" if gain is not None else "adds nothing within the budget" if tried else "too many comparisons"
    return RuleReport(size.rule.name, size.pairs, size.capped, gain or 0.0, gain is not None, why)
