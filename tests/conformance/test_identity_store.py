"""What every identity store promises."""

from __future__ import annotations

import pytest

from identity.domain.unified_identity import Assignment, AssignmentPlan, Cause, IdentityEvent, IdentityState, UnifiedIdentity
from identity.ports.transactor import Transaction, Transactor
from tests.builders.stores import identity_id, moment, record_id

R1, R2, R3, R4 = (record_id(n) for n in range(1, 5))
A, B, C = (identity_id(n) for n in range(1, 4))


async def apply(transactor: Transactor, plan: AssignmentPlan, minute: int = 0, cause: Cause = Cause.INGEST) -> None:
    await transactor.run(lambda tx: tx.identities.apply(plan, at=moment(minute), cause=cause))


async def two_pairs(transactor: Transactor) -> None:
    await apply(transactor, AssignmentPlan(created=(A, B), assigned={R1: A, R2: A, R3: B, R4: B}))


async def merged(transactor: Transactor) -> None:
    await two_pairs(transactor)
    await apply(transactor, AssignmentPlan(assigned={R3: A, R4: A}, superseded={B: A}), 5, Cause.BATCH_LINK)


async def test_an_identity_never_issued_is_unknown_everywhere(transactor: Transactor) -> None:
    async def work(tx: Transaction) -> None:
        assert await tx.identities.current([R1]) == {}
        assert await tx.identities.members([A]) == {A: frozenset()}
        assert await tx.identities.read([A]) == {}
        assert await tx.identities.former([R1]) == {}
        assert await tx.identities.history(A) is None
        assert await tx.identities.count() == 0
        assert [batch async for batch in tx.identities.scan()] == []

    await transactor.run(work, read_only=True)


async def test_a_created_identity_holds_the_records_assigned_to_it(transactor: Transactor) -> None:
    await two_pairs(transactor)

    async def work(tx: Transaction) -> None:
        assert await tx.identities.current([R1, R2, R3]) == {R1: A, R2: A, R3: B}
        assert await tx.identities.members([A, B]) == {A: frozenset({R1, R2}), B: frozenset({R3, R4})}
        assert await tx.identities.read([A]) == {A: UnifiedIdentity(A, IdentityState.CURRENT, moment(0))}
        assert await tx.identities.former([R1]) == {}
        assert await tx.identities.count() == 2

    await transactor.run(work, read_only=True)


async def test_many_identities_are_created_at_once(transactor: Transactor) -> None:
    plan = AssignmentPlan(
        created=tuple(identity_id(n) for n in range(1, 121)), assigned={record_id(n): identity_id(n) for n in range(1, 121)}
    )
    await apply(transactor, plan)

    async def work(tx: Transaction) -> None:
        assert await tx.identities.current(list(plan.assigned)) == dict(plan.assigned)
        batches = [batch async for batch in tx.identities.scan(batch=50)]
        assert [len(batch) for batch in batches] == [50, 50, 20]
        assert [row for batch in batches for row in batch] == list(plan.assigned.items())
        history = await tx.identities.history(identity_id(7))
        assert history is not None
        assert history.assignments == (Assignment(record_id(7), identity_id(7), moment(0), None, Cause.INGEST),)

    await transactor.run(work, read_only=True)


@pytest.mark.parametrize("count", [3, 120])
async def test_new_records_found_identities_of_their_own(transactor: Transactor, count: int) -> None:
    homes = {record_id(n): identity_id(n) for n in range(1, count + 1)}
    await transactor.run(lambda tx: tx.identities.found(homes, at=moment(0), cause=Cause.INGEST))

    async def work(tx: Transaction) -> None:
        assert await tx.identities.current(list(homes)) == homes
        assert await tx.identities.read([A]) == {A: UnifiedIdentity(A, IdentityState.CURRENT, moment(0))}
        history = await tx.identities.history(A)
        assert history is not None
        assert history.assignments == (Assignment(R1, A, moment(0), None, Cause.INGEST),)
        assert history.events == (IdentityEvent(A, "created", moment(0), Cause.INGEST),)

    await transactor.run(work, read_only=True)


