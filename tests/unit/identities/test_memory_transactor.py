"""The memory adapter is as transactional as the real one: all of it, or none of it."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from identity.adapters.memory import MemoryTransactor
from identity.domain.edge import Edge, EdgeGrade
from identity.domain.errors import IdentityError, Reason
from identity.domain.source_record import IdentityId, RecordAddress, RecordId, SealedVersion
from identity.domain.unified_identity import AssignmentPlan, Cause
from identity.ports.transactor import ConcurrentChangeError, Transaction, Transactor

AT = datetime(2026, 1, 1, tzinfo=UTC)
ONE, TWO = RecordId(UUID(int=1)), RecordId(UUID(int=2))
WHO = IdentityId(UUID(int=9))


def sealed(record: RecordId, *, version: int = 1, keys: tuple[int, ...] = (7,)) -> SealedVersion:
    address = RecordAddress("crm", record.bytes)
    return SealedVersion(record, address, version, b"c" * 16, 0, 1, b"w", b"s", 1, keys)


async def fill(tx: Transaction) -> None:
    await tx.records.add([sealed(ONE), sealed(TWO)], AT)
    await tx.edges.replace_for([ONE], [Edge(ONE, TWO, 9.0, 8.0, EdgeGrade.LINK)])
    await tx.identities.apply(AssignmentPlan(created=(WHO,), assigned={ONE: WHO, TWO: WHO}), at=AT, cause=Cause.INGEST)


async def state(transactor: Transactor) -> object:
    async def look(tx: Transaction) -> object:
        keys = await tx.records.candidates([7, 8], cap=10)
        return keys.by_key, await tx.edges.count(), await tx.identities.current([ONE, TWO]), await tx.identities.members([WHO])

    return await transactor.run(look, read_only=True)


async def test_a_failed_run_leaves_no_trace_in_any_store() -> None:
    transactor = MemoryTransactor()
    await transactor.run(fill)
    before = await state(transactor)

    async def wreck(tx: Transaction) -> None:
        await tx.records.add([sealed(ONE, version=2, keys=(8,))], AT)
        await tx.records.delete([TWO], AT)
        await tx.edges.replace_all([])
        await tx.identities.apply(AssignmentPlan(unassigned=(ONE, TWO), retired=(WHO,)), at=AT, cause=Cause.DELETION)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await transactor.run(wreck)
    assert await state(transactor) == before


async def test_a_read_only_run_writes_nothing() -> None:
    transactor = MemoryTransactor()
    with pytest.raises(RuntimeError, match="read-only"):
        await transactor.run(fill, read_only=True)
    assert await transactor.run(lambda tx: tx.records.count(), read_only=True) == 0


async def test_a_version_that_does_not_follow_the_head_is_tried_again_then_given_up() -> None:
    transactor = MemoryTransactor()
    tries = []

    async def skip_a_version(tx: Transaction) -> None:
        tries.append(1)
        await tx.records.add([sealed(ONE, version=2)], AT)

    with pytest.raises(IdentityError) as failure:
        await transactor.run(skip_a_version)
    assert failure.value.reason is Reason.STORE_UNAVAILABLE
    assert len(tries) == 5


async def test_a_conflict_that_passes_is_forgotten() -> None:
    transactor = MemoryTransactor()
    tries = []

    async def work(tx: Transaction) -> None:
        await fill(tx)
        tries.append(1)
        if len(tries) == 1:
            raise ConcurrentChangeError

    await transactor.run(work)
    assert await transactor.run(lambda tx: tx.records.count(), read_only=True) == 2


async def test_a_block_over_the_cap_contributes_nothing_and_says_so() -> None:
    transactor = MemoryTransactor()
    await transactor.run(fill)

    async def look(tx: Transaction) -> None:
        capped = await tx.records.candidates([7], cap=1)
        assert capped.by_key == {}
        assert capped.truncated == {7}
        assert (await tx.records.candidates([7], cap=2)).by_key == {7: (ONE, TWO)}

    await transactor.run(look, read_only=True)


async def test_history_keeps_every_interval_and_former_identities_come_newest_first() -> None:
    transactor = MemoryTransactor()
    await transactor.run(fill)
    other = IdentityId(UUID(int=10))

    async def merge(tx: Transaction) -> None:
        plan = AssignmentPlan(created=(other,), assigned={ONE: other, TWO: other}, superseded={WHO: other})
        await tx.identities.apply(plan, at=datetime(2026, 1, 2, tzinfo=UTC), cause=Cause.BATCH_LINK)

    await transactor.run(merge)

    async def look(tx: Transaction) -> None:
        assert await tx.identities.former([ONE]) == {ONE: (WHO,)}
        history = await tx.identities.history(WHO)
        assert history is not None
        assert history.identity.superseded_by == other
        assert [(life.record_id, life.valid_to is None) for life in history.assignments] == [(ONE, False), (TWO, False)]
        assert [event.kind for event in history.events] == ["created", "superseded"]
        assert await tx.identities.count() == 1

    await transactor.run(look, read_only=True)
