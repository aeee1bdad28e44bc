"""Records are linked falsely, imported without proof, dated wrongly, parted again: no read of them permits what its owner ended."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from bench.consent_rules import RULES, Rates, Rule, World, draw, ours, simulate

CLUSTERS = 6_000


@pytest.mark.parametrize("false_links", [0.0, 0.03, 0.1])
def test_our_rule_permits_nothing_that_must_be_denied_and_every_other_rule_does(false_links: float):
    scores = simulate(CLUSTERS, 7, Rates(false_links=false_links))
    assert scores.pop("Entente").wrongly_permitted == 0
    assert all(score.wrongly_permitted > 100 for score in scores.values())


def test_more_proof_makes_our_rule_deny_less():
    few, many = (simulate(CLUSTERS, 7, Rates(verified=share), {"Entente": ours})["Entente"] for share in (0.3, 0.95))
    assert many.wrongly_denied / many.may_permit < 0.8 * few.wrongly_denied / few.may_permit


def all_proved(world: World, record: int, at: float) -> bool:
    """Take every link as proof."""
    return ours(replace(world, proved=frozenset(range(len(world.owners)))), record, at)


def believing_clocks(world: World, record: int, at: float) -> bool:
    """Take what a source wrote as when it was."""
    return ours(replace(world, history=tuple(replace(said, known=min(said.known, said.dated)) for said in world.history)), record, at)


def believing_imports(world: World, record: int, at: float) -> bool:
    """Take an import as a yes."""
    return ours(replace(world, history=tuple(replace(said, real=True) for said in world.history)), record, at)


@pytest.mark.parametrize("careless", [all_proved, believing_clocks, believing_imports])
def test_each_caution_of_our_rule_is_needed(careless: Rule):
    """The simulation would notice if our rule trusted links, clocks or imports."""
    assert simulate(CLUSTERS, 7, Rates(false_links=0.1, wrong_clock=0.5), {"careless": careless})["careless"].wrongly_permitted > 0


def test_the_same_seed_draws_the_same_world():
    one, other = (draw(random.Random(3), Rates()) for _ in range(2))
    assert one == other
    assert set(RULES) == {"Entente", "latest wins", "keep master", "most restrictive", "Unomi"}
