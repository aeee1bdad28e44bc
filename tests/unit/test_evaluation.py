"""Evaluation gives what the definitions say, checked pair by pair and record by record on small worlds."""

import json
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.domain.evaluation import Agreement, evaluate

groups = st.integers(0, 4)
worlds = st.dictionaries(st.integers(0, 14), groups, max_size=12)


def brute_pairwise(truth: dict[int, int], found: dict[int, object]) -> tuple[float, float]:
    pairs = list(combinations(sorted(truth), 2))
    true = {pair for pair in pairs if truth[pair[0]] == truth[pair[1]]}
    claimed = {pair for pair in pairs if found[pair[0]] == found[pair[1]]}
    both = len(true & claimed)
    return (both / len(claimed) if claimed else 1.0), (both / len(true) if true else 1.0)


def brute_b3(truth: dict[int, int], found: dict[int, object]) -> tuple[float, float]:
    if not truth:
        return 1.0, 1.0
    precision = recall = 0.0
    for record, own in truth.items():
        person = {other for other in truth if truth[other] == own}
        identity = {other for other in truth if found[other] == found[record]}
        precision += len(person & identity) / len(identity)
        recall += len(person & identity) / len(person)
    return precision / len(truth), recall / len(truth)


@given(worlds, worlds)
def test_agrees_with_brute_force(truth: dict[int, int], memberships: dict[int, int]):
    found: dict[int, object] = {record: memberships.get(record, ("alone", record)) for record in truth}
    result = evaluate(truth, memberships)
    assert (result.pairwise.precision, result.pairwise.recall) == pytest.approx(brute_pairwise(truth, found))
    assert (result.b3.precision, result.b3.recall) == pytest.approx(brute_b3(truth, found))


@given(worlds)
def test_the_truth_itself_is_perfect(truth: dict[int, int]):
    result = evaluate(truth, {record: f"id-{person}" for record, person in truth.items()})
    assert result.pairwise == result.b3 == Agreement(1.0, 1.0)


@given(worlds, worlds)
def test_names_of_identities_and_order_do_not_matter(truth: dict[int, int], memberships: dict[int, int]):
    renamed = {record: f"z{9 - identity}" for record, identity in reversed(memberships.items())}
    assert evaluate(truth, memberships) == evaluate(dict(reversed(truth.items())), renamed)


@given(worlds, worlds)
def test_swapping_truth_and_claim_swaps_precision_and_recall(truth: dict[int, int], memberships: dict[int, int]):
    known = {record: identity for record, identity in memberships.items() if record in truth}
    truth = {record: person for record, person in truth.items() if record in known}
    one, other = evaluate(truth, known).pairwise, evaluate(known, truth).pairwise
    assert (one.precision, one.recall) == (other.recall, other.precision)


def test_a_record_without_identity_stands_alone_and_is_counted():
    result = evaluate({"a": 1, "b": 1, "c": 2}, {"a": "x", "unknown": "x"})
    assert (result.without_identity, result.without_truth) == (2, 1)
    assert (result.true_pairs, result.claimed_pairs, result.found_pairs) == (1, 0, 0)
    assert result.pairwise == Agreement(1.0, 0.0)


def test_an_identity_named_by_a_number_never_meets_a_record_that_stands_alone():
    assert evaluate({"a": 1, "b": 2}, {"a": 1}).claimed_pairs == 0


def test_a_worked_example():
    """Five records of two people; one identity holds a stranger."""
    result = evaluate({"a": 1, "b": 1, "c": 1, "d": 2, "e": 2}, {"a": "x", "b": "x", "c": "y", "d": "y", "e": "y"})
    assert result.pairwise == Agreement(2 / 4, 2 / 4)
    assert result.b3.precision == pytest.approx((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3) / 5)
    assert result.b3.recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5)


def test_the_report_is_plain_json():
    report = evaluate({"a": 1, "b": 1}, {"a": "x", "b": "x"}).to_json()
    assert json.loads(json.dumps(report)) == report
    assert report["pairwise"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}


def test_nothing_right_has_f1_zero():
    assert Agreement(0.0, 0.0).f1 == 0.0
