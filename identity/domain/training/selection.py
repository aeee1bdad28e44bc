"""Blocking rules chosen from the data: the cheapest that still find what any of them finds, within a budget.

Rules
- A rule is worth the expected links that no rule chosen before finds; the best yield per comparison goes first. Half of its worth is
  what it would find if there were ten times as many records: a rule whose blocks are nearly full needs a narrower one beside it.
- A rule costs the pairs that no rule chosen before compares. It must add ``LEAST_GAIN`` of all links and, once ``FREE`` comparisons are
  spent, a link for ``PRICE`` comparisons; none is added that would exceed ``BUDGET`` comparisons a record.
- What was left out, and why, is reported.
"""

from __future__ import annotations

from dataclasses import dataclass

from identity.domain.model.blocking import BlockingRule
from identity.domain.training.patterns import Floats, Patterns

BUDGET = 12.0
"""Comparisons per record that a batch may cost, all rules together."""
FREE = 200_000
"""Comparisons that cost nothing worth saving, whatever they find."""
PRICE = 2_000.0
"""Comparisons that one more link may cost."""
PROPOSABLE = 15.0
"""Comparisons per record beyond which a single rule is not even tried."""
LEAST_GAIN = 2e-4
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
    return tuple(number for number, size in enumerate(sizes) if size.pairs <= max(PROPOSABLE * records, FREE))


def choose(
    sizes: tuple[RuleSize, ...], tried: tuple[int, ...], patterns: Patterns, linked: Floats, records: int
) -> tuple[tuple[BlockingRule, ...], tuple[RuleReport, ...]]:
    """Return the rules to block with, and the report on all.

    ``patterns`` count pairs of all ``records``; ``linked`` is, per pattern, the probability of a true link.
    """
    now = {number: (patterns.found_by >> number) & 1 == 1 for number in tried}
    later = {number: (patterns.still_found_by >> number) & 1 == 1 for number in tried}
    total = max(float((patterns.counts * linked).sum()), 1e-9)
    new, links, later_links = patterns.counts.copy(), patterns.counts * linked / total, patterns.counts * linked / total
    left, spent = set(tried), 0.0
    gains: dict[int, float] = {}
    while left:
        costs = {number: float(new[now[number]].sum()) for number in left}
        gained = {number: float(links[now[number]].sum() + later_links[later[number]].sum()) / 2 for number in left}
        paying = [
            number for number in left if gained[number] >= LEAST_GAIN and _pays(costs[number], gained[number] * total, spent, records)
        ]
        if not paying:
            break
        best = max(paying, key=lambda number: (gained[number] / (costs[number] + records), -number))
        left.discard(best)
        spent += costs[best]
        gains[best] = gained[best]
        new[now[best]] = links[now[best]] = later_links[later[best]] = 0.0
    reports = tuple(_report(size, gains.get(number), tried=number in tried) for number, size in enumerate(sizes))
    return tuple(sizes[number].rule for number in sorted(gains)), reports


def _pays(cost: float, links: float, spent: float, records: int) -> bool:
    return spent + cost <= FREE or (cost <= links * PRICE and spent + cost <= BUDGET * records)


def _report(size: RuleSize, gain: float | None, *, tried: bool) -> RuleReport:
    why = "finds pairs that the others miss" if gain is not None else "adds nothing within the budget" if tried else "too many comparisons"
    return RuleReport(size.rule.name, size.pairs, size.capped, gain or 0.0, gain is not None, why)
