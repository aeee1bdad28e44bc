"""What a steward does, and how it is undone."""

from __future__ import annotations

from uuid import UUID

import pytest

from identity.domain.edge import EdgeGrade
from identity.domain.errors import IdentityError, Reason
from identity.domain.judgement import Verdict
from identity.domain.model.bundle import Thresholds
from identity.domain.refusal import LinkRefusal
from identity.domain.source_record import IdentityId, RecordRef
from identity.domain.unified_identity import Cause, IdentityState
from identity.usecases.export_memberships import Membership, MembershipExporter
from identity.usecases.judge_pair import JudgePair
from identity.usecases.list_review_pairs import ListReviewPairs
from identity.usecases.split_identity import SplitIdentity
from tests.builders.identities import REMARK, STEWARD, World, people, person

JEAN = {"given_name": "jean", "family_name": "martin", "birth_date": "1960-03-04"}
MARIE = {"given_name": "marie", "family_name": "durand", "birth_date": "1990-07-21"}


async def two_and_two() -> World:
    """Two records of one person and two of another, each pair one identity."""
    world = World()
    for number, who in enumerate((JEAN, JEAN, MARIE, MARIE)):
        await world.ingest({number: person(**who)})
    assert await world.groups() == {frozenset({0, 1}), frozenset({2, 3})}
    return world


async def refused(call: object) -> Reason:
    with pytest.raises(IdentityError) as failure:
        await call  # type: ignore[misc]  # any coroutine
    return failure.value.reason


async def test_merging_then_judging_different_gives_both_ids_back() -> None:
    world = await two_and_two()
    before = await world.identities()
    answer = await world.judge(1, 2, Verdict.SAME)
    assert answer.left_identity == answer.right_identity
    assert await world.groups() == {frozenset({0, 1, 2, 3})}
    (gone,) = before.keys() - (await world.identities()).keys()
    assert (await world.known(gone)).superseded_by == answer.left_identity
    assert await world.answering(gone) == (answer.left_identity,)
    answer = await world.judge(1, 2, Verdict.DIFFERENT)
    assert answer.left_identity != answer.right_identity
    assert await world.identities() == before


async def test_splitting_what_was_merged_gives_both_ids_back_and_keeps_them_apart() -> None:
    world = await two_and_two()
    before = await world.identities()
    merged = (await world.judge(1, 2, Verdict.SAME)).left_identity
    answer = await world.split(merged, 2, 3)
    assert await world.identities() == before
    assert set(answer.identities) == before.keys()
    assert answer.identities[0] == await world.identity_of(2)
    await world.ingest({2: person(**JEAN)})
    await world.link()
    assert await world.groups() == {frozenset({0, 1}), frozenset({2, 3})}


async def test_a_split_takes_records_into_one_identity_even_if_nothing_else_links_them() -> None:
    world = World()
    for number in range(4):
        await world.ingest({number: person(given_name="jean", family_name="martin", email="j@m.example")})
    identity = await world.identity_of(0)
    await world.split(identity, 1, 2)
    assert await world.groups() == {frozenset({0, 3}), frozenset({1, 2})}


async def test_a_record_taken_out_may_be_named_by_its_source_key() -> None:
    world = await two_and_two()
    merged = (await world.judge(1, 2, Verdict.SAME)).left_identity
    await world.splitter(SplitIdentity(merged, (world.ref(2), world.record(3)), "steward"))
    assert await world.groups() == {frozenset({0, 1}), frozenset({2, 3})}
    unknown = SplitIdentity(await world.identity_of(0), (RecordRef("crm", "unknown"),), "steward")
    assert await refused(world.splitter(unknown)) is Reason.RECORD_NOT_FOUND


@pytest.mark.parametrize("numbers", [(), (0, 1), (0, 2)])
async def test_a_split_needs_some_of_the_identity_s_records_and_not_all(numbers: tuple[int, ...]) -> None:
    world = await two_and_two()
    assert await refused(world.split(await world.identity_of(0), *numbers)) is Reason.SPLIT_NOT_APPLICABLE


async def test_only_a_current_identity_can_be_split() -> None:
    world = await two_and_two()
    before = await world.identities()
    await world.judge(1, 2, Verdict.SAME)
    (gone,) = before.keys() - (await world.identities()).keys()
    assert await refused(world.split(gone, 0)) is Reason.IDENTITY_NOT_CURRENT
    assert await refused(world.split(IdentityId(UUID(int=5)), 0)) is Reason.IDENTITY_NOT_FOUND


