"""Refused links: which they are, why, and that batch, real time and the order of arrival agree."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.domain.cluster import Evidence, cluster, torn_links
from identity.domain.cluster_all import cluster_all
from identity.domain.edge import Edge, EdgeGrade
from identity.domain.judgement import Authority, Judgement, Verdict
from identity.domain.refusal import LinkRefusal, Waiting, refused_links
from identity.domain.source_record import RecordId

AT = datetime(2026, 1, 1, tzinfo=UTC)
R = [RecordId(UUID(int=number)) for number in range(10)]


def edge(left: int, right: int, weight: float = 12.0, grade: EdgeGrade = EdgeGrade.LINK) -> Edge:
    return Edge(R[left], R[right], weight, weight, grade)


def veto(left: int, right: int) -> Edge:
    return edge(left, right, 5.0, EdgeGrade.VETO)


def dense(*records: int) -> list[Edge]:
    return [edge(left, right, 20.0) for left, right in combinations(records, 2)]


def judged(left: int, right: int, verdict: Verdict) -> Judgement:
    return Judgement(R[left], R[right], verdict, Authority.HUMAN, "steward", AT)


def refused(*edges: Edge, judgements: tuple[Judgement, ...] = (), unlinkable: tuple[int, ...] = ()) -> dict[tuple[int, int], LinkRefusal]:
    evidence = Evidence(edges, judgements, None, frozenset(R[number] for number in unlinkable))
    torn = torn_links(evidence)
    found = refused_links(cluster(R, evidence, torn=torn), evidence, torn)
    assert cluster_all(R, evidence).refused == found
    return {(left.int, right.int): why for (left, right), why in found.items()}


def test_links_that_are_followed_are_not_refused() -> None:
    assert refused(*dense(0, 1, 2), edge(3, 4)) == {}


def test_both_links_of_a_record_torn_between_father_and_son_are_refused() -> None:
    assert refused(edge(0, 1, 12), edge(1, 2, 11), veto(0, 2)) == {(0, 1): LinkRefusal.TORN, (1, 2): LinkRefusal.TORN}


def test_a_lighter_link_to_somebody_whom_the_heavier_side_contradicts_is_refused() -> None:
    assert refused(edge(0, 1, 18), edge(1, 2, 11), veto(0, 2)) == {(1, 2): LinkRefusal.CONTRADICTED}


def test_a_cannot_link_between_two_sides_refuses_the_links_between_their_other_records() -> None:
    links = (edge(0, 1, 30), edge(1, 2, 12), edge(2, 3, 30))
    assert refused(*links, judgements=(judged(0, 3, Verdict.DIFFERENT),)) == {(1, 2): LinkRefusal.CONTRADICTED}


def test_a_link_between_two_groups_that_are_hardly_alike_is_refused() -> None:
    assert refused(*dense(0, 1, 2), *dense(3, 4, 5), edge(2, 3)) == {(2, 3): LinkRefusal.UNSUPPORTED}


def test_torn_goes_before_contradicted() -> None:
    """The link of 1 and 2 is torn, and moreover 3, who is one with 1, contradicts 2."""
    told = refused(edge(0, 1, 12), edge(1, 2, 11), veto(0, 2), edge(1, 3, 30), veto(2, 3))
    assert told[1, 2] is LinkRefusal.TORN


def test_a_torn_link_whose_ends_come_together_by_other_links_is_not_refused() -> None:
    assert refused(edge(0, 1, 12), edge(1, 2, 11), veto(0, 2), edge(1, 3, 30), edge(0, 3, 30)) == {(1, 2): LinkRefusal.TORN}


@pytest.mark.parametrize("verdict", Verdict)
def test_a_pair_that_somebody_judged_is_not_refused_by_the_machine(verdict: Verdict) -> None:
    links = (*dense(0, 1, 2), *dense(3, 4, 5), edge(2, 3))
    assert refused(*links, judgements=(judged(2, 3, verdict),)) == {}


def test_the_link_of_whoever_objects_is_no_question_for_a_steward() -> None:
    assert refused(edge(0, 1), edge(1, 2), unlinkable=(1,)) == {}
    assert refused(*dense(0, 1, 2), edge(2, 3), veto(0, 3), unlinkable=(3,)) == {}


@pytest.mark.parametrize("grade", [EdgeGrade.HOLD, EdgeGrade.REVIEW])
def test_a_pair_below_the_link_threshold_waits_for_its_grade(grade: EdgeGrade) -> None:
    assert refused(edge(0, 1, 5.0, grade)) == {}


def test_a_refused_link_is_harder_than_any_pair_but_one_at_even_odds() -> None:
    waiting = [
        Waiting(edge(0, 1, 0.0, EdgeGrade.HOLD)),
        Waiting(edge(0, 4, 9.0), LinkRefusal.TORN),
        Waiting(edge(0, 3, 30.0), LinkRefusal.UNSUPPORTED),
        Waiting(edge(0, 2, 0.1, EdgeGrade.HOLD)),
        Waiting(edge(1, 2, -3.0, EdgeGrade.REVIEW)),
    ]
    queue = waiting[::-1]
    queue.sort(key=lambda one: one.place(0.0))
    assert queue == waiting


PAIRS = st.sampled_from(list(combinations(range(8), 2)))
MIXED = st.dictionaries(PAIRS, st.tuples(st.sampled_from(EdgeGrade), st.integers(0, 30)), max_size=24)
SPARSE = st.dictionaries(PAIRS, st.tuples(st.just(EdgeGrade.LINK), st.integers(0, 30)), min_size=6, max_size=12)
TENSE = st.dictionaries(PAIRS, st.tuples(st.sampled_from([EdgeGrade.LINK, EdgeGrade.VETO]), st.integers(8, 20)), min_size=6, max_size=16)
JUDGEMENTS = st.dictionaries(PAIRS, st.sampled_from(Verdict), max_size=4)


@given(MIXED | SPARSE | TENSE, JUDGEMENTS, st.sets(st.integers(0, 7), max_size=2), st.randoms(use_true_random=False))
def test_every_link_between_two_clusters_is_refused_for_one_reason_whatever_the_order(edges, judgements, objectors, shuffler) -> None:
    links = [edge(*pair, weight, grade) for pair, (grade, weight) in edges.items()]
    decided = [judged(*pair, verdict) for pair, verdict in judgements.items()]
    told = refused(*links, judgements=tuple(decided), unlinkable=tuple(objectors))
    evidence = Evidence(links, decided, None, frozenset(R[number] for number in objectors))
    home = {record.int: members for members in cluster(R, evidence) for record in members}
    crossing = {pair for pair, (grade, _) in edges.items() if grade is EdgeGrade.LINK and home[pair[0]] != home[pair[1]]}
    assert told.keys() == {pair for pair in crossing if pair not in judgements and objectors.isdisjoint(pair)}
    shuffler.shuffle(links)
    shuffler.shuffle(decided)
    assert refused(*links, judgements=tuple(decided), unlinkable=tuple(objectors)) == told
