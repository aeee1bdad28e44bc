"""What every edge store and judgement store promises."""

from __future__ import annotations

import pytest

from identity.domain.edge import Edge, EdgeGrade
from identity.domain.judgement import Authority, Judgement, Verdict
from identity.domain.refusal import LinkRefusal, Place, Waiting
from identity.ports.transactor import Transaction, Transactor
from tests.builders.stores import moment, record_id

R = [record_id(n) for n in range(80)]


def edge(left: int, right: int, weight: float = 10.0, grade: EdgeGrade = EdgeGrade.LINK) -> Edge:
    return Edge(R[left], R[right], weight + 1, weight, grade)


def judgement(left: int, right: int, verdict: Verdict, minute: int, author: str = "steward-1") -> Judgement:
    return Judgement(R[left], R[right], verdict, Authority.HUMAN, author, moment(minute))


async def scanned(tx: Transaction) -> list[Edge]:
    return [edge for batch in [b async for b in tx.edges.scan(batch=2)] for edge in batch]


async def paged(tx: Transaction, *, centre: float) -> list[Waiting]:
    """Return the review queue, read one pair at a time."""
    seen: list[Waiting] = []
    after: Place | None = None
    while page := await tx.edges.review(after=after, limit=1, centre=centre):
        seen += page
        after = page[-1].place(centre)
    return seen


async def test_edges_are_found_by_either_end_once(transactor: Transactor) -> None:
    edges = [edge(1, 2), edge(2, 3), edge(4, 5, -3.25, EdgeGrade.VETO)]

    async def work(tx: Transaction) -> None:
        await tx.edges.replace_all(edges)
        assert await tx.edges.touching([R[2]]) == edges[:2]
        assert await tx.edges.touching([R[1], R[2], R[5]]) == edges
        assert await tx.edges.touching([]) == []
        assert await tx.edges.count() == 3

    await transactor.run(work)


async def test_replacing_for_some_records_leaves_the_edges_of_others(transactor: Transactor) -> None:
    async def work(tx: Transaction) -> None:
        await tx.edges.replace_all([edge(1, 2), edge(2, 3), edge(4, 5)])
        await tx.edges.replace_for([R[2]], [edge(2, 6, 7.5), edge(4, 5, 8.5, EdgeGrade.HOLD)])
        assert await scanned(tx) == [edge(2, 6, 7.5), edge(4, 5, 8.5, EdgeGrade.HOLD)]
        await tx.edges.replace_for([R[4]], [])
        assert await scanned(tx) == [edge(2, 6, 7.5)]

    await transactor.run(work)


@pytest.mark.parametrize("number", [3, 70])
async def test_replacing_all_leaves_only_the_new_ones_in_order(transactor: Transactor, number: int) -> None:
    async def work(tx: Transaction) -> None:
        await tx.edges.replace_all([edge(1, 79)])
        await tx.edges.replace_all(reversed([edge(0, n, n / 3) for n in range(1, number + 1)]))
        assert await scanned(tx) == [edge(0, n, n / 3) for n in range(1, number + 1)]
        assert await tx.edges.count() == number

    await transactor.run(work)


async def test_weights_come_back_bit_for_bit(transactor: Transactor) -> None:
    weights = [0.1 + 0.2, -1e-310, 1e300, -12.345678901234567]

    async def work(tx: Transaction) -> None:
        await tx.edges.replace_all([edge(0, n + 1, weight) for n, weight in enumerate(weights)])
        assert [found.decision_weight for found in await scanned(tx)] == weights

    await transactor.run(work)


async def test_the_review_queue_pages_hardest_first_through_all_that_wait(transactor: Transactor) -> None:
    waiting = [
        edge(1, 2, 5.5, EdgeGrade.REVIEW),
        edge(1, 3, 4.5, EdgeGrade.HOLD),
        edge(2, 3, 9.0, EdgeGrade.HOLD),
        edge(3, 4, 5.0, EdgeGrade.REVIEW),
    ]
    others = [edge(5, 6, 5.0), edge(5, 7, 5.0, EdgeGrade.VETO)]

    async def work(tx: Transaction) -> None:
        await tx.edges.replace_all([*waiting, *others])
        expected = [Waiting(waiting[n]) for n in (3, 0, 1, 2)]
        assert await tx.edges.review(after=None, limit=9, centre=5.0) == expected
        assert await paged(tx, centre=5.0) == expected

    await transactor.run(work)


async def test_a_judged_pair_waits_no_more(transactor: Transactor) -> None:
    async def work(tx: Transaction) -> None:
        await tx.edges.replace_all([edge(1, 2, 5.0, EdgeGrade.REVIEW), edge(2, 3, 5.0, EdgeGrade.REVIEW)])
        await tx.judgements.add(judgement(1, 2, Verdict.DIFFERENT, 1))
        assert await tx.edges.review(after=None, limit=9, centre=5.0) == [Waiting(edge(2, 3, 5.0, EdgeGrade.REVIEW))]

    await transactor.run(work)


async def test_refused_links_wait_first_the_lightest_before_the_heavier(transactor: Transactor) -> None:
    async def work(tx: Transaction) -> None:
        await tx.edges.replace_all(
            [edge(1, 2, 30.0), edge(1, 3, 9.0), edge(1, 4, 20.0), edge(2, 3, 1.0, EdgeGrade.REVIEW), edge(5, 6, 9.0)]
        )
        await tx.edges.mark_refused(
            {(R[1], R[2]): LinkRefusal.TORN, (R[1], R[3]): LinkRefusal.CONTRADICTED, (R[1], R[4]): LinkRefusal.UNSUPPORTED}
        )
        expected = [
            Waiting(edge(1, 3, 9.0), LinkRefusal.CONTRADICTED),
            Waiting(edge(1, 4, 20.0), LinkRefusal.UNSUPPORTED),
            Waiting(edge(1, 2, 30.0), LinkRefusal.TORN),
            Waiting(edge(2, 3, 1.0, EdgeGrade.REVIEW)),
        ]
        assert await tx.edges.review(after=None, limit=9, centre=0.0) == expected
        assert await paged(tx, centre=0.0) == expected

    await transactor.run(work)