async def test_a_refused_judgement_changes_nothing() -> None:
    world = await two_and_two()
    await world.judge(0, 1, Verdict.SAME)
    await world.judge(1, 2, Verdict.DIFFERENT)
    before = await world.identities()
    assert await refused(world.judge(0, 2, Verdict.SAME)) is Reason.JUDGEMENT_CONTRADICTS
    assert await refused(world.judge(0, 0, Verdict.SAME)) is Reason.JUDGEMENT_ON_ITSELF
    assert await refused(world.judge(0, 9, Verdict.SAME)) is Reason.RECORD_NOT_FOUND
    await world.delete(3)
    assert await refused(world.judge(0, 3, Verdict.DIFFERENT)) is Reason.RECORD_NOT_FOUND
    after = await world.identities()
    assert {identity: members - {world.record(3)} for identity, members in before.items()} == after
    assert not await world.transactor.run(lambda tx: tx.judgements.touching([world.record(3)]), read_only=True)


async def test_records_are_judged_by_source_key_as_well() -> None:
    world = await two_and_two()
    answer = await world.judge_pair(JudgePair(world.ref(2), world.ref(0), Verdict.SAME, "steward"))
    assert (answer.judgement.left, answer.judgement.right) == (world.record(0), world.record(2))
    assert answer.churn.merged == 1


async def test_history_answers_as_of_any_time() -> None:
    world = await two_and_two()
    before = await world.identities()
    calm = world.clock.now()
    merged = (await world.judge(1, 2, Verdict.SAME)).left_identity
    (gone,) = before.keys() - {merged}
    together = world.clock.now()
    await world.judge(1, 2, Verdict.DIFFERENT)

    then = await world.history_of(gone, calm)
    assert then.identity.state is IdentityState.CURRENT
    assert [life.valid_to for life in then.assignments] == [None, None]
    then = await world.history_of(gone, together)
    assert (then.identity.state, then.identity.superseded_by) == (IdentityState.SUPERSEDED, merged)
    assert all(life.valid_to is not None for life in then.assignments)
    now = await world.history_of(gone)
    assert (now.identity.state, now.answered_by) == (IdentityState.CURRENT, (gone,))
    assert [event.kind for event in now.events if event.kind != "created"] == ["superseded", "revived"]
    assert now.assignments[-1].cause is Cause.JUDGEMENT
    first = (await world.history_of(gone)).identity.created_at
    assert await refused(world.history_of(gone, first.replace(year=2020))) is Reason.IDENTITY_NOT_FOUND
    assert await refused(world.history_of(IdentityId(UUID(int=5)))) is Reason.IDENTITY_NOT_FOUND


async def test_a_history_that_may_not_be_released_looks_like_none() -> None:
    world = await two_and_two()
    before = set(await world.identities())
    kept = (await world.judge(1, 2, Verdict.SAME)).left_identity
    (gone,) = before - {kept}
    assert (await world.history_of(gone)).warnings == (REMARK,)
    assert world.gate.asked[-1] == STEWARD
    for identity, withheld in ((gone, gone), (gone, kept), (kept, kept)):
        world.gate.withheld = {withheld}
        with pytest.raises(IdentityError) as failure:
            await world.history_of(identity)
        assert (failure.value.reason, failure.value.facts) == (Reason.IDENTITY_NOT_FOUND, {"identity_id": str(identity)})


async def test_an_id_that_lost_its_last_record_is_retired_and_answers_with_nobody() -> None:
    world = await two_and_two()
    identity = await world.identity_of(0)
    await world.delete(0, 1)
    assert (await world.history_of(identity)).identity.state is IdentityState.RETIRED
    assert await world.answering(identity) == ()


