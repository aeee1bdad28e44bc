"""Clusters that look like several persons are held back; those that look like one are not."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations, pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.domain.cluster import Evidence
from identity.domain.edge import Edge, EdgeGrade
from identity.domain.judgement import Authority, Judgement, Verdict
from identity.domain.quarantine import QuarantinePolicy, QuarantineReason, Shape, _bridged, quarantine_reasons, shapes
from identity.domain.source_record import RecordId

R = [RecordId(UUID(int=number)) for number in range(100)]
POLICY = QuarantinePolicy()


def clique(*numbers: int) -> list[tuple[int, int]]:
    return list(combinations(numbers, 2))


def reasons(
    count: int, links: list[tuple[int, int]], *, dates: dict[int, int] | None = None, judged: list[tuple[int, int]] | None = None
) -> tuple[QuarantineReason, ...]:
    shape = Shape(frozenset(R[:count]), [(R[a], R[b]) for a, b in links], [(R[a], R[b]) for a, b in judged or ()])
    return quarantine_reasons(shape, POLICY, {R[number]: day for number, day in (dates or {}).items()})


def test_a_dense_person_with_a_slip_in_one_birth_date_is_not_held_back() -> None:
    assert reasons(6, clique(*range(6)), dates={0: 1, 1: 1, 2: 1, 3: 2, 4: 1}) == ()


def test_two_birth_dates_held_twice_each_are_two_persons() -> None:
    assert reasons(4, clique(*range(4)), dates={0: 1, 1: 1, 2: 2, 3: 2}) == (QuarantineReason.TOO_MANY_BIRTH_DATES,)


def test_more_birth_dates_than_slips_explain_are_held_back() -> None:
    assert reasons(5, clique(*range(5)), dates=dict(enumerate(range(4)))) == (QuarantineReason.TOO_MANY_BIRTH_DATES,)


def test_one_link_between_two_dense_parts_is_a_bridge() -> None:
    assert reasons(6, [*clique(0, 1, 2), *clique(3, 4, 5), (2, 3)]) == (QuarantineReason.BRIDGED,)


def test_one_record_between_two_dense_parts_is_a_bridge() -> None:
    crafted = [(6, number) for number in range(6)]
    assert reasons(7, [*clique(0, 1, 2), *clique(3, 4, 5), *crafted]) == (QuarantineReason.BRIDGED,)


def test_a_record_hanging_on_a_dense_part_is_no_bridge() -> None:
    assert reasons(7, [*clique(*range(5)), (4, 5), (5, 6)]) == ()


def test_a_value_that_everybody_shares_makes_a_star_or_a_crowd() -> None:
    assert QuarantineReason.SPARSE in reasons(20, [(0, number) for number in range(1, 20)])
    assert reasons(60, clique(*range(60))) == (QuarantineReason.TOO_LARGE,)


def test_a_steward_who_judges_across_the_bridge_releases_the_cluster() -> None:
    links = [*clique(0, 1, 2), *clique(3, 4, 5), (2, 3)]
    assert reasons(6, links, judged=[(0, 5), (1, 4)]) == ()


def test_a_steward_who_judges_all_the_same_releases_any_cluster() -> None:
    everyone = [(0, number) for number in range(1, 4)]
    assert reasons(4, clique(*range(4)), dates={0: 1, 1: 1, 2: 2, 3: 2}, judged=everyone) == ()


def test_only_links_that_hold_and_human_judgements_give_a_cluster_its_shape() -> None:
    members = frozenset(R[:4])
    edges = [
        Edge(R[0], R[1], 9, 9, EdgeGrade.LINK),
        Edge(R[1], R[2], 3, 3, EdgeGrade.REVIEW),
        Edge(R[3], R[7], 9, 9, EdgeGrade.LINK),
    ]
    at = datetime(2026, 1, 1, tzinfo=UTC)
    judgements = [
        Judgement(R[1], R[2], Verdict.SAME, Authority.HUMAN, "steward", at),
        Judgement(R[2], R[3], Verdict.SAME, Authority.RULE, "rule", at),
    ]
    assert shapes([members], Evidence(edges, judgements)) == [Shape(members, [(R[0], R[1])], [(R[1], R[2])])]


def naively_bridged(count: int, links: set[tuple[int, int]], dense_part: int) -> bool:
    def parts(nodes: set[int], kept: set[tuple[int, int]]) -> list[int]:
        sizes, left = [], set(nodes)
        while left:
            reach = {left.pop()}
            while more := {n for a, b in kept for n in (a, b) if a in nodes and b in nodes and {a, b} & reach} - reach:
                reach |= more
            left -= reach
            sizes.append(len(reach))
        return sizes

    everyone = set(range(count))
    whole = len(parts(everyone, links))
    for link in links:
        cut = parts(everyone, links - {link})
        if len(cut) > whole and sum(size >= dense_part for size in cut) > 1:
            return True
    return any(
        sum(size >= dense_part for size in parts(everyone - {node}, links)) > 1 and len(parts(everyone - {node}, links)) > whole
        for node in everyone
    )


@given(st.sets(st.sampled_from(clique(*range(8))), max_size=16), st.integers(2, 3))
def test_bridges_are_found_as_by_trying_each_link_and_record(links, dense_part) -> None:
    connected = {0}
    while more := {n for pair in links if set(pair) & connected for n in pair} - connected:
        connected |= more
    kept = {pair for pair in links if set(pair) <= connected}
    names = {number: place for place, number in enumerate(sorted(connected))}
    renamed = {(names[a], names[b]) for a, b in kept}
    assert _bridged({R[n] for n in names.values()}, {(R[a], R[b]) for a, b in renamed}, dense_part) == naively_bridged(
        len(names), renamed, dense_part
    )


@pytest.mark.parametrize("length", [5, 2000])
def test_a_chain_of_any_length_is_looked_at_without_recursion(length: int) -> None:
    many = [RecordId(UUID(int=number)) for number in range(length)]
    assert _bridged(set(many), set(pairwise(many)), 3) == (length > 6)