async def test_a_mark_can_be_changed_and_taken_back_and_touches_no_other_edge(transactor: Transactor) -> None:
    async def work(tx: Transaction) -> None:
        await tx.edges.replace_all([edge(1, 2), edge(1, 3), edge(2, 3, 5.0, EdgeGrade.HOLD), edge(2, 4, -3.0, EdgeGrade.VETO)])
        await tx.edges.mark_refused({(R[1], R[2]): LinkRefusal.TORN, (R[1], R[3]): LinkRefusal.TORN})
        await tx.edges.mark_refused({(R[1], R[2]): LinkRefusal.UNSUPPORTED, (R[1], R[3]): None})
        await tx.edges.mark_refused({})
        expected = [Waiting(edge(1, 2), LinkRefusal.UNSUPPORTED), Waiting(edge(2, 3, 5.0, EdgeGrade.HOLD))]
        assert await tx.edges.review(after=None, limit=9, centre=0.0) == expected
        assert await scanned(tx) == [edge(1, 2), edge(1, 3), edge(2, 3, 5.0, EdgeGrade.HOLD), edge(2, 4, -3.0, EdgeGrade.VETO)]

    await transactor.run(work)


async def test_only_a_stored_link_can_be_marked_as_refused(transactor: Transactor) -> None:
    async def work(tx: Transaction) -> None:
        await tx.edges.replace_all([edge(2, 3, 5.0, EdgeGrade.HOLD), edge(2, 4, -3.0, EdgeGrade.VETO)])
        marked = [(R[2], R[3]), (R[2], R[4]), (R[5], R[6])]
        await tx.edges.mark_refused(dict.fromkeys(marked, LinkRefusal.TORN))
        assert await tx.edges.review(after=None, limit=9, centre=0.0) == [Waiting(edge(2, 3, 5.0, EdgeGrade.HOLD))]
        assert await tx.edges.count() == 2

    await transactor.run(work)


@pytest.mark.parametrize("anew", ["for a record of it", "for another record", "all"])
async def test_a_link_that_is_stored_anew_comes_without_a_mark(transactor: Transactor, anew: str) -> None:
    async def work(tx: Transaction) -> None:
        await tx.edges.replace_all([edge(1, 2)])
        await tx.edges.mark_refused({(R[1], R[2]): LinkRefusal.TORN})
        if anew == "all":
            await tx.edges.replace_all([edge(1, 2)])
        else:
            await tx.edges.replace_for([R[1] if anew == "for a record of it" else R[7]], [edge(1, 2, 4.0, EdgeGrade.LINK)])
        assert await tx.edges.review(after=None, limit=9, centre=0.0) == []
        await tx.edges.replace_for([R[7]], [edge(1, 2, 4.0, EdgeGrade.HOLD)])
        assert await tx.edges.review(after=None, limit=9, centre=0.0) == [Waiting(edge(1, 2, 4.0, EdgeGrade.HOLD))]

    await transactor.run(work)


async def test_a_refused_link_that_somebody_judged_waits_no_more(transactor: Transactor) -> None:
    async def work(tx: Transaction) -> None:
        await tx.edges.replace_all([edge(1, 2), edge(2, 3)])
        await tx.edges.mark_refused({(R[1], R[2]): LinkRefusal.TORN, (R[2], R[3]): LinkRefusal.TORN})
        await tx.judgements.add(judgement(1, 2, Verdict.UNSURE, 1))
        assert await tx.edges.review(after=None, limit=9, centre=5.0) == [Waiting(edge(2, 3), LinkRefusal.TORN)]

    await transactor.run(work)


async def test_a_mark_made_in_a_transaction_that_fails_is_none(transactor: Transactor) -> None:
    async def failing(tx: Transaction) -> None:
        await tx.edges.mark_refused({(R[1], R[2]): LinkRefusal.TORN})
        raise LookupError

    await transactor.run(lambda tx: tx.edges.replace_all([edge(1, 2)]))
    with pytest.raises(LookupError):
        await transactor.run(failing)
    assert await transactor.run(lambda tx: tx.edges.review(after=None, limit=9, centre=0.0), read_only=True) == []


async def test_the_newest_judgement_of_a_pair_stands(transactor: Transactor) -> None:
    first, second, other = judgement(1, 2, Verdict.SAME, 1), judgement(1, 2, Verdict.DIFFERENT, 2), judgement(2, 3, Verdict.UNSURE, 1)
    for given in (first, other, second):
        await transactor.run(lambda tx, given=given: tx.judgements.add(given))

    async def work(tx: Transaction) -> None:
        assert await tx.judgements.all() == [second, other]
        assert await tx.judgements.touching([R[1]]) == [second]
        assert await tx.judgements.touching([R[2]]) == [second, other]
        assert await tx.judgements.touching([R[4]]) == []

    await transactor.run(work, read_only=True)


async def test_of_two_judgements_at_one_instant_the_later_written_stands(transactor: Transactor) -> None:
    for verdict in (Verdict.SAME, Verdict.DIFFERENT):
        await transactor.run(lambda tx, verdict=verdict: tx.judgements.add(judgement(1, 2, verdict, 1)))
    standing = await transactor.run(lambda tx: tx.judgements.all(), read_only=True)
    assert [each.verdict for each in standing] == [Verdict.DIFFERENT]