async def test_the_queue_gives_the_hardest_pairs_first_page_by_page_and_judged_ones_no_more() -> None:
    world = World()
    await world.ingest(
        {number: person(given_name="jean", family_name="martin", birth_date=f"1960-0{number + 1}-09") for number in range(4)}
    )
    await world.ingest({9: person(given_name="jean", family_name="martin")})
    everything = await world.queue(ListReviewPairs(STEWARD))
    assert everything.next_page_token == ""
    weights = [abs(pair.decision_weight) for pair in everything.pairs]
    assert weights == sorted(weights)
    assert len(weights) > 3
    paged, token = [], ""
    while True:
        page = await world.queue(ListReviewPairs(STEWARD, page_size=2, page_token=token))
        assert len(page.pairs) <= 2
        paged += page.pairs
        token = page.next_page_token
        if not token:
            break
    assert paged == list(everything.pairs)
    assert {paged[0].left_source, paged[0].right_source} <= {"crm", "webshop"}
    await world.judge_pair(JudgePair(paged[0].left, paged[0].right, Verdict.UNSURE, "steward"))
    assert (await world.queue(ListReviewPairs(STEWARD))).pairs == everything.pairs[1:]


async def test_pairs_whose_identities_may_not_be_released_are_left_out_of_the_queue() -> None:
    world = World()
    for number, who in enumerate((JEAN, MARIE)):
        await world.ingest({number: person(**who), number + 8: person(**{**who, "birth_date": None})})
    assert len(await world.identities()) == 4
    everything = await world.queue(ListReviewPairs(STEWARD))
    assert everything.warnings == (REMARK,)
    assert world.gate.asked[-1] == STEWARD
    hidden, shown = everything.pairs
    world.gate.withheld = {await world.identity_of(hidden.right.int - 1)}
    assert (await world.queue(ListReviewPairs(STEWARD))).pairs == (shown,)
    page = await world.queue(ListReviewPairs(STEWARD, page_size=1))
    assert page.pairs == ()
    assert (await world.queue(ListReviewPairs(STEWARD, page_token=page.next_page_token))).pairs == (shown,)


NAMES = {"given_name": "jean", "family_name": "martin"}
BY_NAME_ALONE = Thresholds(14.0, 6.5, 6.5, -4.0, "two names are enough for a link")


async def father_son_and_an_undated() -> World:
    """The undated record, 1, is like the father, 0, and like the son, 2: linked to neither."""
    world = World(of=people(60, BY_NAME_ALONE))
    for number, born in enumerate(("1960-03-04", None, "1990-07-21")):
        await world.ingest({number: person(**NAMES, birth_date=born)})
    assert len(await world.identities()) == 3
    return world


async def test_a_steward_sees_the_links_that_the_machine_refused_first_and_with_the_reason() -> None:
    world = await father_son_and_an_undated()
    await world.ingest({5: person(given_name="jean", email="a@a.example"), 6: person(family_name="durand", email="a@a.example")})
    everything = (await world.queue(ListReviewPairs(STEWARD))).pairs
    assert [(pair.grade, pair.refusal) for pair in everything[:2]] == [(EdgeGrade.LINK, LinkRefusal.TORN)] * 2
    assert len(everything) > 2
    assert all(pair.grade is not EdgeGrade.LINK and pair.refusal is None for pair in everything[2:])
    first = await world.queue(ListReviewPairs(STEWARD, page_size=1))
    second = await world.queue(ListReviewPairs(STEWARD, page_size=1, page_token=first.next_page_token))
    assert first.pairs + second.pairs == everything[:2]


async def test_judging_one_refused_link_the_same_settles_it_and_leaves_the_other_to_ask() -> None:
    world = await father_son_and_an_undated()
    await world.judge(0, 1, Verdict.SAME)
    assert await world.groups() == {frozenset({0, 1}), frozenset({2})}
    assert (await world.refused_links()).keys() == {(1, 2)}


async def test_judging_a_refused_link_different_or_unsure_takes_it_out_of_the_queue() -> None:
    for verdict in (Verdict.DIFFERENT, Verdict.UNSURE):
        world = await father_son_and_an_undated()
        await world.judge(1, 2, verdict)
        assert (1, 2) not in await world.refused_links()


async def test_a_refused_link_waits_no_more_once_what_stood_against_it_is_gone_and_again_when_it_comes_back() -> None:
    world = await father_son_and_an_undated()
    assert (await world.refused_links()).keys() == {(0, 1), (1, 2)}
    await world.delete(2)
    assert await world.groups() == {frozenset({0, 1})}
    assert await world.refused_links() == {}
    await world.ingest({2: person(**NAMES, birth_date="1990-07-21")})
    assert (await world.refused_links()).keys() == {(0, 1), (1, 2)}


