"""Three classes from counted agreement, without a label in sight."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from identity.domain.errors import IdentityError, Reason
from identity.domain.training.classes import LIKENESS, Classes, explain, learn
from identity.domain.training.patterns import Patterns, RandomPairs
from tests.builders.training import FIELDS, RECORDS, evidence, shapes

PLACE = {field.name: number for number, field in enumerate(FIELDS)}


@cache
def from_many_pairs() -> tuple[Classes, RandomPairs]:
    patterns, random = evidence(3_000, 4_000)
    return learn(patterns, random, shapes(), records=RECORDS), random


def pattern(**levels: int) -> Patterns:
    """One pair; a field that is not named is missing."""
    row = np.array([[levels.get(field.name, -1) for field in FIELDS]])
    nothing, mask = np.zeros(1), np.zeros(1, dtype=np.int64)
    return Patterns(row, np.ones(1), nothing, nothing, mask, mask)


def test_parameters_and_priors_are_recovered() -> None:
    learnt, random = from_many_pairs()
    assert learnt.match_prior * random.all_pairs == pytest.approx(3_000, rel=0.05)
    assert learnt.household_prior * random.all_pairs == pytest.approx(4_000, rel=0.25)  # those that share one field look unrelated
    for number, field in enumerate(FIELDS):
        assert np.allclose(learnt.m[number], field.m, atol=0.04), field.name
        assert np.allclose(learnt.u[number], field.u, atol=0.01), field.name
        assert np.allclose(learnt.h[number], field.h, atol=0.13), field.name


def test_a_household_that_shares_everything_is_not_one_person() -> None:
    learnt, _ = from_many_pairs()
    relatives = explain(pattern(given_name=0, surname=2, address=2, email=2), learnt, shapes())
    assert relatives.match_weight[0] > 5  # two classes would have linked them
    assert relatives.decision_weight[0] < -3
    person = explain(pattern(given_name=2, birth_date=2, surname=2), learnt, shapes())
    assert person.decision_weight[0] > 10


def test_a_father_and_his_namesake_are_not_certain() -> None:
    learnt, _ = from_many_pairs()
    namesakes = explain(pattern(given_name=2, birth_date=0, surname=2, address=2), learnt, shapes())
    assert namesakes.decision_weight[0] < 2


def test_relatives_may_resemble_a_person_only_so_much() -> None:
    learnt, _ = from_many_pairs()
    for home in learnt.homes:
        for name in ("given_name", "birth_date"):
            assert home.h[PLACE[name]][2] <= LIKENESS + learnt.u[PLACE[name]][2]


def test_without_households_the_class_stays_empty() -> None:
    patterns, random = evidence(3_000, 0)
    learnt = learn(patterns, random, shapes(), records=RECORDS)
    assert learnt.household_prior * random.all_pairs < 100
    assert learnt.match_prior * random.all_pairs == pytest.approx(3_000, rel=0.05)


def test_rare_agreeing_values_weigh_more() -> None:
    learnt, _ = from_many_pairs()
    common = explain(pattern(given_name=2, surname=2), learnt, shapes())
    rare = explain(replace(pattern(given_name=2, surname=2), person_bits=np.array([-12.0])), learnt, shapes())
    assert rare.match_weight[0] == pytest.approx(common.match_weight[0] + 12)
    assert rare.household[0] == pytest.approx(common.household[0] - 12)  # chance agreement of a person field within a household


def test_learning_is_deterministic() -> None:
    patterns, random = evidence(1_000, 1_000)
    one, other = (learn(patterns, random, shapes(), records=RECORDS) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip((*one.m, *one.h, *one.u), (*other.m, *other.h, *other.u), strict=True))


def test_numbers_that_are_none_end_in_a_refusal() -> None:
    patterns, random = evidence(500, 500)
    with pytest.raises(IdentityError) as refused, np.errstate(all="ignore"):
        learn(replace(patterns, counts=np.full_like(patterns.counts, np.nan)), random, shapes(), records=RECORDS)
    assert refused.value.reason is Reason.MODEL_NOT_TRAINED
