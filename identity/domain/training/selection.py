"""Blocking rules chosen from the data: the cheapest that still find what any of them finds, within a budget.

Rules
- A rule is worth the expected same-person pairs that no rule chosen before finds; the best yield per comparison goes first.
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
PROPOSABLE = 15.0
"""Comparisons per record beyond which a single rule is not even tried."""
LEAST_GAIN = 2e-4


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
    return tuple(number for number, size in enumerate(sizes) if size.pairs <= max(PROPOSABLE * records, 50_000))


def choose(
    sizes: tuple[RuleSize, ...], tried: tuple[int, ...], patterns: Patterns, same_person: Floats, records: int
) -> tuple[tuple[BlockingRule, ...], tuple[RuleReport, ...]]:
    """Return the rules to block with, and the report on all. ``same_person`` is the expected number of such pairs per pattern."""
    total = max(float(same_person.sum()), 1e-9)
    open_pairs = same_person.copy()
    found = {number: (patterns.found_by >> number) & 1 == 1 for number in tried}
    left, spent = set(tried), 0.0
    gains: dict[int, float] = {}
    while left:
        worth = {number: float(open_pairs[found[number]].sum()) for number in left}
        best = max(left, key=lambda number: (worth[number] / (sizes[number].pairs + records), -number))
        useful = [number for number in left if worth[number] >= LEAST_GAIN * total]
        if not useful:
            break
        if worth[best] < LEAST_GAIN * total:
            best = max(useful, key=lambda number: (worth[number] / (sizes[number].pairs + records), -number))
        left.discard(best)
        if spent + sizes[best].pairs > max(BUDGET * records, 200_000):
            continue
        spent += sizes[best].pairs
        gains[best] = worth[best] / total
        open_pairs = np.where(found[best], 0.0, open_pairs)
    reports = tuple(_report(number, size, gains.get(number), tried=number in tried) for number, size in enumerate(sizes))
    return tuple(sizes[number].rule for number in sorted(gains)), reports


def _report(number: int, size: RuleSize, gain: float | None, *, tried: bool) -> RuleReport:
    del number
    why = "finds pairs that the others miss" if gain is not None else "adds nothing within the budget" if tried else "too many comparisons"
    return RuleReport(size.rule.name, size.pairs, size.capped, gain or 0.0, gain is not None, why)