@pytest.mark.parametrize("count", [2, 120])
async def test_a_record_that_was_assigned_meanwhile_makes_founding_run_again(transactor: Transactor, count: int) -> None:
    await two_pairs(transactor)
    tries = 0

    async def work(tx: Transaction) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            await tx.identities.found({record_id(n): identity_id(n + 10) for n in range(4, 4 + count)}, at=moment(1), cause=Cause.INGEST)

    await transactor.run(work)
    assert tries == 2
    await transactor.run(check_nothing_was_founded, read_only=True)


async def check_nothing_was_founded(tx: Transaction) -> None:
    assert await tx.identities.current([R4, record_id(5)]) == {R4: B}
    assert await tx.identities.count() == 2


async def test_a_merged_identity_redirects_and_its_records_remember_it(transactor: Transactor) -> None:
    await merged(transactor)

    async def work(tx: Transaction) -> None:
        assert await tx.identities.members([A, B]) == {A: frozenset({R1, R2, R3, R4}), B: frozenset()}
        assert (await tx.identities.read([B]))[B] == UnifiedIdentity(B, IdentityState.SUPERSEDED, moment(0), superseded_by=A)
        assert await tx.identities.former([R1, R3]) == {R3: (B,)}
        assert await tx.identities.count() == 1

    await transactor.run(work, read_only=True)


async def test_history_tells_every_assignment_and_event_in_order(transactor: Transactor) -> None:
    await merged(transactor)
    history = await transactor.run(lambda tx: tx.identities.history(B), read_only=True)
    assert history is not None
    assert history.assignments == (
        Assignment(R3, B, moment(0), moment(5), Cause.INGEST, Cause.BATCH_LINK),
        Assignment(R4, B, moment(0), moment(5), Cause.INGEST, Cause.BATCH_LINK),
    )
    assert history.events == (
        IdentityEvent(B, "created", moment(0), Cause.INGEST),
        IdentityEvent(B, "superseded", moment(5), Cause.BATCH_LINK, (A,)),
    )


async def test_a_split_says_into_what_and_can_be_revived(transactor: Transactor) -> None:
    await merged(transactor)
    await apply(transactor, AssignmentPlan(revived=(B,), created=(C,), assigned={R3: B, R4: C}), 9, Cause.SPLIT)
    await apply(transactor, AssignmentPlan(created=(), assigned={R1: C, R2: B}, split={A: (B, C)}), 10, Cause.JUDGEMENT)

    async def work(tx: Transaction) -> None:
        read = await tx.identities.read([A, B, C])
        assert read[A] == UnifiedIdentity(A, IdentityState.SPLIT, moment(0), split_into=(B, C))
        assert read[B] == UnifiedIdentity(B, IdentityState.CURRENT, moment(0))
        assert await tx.identities.former([R3, R4]) == {R3: (A,), R4: (A, B)}
        history = await tx.identities.history(B)
        assert history is not None
        assert [event.kind for event in history.events] == ["created", "superseded", "revived"]
        assert Assignment(R3, B, moment(9), None, Cause.SPLIT) in history.assignments
        assert Assignment(R3, B, moment(0), moment(5), Cause.INGEST, Cause.BATCH_LINK) in history.assignments

    await transactor.run(work, read_only=True)


async def test_former_identities_come_newest_first_each_once(transactor: Transactor) -> None:
    await apply(transactor, AssignmentPlan(created=(A, B, C), assigned={R1: A}), 0)
    for minute, target in ((1, B), (2, A), (3, B), (4, C)):
        await apply(transactor, AssignmentPlan(assigned={R1: target}), minute, Cause.BATCH_LINK)
    assert await transactor.run(lambda tx: tx.identities.former([R1]), read_only=True) == {R1: (B, A)}


