"""Ids: who keeps one, who gets one back, who gets a new one."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from identity.domain.carry_over import Standing, carry_over, contested
from identity.domain.source_record import IdentityId, RecordId
from identity.domain.unified_identity import AssignmentPlan, IdentityState, UnifiedIdentity

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
R = [RecordId(UUID(int=number)) for number in range(12)]
A, B, C, D = (IdentityId(UUID(int=100 + number)) for number in range(4))


def identity(identity_id: IdentityId, age: int = 0, state: IdentityState = IdentityState.CURRENT, **how: object) -> UnifiedIdentity:
    return UnifiedIdentity(identity_id, state, BEGIN - timedelta(days=age), **how)  # type: ignore[arg-type]  # passed through


def standing(current: dict[int, IdentityId], *identities: UnifiedIdentity, **how: object) -> Standing:
    known = {i: identity(i) for i in current.values()} | {i.identity_id: i for i in identities}
    return Standing({R[number]: i for number, i in current.items()}, known, **how)  # type: ignore[arg-type]  # passed through


def plan(clusters: list[set[int]], stand: Standing, *, quarantined: tuple[set[int], ...] = ()) -> AssignmentPlan:
    fresh = count(200)
    made = [frozenset(R[number] for number in members) for members in clusters]
    held = [frozenset(R[number] for number in members) for members in quarantined]
    return carry_over(made, stand, fresh=lambda: IdentityId(UUID(int=next(fresh))), quarantined=held)


def test_unchanged_clusters_change_nothing() -> None:
    assert plan([{0, 1}, {2}], standing({0: A, 1: A, 2: B})).empty


def test_new_records_get_fresh_ids() -> None:
    made = plan([{0, 1}, {2}], standing({}))
    assert len(made.created) == 2
    assert made.assigned[R[0]] == made.assigned[R[1]] != made.assigned[R[2]]


def test_the_id_with_most_shared_records_survives_a_merge() -> None:
    made = plan([{0, 1, 2}], standing({0: A, 1: B, 2: B}))
    assert made.superseded == {A: B}
    assert made.assigned == {R[0]: B}


def test_of_equal_claims_the_older_identity_survives_then_the_lower_id() -> None:
    assert plan([{0, 1}], standing({0: A, 1: B}, identity(B, age=9))).superseded == {A: B}
    assert plan([{0, 1}], standing({0: A, 1: B})).superseded == {B: A}


def test_a_pinned_id_survives_whatever_the_numbers() -> None:
    assert plan([{0, 1, 2}], standing({0: A, 1: B, 2: B}, pinned=frozenset({A}))).superseded == {B: A}


def test_the_larger_part_of_a_split_keeps_the_id() -> None:
    made = plan([{0, 1}, {2}], standing({0: A, 1: A, 2: A}))
    assert len(made.created) == 1
    assert made.assigned == {R[2]: made.created[0]}
    assert made.split == {}


def test_an_id_whose_records_all_went_elsewhere_says_where() -> None:
    made = plan([{0, 2, 3, 4}, {1, 5, 6, 7}], standing({0: A, 1: A, 2: B, 3: B, 4: B, 5: C, 6: C, 7: C}))
    assert made.split == {A: (B, C)}
    assert made.created == ()


def test_an_id_whose_records_are_all_deleted_is_retired() -> None:
    made = plan([{1}], standing({0: A, 1: B}))
    assert made.unassigned == (R[0],)
    assert made.retired == (A,)


def test_a_split_that_undoes_a_merge_gives_the_id_back_to_the_right_side() -> None:
    """Two and two: the records tell the sides apart by when they came."""
    merged = identity(B, state=IdentityState.SUPERSEDED, superseded_by=A)
    joined = {R[0]: BEGIN + timedelta(hours=2), R[1]: BEGIN + timedelta(hours=2), R[2]: BEGIN, R[3]: BEGIN}
    stand = standing({0: A, 1: A, 2: A, 3: A}, merged, former={R[0]: (B,), R[1]: (B,)}, joined=joined)
    made = plan([{0, 1}, {2, 3}], stand)
    assert made.revived == (B,)
    assert made.assigned == {R[0]: B, R[1]: B}


def test_an_id_follows_most_of_the_records_it_once_had_or_nobody() -> None:
    merged = identity(B, state=IdentityState.SUPERSEDED, superseded_by=A)
    stand = standing(dict.fromkeys(range(6), A), merged, former={R[3]: (B,), R[4]: (B,), R[5]: (B,)})
    made = plan([{0, 1, 3, 4}, {2, 5}], stand)
    assert made.revived == ()
    assert len(made.created) == 1


def test_a_retired_id_never_comes_back() -> None:
    dead = identity(B, state=IdentityState.RETIRED)
    made = plan([{0, 1}, {2}], standing({0: A, 1: A, 2: A}, dead, former={R[2]: (B,)}))
    assert made.revived == ()


def test_quarantine_marks_change_only_where_they_differ() -> None:
    stand = standing({0: A, 1: A, 2: B, 3: C}, identity(B, quarantined=True), identity(C, quarantined=True))
    made = plan([{0, 1}, {2}, {3}], stand, quarantined=({0, 1}, {3}))
    assert made.quarantined == (A,)
    assert made.released == (B,)


def test_contested_identities_are_those_in_several_clusters() -> None:
    clusters = [frozenset({R[0], R[2]}), frozenset({R[1]})]
    assert contested(clusters, {R[0]: A, R[1]: A, R[2]: B}) == {A}


CURRENT = st.dictionaries(st.integers(0, 9), st.sampled_from([A, B, C, D]), min_size=1)
LABELS = st.lists(st.integers(0, 3), min_size=10, max_size=10)


def clusters_of(labels: list[int], alive: set[int]) -> list[set[int]]:
    grouped: defaultdict[int, set[int]] = defaultdict(set)
    for number in alive:
        grouped[labels[number]].add(number)
    return list(grouped.values())


@given(CURRENT, LABELS, st.sets(st.integers(0, 9)), st.randoms(use_true_random=False))
def test_every_plan_is_whole_and_independent_of_order(current, labels, dead, shuffler) -> None:
    stand = standing(current)
    clusters = clusters_of(labels, set(range(10)) - dead)
    made = plan(clusters, stand)
    after = {**stand.current, **made.assigned}
    for number in dead:
        after.pop(R[number], None)
    for members in clusters:
        assert len({after[R[number]] for number in members}) == 1
    assert len({after[R[min(members)]] for members in clusters}) == len(clusters)
    standing_ids, gone = set(after.values()), {*made.superseded, *made.split, *made.retired}
    assert not standing_ids & gone
    assert set(current.values()) <= standing_ids | gone
    assert {*made.superseded.values(), *(part for parts in made.split.values() for part in parts)} <= standing_ids
    shuffler.shuffle(clusters)
    other = Standing(dict(reversed(list(stand.current.items()))), stand.identities)
    assert plan(clusters, other) == made