async def test_two_groups_hardly_alike_ask_a_steward_and_one_yes_joins_them_whole() -> None:
    world = World(of=people(60, BY_NAME_ALONE))
    dated, reached = {"given_name": "jean", "birth_date": "1960-03-04"}, {"given_name": "jean", "email": "a@a.example"}
    await world.ingest({0: person(**dated), 1: person(**dated), 2: person(**dated, family_name="durand")})
    await world.ingest({3: person(**reached, family_name="durand"), 4: person(**reached), 5: person(**reached)})
    assert await world.groups() == {frozenset({0, 1, 2}), frozenset({3, 4, 5})}
    assert await world.refused_links() == {(2, 3): LinkRefusal.UNSUPPORTED}
    await world.judge(2, 3, Verdict.SAME)
    assert await world.groups() == {frozenset(range(6))}
    assert await world.refused_links() == {}


async def test_the_batch_link_marks_what_real_time_marks_counts_it_and_changes_nothing_the_second_time() -> None:
    fed = await father_son_and_an_undated()
    world = World(of=people(60, BY_NAME_ALONE))
    await world.ingest({n: person(**NAMES, birth_date=born) for n, born in enumerate(("1960-03-04", None, "1990-07-21"))}, alone=True)
    assert (await world.link(dry_run=True)).refused == {LinkRefusal.TORN: 2}
    assert await world.refused_links() == {}
    for _ in range(2):
        assert (await world.link()).refused == {LinkRefusal.TORN: 2}
        assert await world.refused_links() == await fed.refused_links()


async def test_the_links_of_whoever_objects_are_no_question_for_a_steward() -> None:
    world = await father_son_and_an_undated()
    world.gate.objectors = {world.record(1)}
    await world.link()
    assert await world.refused_links() == {}


async def test_a_refused_link_that_leads_out_of_reach_goes_on_waiting() -> None:
    world = World(of=people(60, BY_NAME_ALONE), reach=1)
    dated, reached = {"given_name": "jean", "birth_date": "1960-03-04"}, {"given_name": "jean", "email": "a@a.example"}
    await world.ingest({0: person(**dated), 1: person(**dated), 2: person(**dated, family_name="durand")})
    await world.ingest({3: person(**reached, family_name="durand"), 4: person(**reached), 5: person(**reached)})
    assert await world.refused_links() == {(2, 3): LinkRefusal.UNSUPPORTED}
    assigned = await world.ingest({6: person(**dated)})
    assert assigned
    assert assigned.deferred
    assert await world.groups() == {frozenset({0, 1, 2, 6}), frozenset({3, 4, 5})}
    assert await world.refused_links() == {(2, 3): LinkRefusal.UNSUPPORTED}


INFINITE = ["f_g" + "A" * 61, "AAAAAAAAAAB_8" + "A" * 51]


@pytest.mark.parametrize("token", ["x", "éé", "AAAA", "f/gAAAAAAAA=", *INFINITE])
async def test_a_page_token_that_is_not_ours_is_refused(token: str) -> None:
    assert await refused(World().queue(ListReviewPairs(STEWARD, page_token=token))) is Reason.INVALID_PAGE_TOKEN


async def test_memberships_are_exported_with_their_source_keys() -> None:
    class Sink:
        rows: list[Membership]

        def begin(self) -> None:
            self.rows = []

        def write(self, memberships: object) -> None:
            self.rows.extend(memberships)  # type: ignore[arg-type]  # rows

    world, sink = await two_and_two(), Sink()
    await world.delete(3)
    assert await MembershipExporter(transactor=world.transactor, sealer=world.sealer, access=world.access)(sink) == 3
    expected = [(world.ref(number), await world.identity_of(number)) for number in range(3)]
    assert [(row.ref, row.identity_id) for row in sink.rows] == expected
    assert "k1" not in repr(sink.rows)


async def test_whoever_objects_is_compared_with_nobody_and_leaves_at_once_when_looked_at_again() -> None:
    world = await two_and_two()
    world.gate.objectors.add(world.record(1))
    await world.ingest({1: person(**JEAN, email="new@m.example")})
    assert await world.groups() == {frozenset({0}), frozenset({1}), frozenset({2, 3})}
    assert not [edge for edge in await world.edges() if world.record(1) in (edge.left, edge.right)]
    assert (await world.judge(0, 1, Verdict.SAME)).left_identity != await world.identity_of(1)
    await world.link()
    assert frozenset({1}) in await world.groups()