async def test_a_deleted_record_leaves_and_its_empty_identity_retires(transactor: Transactor) -> None:
    await two_pairs(transactor)
    await apply(transactor, AssignmentPlan(unassigned=(R1,)), 1, Cause.DELETION)
    await apply(transactor, AssignmentPlan(unassigned=(R3, R4), retired=(B,)), 2, Cause.DELETION)

    async def work(tx: Transaction) -> None:
        assert await tx.identities.current([R1, R2, R3]) == {R2: A}
        assert (await tx.identities.read([B]))[B].state is IdentityState.RETIRED
        assert await tx.identities.former([R1]) == {R1: (A,)}
        assert [row for batch in [b async for b in tx.identities.scan()] for row in batch] == [(R2, A)]
        assert await tx.identities.count() == 1

    await transactor.run(work, read_only=True)


async def test_a_record_comes_back_after_its_deletion(transactor: Transactor) -> None:
    await two_pairs(transactor)
    await apply(transactor, AssignmentPlan(unassigned=(R1,)), 1, Cause.DELETION)
    await apply(transactor, AssignmentPlan(created=(C,), assigned={R1: C}), 2)

    async def work(tx: Transaction) -> None:
        assert await tx.identities.current([R1]) == {R1: C}
        assert await tx.identities.former([R1]) == {R1: (A,)}
        history = await tx.identities.history(A)
        assert history is not None
        left = {life.record_id: (life.valid_to, life.end_cause) for life in history.assignments}
        assert left == {R1: (moment(1), Cause.DELETION), R2: (None, None)}, "it left because it was deleted, not because it came back"

    await transactor.run(work, read_only=True)


async def test_quarantine_is_a_mark_that_comes_and_goes(transactor: Transactor) -> None:
    await two_pairs(transactor)
    await apply(transactor, AssignmentPlan(quarantined=(A,)), 1, Cause.BATCH_LINK)
    marked = await transactor.run(lambda tx: tx.identities.read([A, B]), read_only=True)
    await apply(transactor, AssignmentPlan(released=(A,)), 2, Cause.JUDGEMENT)

    async def work(tx: Transaction) -> None:
        assert (marked[A].quarantined, marked[B].quarantined) == (True, False)
        assert not (await tx.identities.read([A]))[A].quarantined
        history = await tx.identities.history(A)
        assert history is not None
        assert [(event.kind, event.at, event.cause) for event in history.events[1:]] == [
            ("quarantined", moment(1), Cause.BATCH_LINK),
            ("released", moment(2), Cause.JUDGEMENT),
        ]

    await transactor.run(work, read_only=True)


async def test_an_empty_plan_changes_nothing(transactor: Transactor) -> None:
    await two_pairs(transactor)
    await apply(transactor, AssignmentPlan(), 3)
    assert await transactor.run(lambda tx: tx.identities.current([R1]), read_only=True) == {R1: A}


async def test_a_plan_may_move_many_records_that_were_assigned_before(transactor: Transactor) -> None:
    records = [record_id(n) for n in range(1, 121)]
    created = tuple(identity_id(n) for n in range(1, 121))
    await apply(transactor, AssignmentPlan(created=created, assigned=dict(zip(records, created, strict=True))))
    survivor, *gone = created
    plan = AssignmentPlan(assigned=dict.fromkeys(records[1:], survivor), superseded=dict.fromkeys(gone, survivor))
    await apply(transactor, plan, 4, Cause.BATCH_LINK)

    async def work(tx: Transaction) -> None:
        assert await tx.identities.members([survivor]) == {survivor: frozenset(records)}
        assert {identity.superseded_by for identity in (await tx.identities.read(gone)).values()} == {survivor}
        assert await tx.identities.former([records[3]]) == {records[3]: (created[3],)}

    await transactor.run(work, read_only=True)
