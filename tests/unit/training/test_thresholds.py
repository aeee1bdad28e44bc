"""Thresholds from what the model expects of its own links; vetoes from what contradicts."""

from __future__ import annotations

import numpy as np
import pytest

from identity.domain.model.declaration import Comparison, Role, missing, otherwise
from identity.domain.model.levels import Exact, Level
from identity.domain.training.classes import Classes, Home
from identity.domain.training.thresholds import FALSE_LINKS, LEAST_SURE, find_thresholds, find_vetoes, vetoed, weight

NO_VETO = np.zeros(200)


def test_the_share_of_false_links_decides() -> None:
    weights = np.linspace(-20, 20, 200)
    thresholds = find_thresholds(weights, np.ones(200), NO_VETO)
    linked = weights >= thresholds.link
    expected = (1 / (1 + 2.0 ** weights[linked])).mean()
    one_more = (1 / (1 + 2.0 ** weights[weights >= thresholds.link - 0.25])).mean()
    assert expected <= FALSE_LINKS < one_more
    assert "0.35 % allowed" in thresholds.reason


def test_a_doubtful_pair_is_not_linked_however_good_the_others_are() -> None:
    weights = np.concatenate([np.full(199, 40.0), [0.5]])
    assert find_thresholds(weights, np.ones(200), NO_VETO).link == pytest.approx(weight(LEAST_SURE))


def test_more_chance_pairs_raise_the_threshold() -> None:
    weights = np.linspace(-20, 20, 200)
    doubtful = np.where(weights < 6, 20.0, 1.0)
    assert find_thresholds(weights, doubtful, NO_VETO).link > find_thresholds(weights, np.ones(200), NO_VETO).link


def test_thresholds_are_in_order_even_without_any_pair() -> None:
    nothing = np.zeros(0)
    thresholds = find_thresholds(nothing, nothing, nothing)
    assert thresholds.certain >= thresholds.link >= thresholds.hold >= thresholds.review


def comparison(name: str, role: Role = Role.PERSON) -> Comparison:
    return Comparison(name, role, (missing(name), Level("exact", Exact(name)), otherwise()))


DECLARED = (comparison("given_name"), comparison("birth_date"), comparison("sex"), comparison("surname", Role.HOUSEHOLD))


def learnt(*disagreeing: float, households: float) -> Classes:
    """Classes in which same-person pairs disagree in each field with the given probability, and chance pairs nearly always."""
    m = tuple(np.array([p, 1 - p]) for p in disagreeing)
    u = tuple(np.array([0.95, 0.05]) for _ in disagreeing)
    return Classes(m, (Home(u, households),), u, 1e-4, 1)


def test_one_clear_contradiction_or_two_lesser_ones_veto() -> None:
    vetoes = find_vetoes(DECLARED, learnt(0.01, 0.1, 0.06, 0.001, households=1e-4))
    levels = np.array([[0, 1, 1, 1], [1, 0, 0, 1], [1, 0, 1, 1], [1, 1, 0, 1], [1, 1, 1, 0], [-1, 0, 0, -1]])
    assert vetoed(vetoes, DECLARED, levels).tolist() == [1, 1, 0, 0, 0, 1]


def test_household_fields_never_veto() -> None:
    vetoes = find_vetoes(DECLARED, learnt(0.5, 0.5, 0.5, 1e-6, households=1e-4))
    assert vetoes == ()


def test_where_nobody_shares_a_home_a_contradiction_is_a_slip() -> None:
    assert find_vetoes(DECLARED, learnt(0.01, 0.01, 0.01, 0.01, households=1e-8)) == ()


@pytest.mark.parametrize("identity", ["exact", "different"])
def test_an_equal_identity_number_lifts_a_veto(identity: str) -> None:
    declared = (comparison("given_name"), comparison("national_id"))
    vetoes = find_vetoes(declared, learnt(0.001, 0.5, households=1e-4))
    level = declared[1].gamma(identity)
    assert vetoed(vetoes, declared, np.array([[0, level]])).tolist() == [0 if identity == "exact" else 1]
