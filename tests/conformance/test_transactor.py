"""What every transactor promises."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from identity.domain.errors import IdentityError, Reason
from identity.domain.unified_identity import AssignmentPlan, Cause
from identity.ports.transactor import ConcurrentChangeError, Transaction, Transactor
from tests.builders.stores import identity_id, moment, record_id, sealed


class OwnTroubleError(Exception):
    pass


async def test_what_the_work_returns_is_returned(transactor: Transactor) -> None:
    async def work(_tx: Transaction) -> str:
        return "answer"

    assert await transactor.run(work) == "answer"


async def test_work_that_raises_leaves_nothing_and_its_own_error_comes_through(transactor: Transactor) -> None:
    async def work(tx: Transaction) -> None:
        await tx.records.add([sealed(1, keys=(1,))], moment(0))
        await tx.identities.apply(
            AssignmentPlan(created=(identity_id(1),), assigned={record_id(1): identity_id(1)}), at=moment(0), cause=Cause.INGEST
        )
        assert await tx.records.count() == 1
        raise OwnTroubleError

    with pytest.raises(OwnTroubleError):
        await transactor.run(work)

    async def look(tx: Transaction) -> None:
        assert await tx.records.count() == 0
        assert await tx.identities.count() == 0
        assert not (await tx.records.candidates([1], cap=5)).by_key

    await transactor.run(look, read_only=True)


async def test_work_that_meets_a_concurrent_change_is_run_again_from_the_start(transactor: Transactor) -> None:
    tries = []

    async def work(tx: Transaction) -> int:
        tries.append(await tx.records.count())
        await tx.records.add([sealed(1)], moment(0))
        if len(tries) < 3:
            raise ConcurrentChangeError
        return len(tries)

    assert await transactor.run(work) == 3
    assert tries == [0, 0, 0]


async def test_a_conflict_that_never_ends_is_unavailability(transactor: Transactor) -> None:
    async def work(_tx: Transaction) -> None:
        raise ConcurrentChangeError

    with pytest.raises(IdentityError) as given_up:
        await transactor.run(work)
    assert given_up.value.reason is Reason.STORE_UNAVAILABLE


async def test_read_only_work_cannot_write(transactor: Transactor) -> None:
    with pytest.raises(RuntimeError, match="read-only"):
        await transactor.run(lambda tx: tx.records.add([sealed(1)], moment(0)), read_only=True)
    assert await transactor.run(lambda tx: tx.records.count(), read_only=True) == 0


async def test_of_several_who_bring_one_person_at_once_each_sees_those_before(transactor: Transactor) -> None:
    """Write skew: each looks for candidates, finds room, and adds a record of its own; on snapshots alone, all would see nobody."""

    def bring(number: int) -> Callable[[Transaction], Awaitable[int]]:
        async def work(tx: Transaction) -> int:
            seen = (await tx.records.candidates([7], cap=100)).by_key.get(7, ())
            await asyncio.sleep(0.01)
            await tx.records.add([sealed(number, keys=(7,))], moment(0))
            return len(seen)

        return work

    seen = await asyncio.gather(*(transactor.run(bring(number)) for number in range(1, 5)))
    assert sorted(seen) == [0, 1, 2, 3]
