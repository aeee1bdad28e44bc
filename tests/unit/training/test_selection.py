"""Blocking rules are chosen by the links they add, per comparison they cost."""

from __future__ import annotations

import numpy as np

from identity.domain.model.blocking import BlockingRule, part
from identity.domain.training.patterns import Floats, Patterns
from identity.domain.training.selection import BUDGET, FREE, RuleSize, affordable, choose

RECORDS = 1_000_000


def found(*kinds: tuple[str, str, float], rules: str) -> Patterns:
    """Patterns by (rules that find them, rules that would still find them, pairs)."""
    counts = np.array([pairs for *_, pairs in kinds], dtype=float)
    now, later = ([sum(1 << rules.index(rule) for rule in names) for names in column] for column in list(zip(*kinds, strict=True))[:2])
    nothing = np.zeros(len(kinds))
    return Patterns(np.zeros((len(kinds), 1), dtype=np.int64), counts, nothing, nothing, np.array(now), np.array(later))


def sizes(patterns: Patterns, rules: str) -> tuple[RuleSize, ...]:
    pairs = [int(patterns.counts[(patterns.found_by >> number) & 1 == 1].sum()) for number in range(len(rules))]
    return tuple(RuleSize(BlockingRule(name, (part("email"),)), size, 0) for name, size in zip(rules, pairs, strict=True))


def chosen(patterns: Patterns, linked: Floats, rules: str, records: int = RECORDS) -> str:
    picked, reports = choose(sizes(patterns, rules), tuple(range(len(rules))), patterns, linked, records)
    assert {rule.name for rule in picked} == {report.name for report in reports if report.chosen}
    assert all((report.gain > 0) == report.chosen for report in reports)
    return "".join(rule.name for rule in picked)


def test_a_rule_that_only_repeats_what_others_find_is_left_out() -> None:
    kinds = [("abc", "abc", 400_000), ("ac", "ac", 100_000), ("b", "b", 50_000)]
    assert chosen(found(*kinds, rules="abc"), np.array([0.9, 0.9, 0.9]), "abc") == "ab"


def test_a_rule_must_pay_for_its_comparisons_once_there_are_many() -> None:
    kinds = [("a", "a", 1_000_000), ("b", "b", 3_000_000), ("c", "c", 3_000_000)]
    links = np.array([0.9, 1e-3, 1e-4])  # b: a link in 1,000 comparisons, c: in 10,000
    assert chosen(found(*kinds, rules="abc"), links, "abc") == "ab"


def test_what_few_comparisons_find_is_never_too_dear() -> None:
    kinds = [("a", "a", 4_000), ("b", "b", FREE - 4_000)]
    assert chosen(found(*kinds, rules="ab"), np.array([0.9, 1e-5]), "ab", records=5_000) == "ab"


def test_the_budget_of_comparisons_holds_and_counts_a_pair_once() -> None:
    half = BUDGET * RECORDS / 2
    apart = [("a", "a", half), ("b", "b", 0.8 * half), ("c", "c", 0.4 * half)]
    together = [("a", "a", half), ("bc", "bc", 0.8 * half), ("c", "c", 0.15 * half), ("b", "b", 0.01 * half)]
    assert chosen(found(*apart, rules="abc"), np.array([0.5, 0.4, 0.3]), "abc") == "ab"
    assert chosen(found(*together, rules="abc"), np.array([0.5, 0.4, 0.3, 0.3]), "abc") == "abc"


def test_a_rule_whose_blocks_will_be_too_large_gets_a_narrower_one_beside_it() -> None:
    still = [("ab", "ab", 500_000)]
    no_longer = [("ab", "b", 500_000)]
    assert chosen(found(*still, rules="ab"), np.array([0.9]), "ab") == "a"
    assert "b" in chosen(found(*no_longer, rules="ab"), np.array([0.9]), "ab")


def test_rules_beyond_all_bounds_are_not_even_tried() -> None:
    small = RuleSize(BlockingRule("small", (part("email"),)), 1_000, 0)
    huge = RuleSize(BlockingRule("huge", (part("city"),)), 100 * RECORDS, 0)
    assert affordable((small, huge), RECORDS) == (0,)
