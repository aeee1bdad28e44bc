"""Clusters: what is put together, what is kept apart, and that nothing else matters."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from identity.domain.cluster import Cluster, Evidence, cluster
from identity.domain.cluster_all import cluster_all
from identity.domain.edge import Edge, EdgeGrade
from identity.domain.judgement import Authority, Judgement, Verdict
from identity.domain.source_record import IdentityId, RecordId

AT = datetime(2026, 1, 1, tzinfo=UTC)
R = [RecordId(UUID(int=number)) for number in range(10)]


def edge(left: int, right: int, weight: float = 12.0, grade: EdgeGrade = EdgeGrade.LINK) -> Edge:
    return Edge(R[left], R[right], weight, weight, grade)


def veto(left: int, right: int) -> Edge:
    return edge(left, right, 5.0, EdgeGrade.VETO)


def judged(left: int, right: int, verdict: Verdict, authority: Authority = Authority.HUMAN) -> Judgement:
    return Judgement(R[left], R[right], verdict, authority, "steward", AT)


def same(left: int, right: int, authority: Authority = Authority.HUMAN) -> Judgement:
    return judged(left, right, Verdict.SAME, authority)


def different(left: int, right: int, authority: Authority = Authority.HUMAN) -> Judgement:
    return judged(left, right, Verdict.DIFFERENT, authority)


def parts(
    count: int,
    *edges: Edge,
    judgements: tuple[Judgement, ...] = (),
    current: dict[int, int] | None = None,
    unlinkable: tuple[int, ...] = (),
) -> list[set[int]]:
    assigned = {R[record]: IdentityId(UUID(int=100 + identity)) for record, identity in (current or {}).items()}
    evidence = Evidence(edges, judgements, assigned, frozenset(R[number] for number in unlinkable))
    return [{record.int for record in members} for members in cluster(R[:count], evidence)]


def test_links_chain_records_into_one_cluster() -> None:
    assert parts(4, edge(0, 1), edge(1, 2)) == [{0, 1, 2}, {3}]


def test_a_pair_for_review_links_nothing() -> None:
    assert parts(2, edge(0, 1, 3.0, EdgeGrade.REVIEW)) == [{0}, {1}]


def test_a_held_pair_keeps_an_existing_link_and_makes_no_new_one() -> None:
    held = edge(0, 1, 7.0, EdgeGrade.HOLD)
    assert parts(2, held) == [{0}, {1}]
    assert parts(2, held, current={0: 1, 1: 2}) == [{0}, {1}]
    assert parts(2, held, current={0: 1, 1: 1}) == [{0, 1}]


def test_a_veto_between_any_two_records_of_two_sides_refuses_the_lighter_link() -> None:
    assert parts(4, edge(0, 1, 20), edge(2, 3, 19), edge(1, 2, 12), veto(0, 3)) == [{0, 1}, {2, 3}]


def test_a_record_between_father_and_son_stays_with_the_much_heavier_side() -> None:
    father, undated, son = 0, 1, 2
    assert parts(3, edge(father, undated, 18), edge(undated, son, 11), veto(father, son)) == [{0, 1}, {2}]
    assert parts(3, edge(father, undated, 11), edge(undated, son, 18), veto(father, son)) == [{0}, {1, 2}]


def test_a_record_torn_between_father_and_son_is_linked_to_neither() -> None:
    assert parts(3, edge(0, 1, 12.0), edge(1, 2, 11.0), veto(0, 2)) == [{0}, {1}, {2}]


def test_a_claim_below_the_link_threshold_tears_as_well() -> None:
    assert parts(3, edge(0, 1, 9.5), edge(1, 2, 7.0, EdgeGrade.REVIEW), veto(0, 2)) == [{0}, {1}, {2}]


def test_a_torn_record_keeps_its_other_links() -> None:
    assert parts(4, edge(0, 1, 12.0), edge(1, 2, 11.0), veto(0, 2), edge(1, 3, 14)) == [{0}, {1, 3}, {2}]


def test_a_wrong_veto_inside_a_dense_person_costs_two_records_not_the_person() -> None:
    edges = [edge(left, right, 20 + (left + right) / 100) for left, right in combinations(range(6), 2) if (left, right) != (0, 5)]
    assert parts(6, *edges, veto(0, 5)) == [{0}, {1, 2, 3, 4}, {5}]


def test_a_human_cannot_link_beats_any_weight() -> None:
    assert parts(2, edge(0, 1, 99), judgements=(different(0, 1),)) == [{0}, {1}]


def test_a_human_cannot_link_cuts_each_path_at_its_lightest_edge() -> None:
    chain = (edge(0, 1, 30), edge(1, 2, 12), edge(2, 3, 30))
    assert parts(4, *chain, judgements=(different(0, 3),)) == [{0, 1}, {2, 3}]


def test_a_human_must_link_joins_what_the_machine_vetoes() -> None:
    assert parts(2, veto(0, 1), judgements=(same(0, 1),)) == [{0, 1}]


def test_a_human_beats_a_rule() -> None:
    assert parts(2, judgements=(same(0, 1, Authority.RULE), different(0, 1))) == [{0}, {1}]
    assert parts(2, judgements=(different(0, 1, Authority.RULE), same(0, 1))) == [{0, 1}]
    chained = (same(0, 1), different(1, 2), same(0, 2, Authority.RULE))
    assert parts(3, judgements=chained) == [{0, 1}, {2}]


def test_whoever_objects_stays_alone_whatever_was_judged() -> None:
    assert parts(3, edge(0, 1), edge(1, 2), judgements=(same(0, 1),), unlinkable=(1,)) == [{0}, {1}, {2}]


def test_unsure_changes_nothing() -> None:
    assert parts(2, edge(0, 1), judgements=(judged(0, 1, Verdict.UNSURE),)) == [{0, 1}]


def dense(*records: int, weight: float = 20) -> list[Edge]:
    return [edge(left, right, weight) for left, right in combinations(records, 2)]


def test_a_sparse_record_does_not_chain_two_dense_groups() -> None:
    groups = [*dense(0, 1, 2), *dense(3, 4, 5)]
    assert parts(7, *groups, edge(2, 6, 12), edge(5, 6, 11)) == [{0, 1, 2, 6}, {3, 4, 5}]


def test_pairs_for_review_between_two_groups_support_the_link_between_them() -> None:
    groups = [*dense(0, 1, 2), *dense(3, 4, 5), edge(2, 3, 12)]
    assert parts(6, *groups) == [{0, 1, 2}, {3, 4, 5}]
    assert parts(6, *groups, edge(0, 5, 1, EdgeGrade.REVIEW)) == [{0, 1, 2, 3, 4, 5}]


def test_a_link_is_support_enough_between_people_of_two_records_and_for_one_more_record_of_five() -> None:
    assert parts(4, *dense(0, 1), *dense(2, 3), edge(1, 2, 12)) == [{0, 1, 2, 3}]
    assert parts(6, *dense(0, 1, 2, 3, 4), edge(4, 5, 12)) == [{0, 1, 2, 3, 4, 5}]


def test_a_human_must_link_needs_no_support_and_costs_neither_side_a_record() -> None:
    groups = [*dense(0, 1, 2, 3, 4), *dense(5, 6, 7, 8, 9)]
    assert parts(10, *groups, judgements=(same(4, 5),)) == [set(range(10))]


def test_a_held_pair_keeps_no_unsupported_chain_together() -> None:
    groups = [*dense(0, 1, 2), *dense(3, 4, 5), edge(2, 3, 7, EdgeGrade.HOLD)]
    assert parts(6, *groups, current=dict.fromkeys(range(6), 1)) == [{0, 1, 2}, {3, 4, 5}]
    assert parts(6, *groups, edge(0, 5, 1, EdgeGrade.REVIEW), current=dict.fromkeys(range(6), 1)) == [{0, 1, 2, 3, 4, 5}]


def test_held_pairs_keep_what_stands_however_long_the_chain() -> None:
    held = [edge(number, number + 1, 7, EdgeGrade.HOLD) for number in range(7)]
    assert parts(8, *held, current=dict.fromkeys(range(8), 1)) == [set(range(8))]


PAIRS = st.sampled_from(list(combinations(range(8), 2)))
MIXED = st.dictionaries(PAIRS, st.tuples(st.sampled_from(EdgeGrade), st.integers(0, 30)), max_size=24)
SPARSE = st.dictionaries(PAIRS, st.tuples(st.just(EdgeGrade.LINK), st.integers(0, 30)), min_size=6, max_size=12)
EDGES = MIXED | SPARSE
JUDGEMENTS = st.dictionaries(PAIRS, st.tuples(st.sampled_from([Verdict.SAME, Verdict.DIFFERENT]), st.sampled_from(Authority)), max_size=5)
CURRENT = st.lists(st.integers(0, 3), min_size=8, max_size=8)
OBJECTORS = st.sets(st.integers(0, 7), max_size=2)


def evidence_of(edges: dict, judgements: dict, current: list[int], objectors: set[int]) -> Evidence:  # type: ignore[type-arg]  # hypothesis data
    return Evidence(
        [edge(*pair, weight, grade) for pair, (grade, weight) in edges.items()],
        [judged(*pair, verdict, authority) for pair, (verdict, authority) in judgements.items()],
        {R[number]: IdentityId(UUID(int=100 + identity)) for number, identity in enumerate(current)},
        frozenset(R[number] for number in objectors),
    )


@given(EDGES, JUDGEMENTS, CURRENT, OBJECTORS, st.randoms(use_true_random=False))
def test_order_of_edges_judgements_and_records_has_no_say(edges, judgements, current, objectors, shuffler) -> None:
    evidence = evidence_of(edges, judgements, current, objectors)
    records, some, other = R[:8], list(evidence.edges), list(evidence.judgements)
    for sequence in (records, some, other):
        shuffler.shuffle(sequence)
    assert cluster(records, Evidence(some, other, evidence.current, evidence.unlinkable)) == cluster(R[:8], evidence)


@given(EDGES, JUDGEMENTS, CURRENT, OBJECTORS)
def test_every_record_is_in_exactly_one_cluster_and_what_must_be_apart_is(edges, judgements, current, objectors) -> None:
    evidence = evidence_of(edges, judgements, current, objectors)
    clusters = cluster(R[:8], evidence)
    assert sorted(record for members in clusters for record in members) == R[:8]
    home = {record: members for members in clusters for record in members}
    for number in objectors:
        assert home[R[number]] == {R[number]}
    for judgement in evidence.judgements:
        if judgement.verdict is Verdict.DIFFERENT and judgement.authority is Authority.HUMAN:
            assert home[judgement.left] != home[judgement.right]
    if not any(judgement.verdict is Verdict.SAME for judgement in evidence.judgements):
        assert all(home[edge.left] != home[edge.right] for edge in evidence.edges if edge.grade is EdgeGrade.VETO)


@given(EDGES, CURRENT)
def test_clustering_its_own_answer_changes_nothing(edges, current) -> None:
    evidence = evidence_of(edges, {}, current, set())
    once = cluster(R[:8], evidence)
    assigned = {record: IdentityId(UUID(int=200 + number)) for number, members in enumerate(once) for record in members}
    assert cluster(R[:8], Evidence(evidence.edges, (), assigned)) == once


@given(EDGES, JUDGEMENTS, CURRENT, OBJECTORS)
def test_the_compact_form_for_batch_gives_the_same_clusters(edges, judgements, current, objectors) -> None:
    evidence = evidence_of(edges, judgements, current, objectors)
    expected: set[Cluster] = {members for members in cluster(R[:8], evidence) if len(members) > 1}
    assert set(cluster_all(R[:8], evidence).clusters) == expected


@given(EDGES, JUDGEMENTS)
def test_a_connected_part_clusters_the_same_alone_as_in_the_whole(edges, judgements) -> None:
    """What real time relies on: it looks at the surroundings of a record only."""
    evidence = evidence_of(edges, judgements, [0] * 8, set())
    evidence = Evidence([e for e in evidence.edges if e.grade is not EdgeGrade.HOLD], evidence.judgements)
    reach = {R[0]}
    bonds = [(e.left, e.right) for e in evidence.edges if e.grade is EdgeGrade.LINK]
    bonds += [(j.left, j.right) for j in evidence.judgements if j.verdict is Verdict.SAME]
    while more := {end for pair in bonds if reach & set(pair) for end in pair} - reach:
        reach |= more
    inside = [e for e in evidence.edges if {e.left, e.right} & reach]
    decided = [j for j in evidence.judgements if {j.left, j.right} & reach]
    whole = [members for members in cluster(R[:8], evidence) if members & reach]
    assert cluster(reach, Evidence(inside, decided)) == whole
