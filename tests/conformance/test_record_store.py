"""What every record store promises."""

from __future__ import annotations

import pytest

from identity.domain.errors import IdentityError, Reason
from identity.domain.source_record import RecordAddress, RecordHead, SealedVersion
from identity.ports.transactor import Transaction, Transactor
from tests.builders.stores import moment, record_id, sealed


async def add(transactor: Transactor, *versions: SealedVersion) -> None:
    await transactor.run(lambda tx: tx.records.add(versions, moment(0)))


async def test_an_unknown_record_is_found_nowhere(transactor: Transactor) -> None:
    async def work(tx: Transaction) -> None:
        assert await tx.records.find([RecordAddress("crm", bytes(16))]) == {}
        assert await tx.records.heads([record_id(1)]) == {}
        assert await tx.records.read([record_id(1)]) == {}
        assert await tx.records.count() == 0
        assert [batch async for batch in tx.records.scan()] == []

    await transactor.run(work, read_only=True)


@pytest.mark.parametrize("number", [1, 3, 60])
async def test_a_new_record_is_read_back_as_it_was_sealed(transactor: Transactor, number: int) -> None:
    """One, a few, and enough for the bulk path."""
    versions = [sealed(n, keys=(n, -n, 7 * n)) for n in range(1, number + 1)]
    await add(transactor, *versions)
    read = await transactor.run(lambda tx: tx.records.read([v.record_id for v in versions]), read_only=True)
    assert read == {v.record_id: v for v in versions}


async def test_a_record_is_found_by_its_address_in_its_own_source_only(transactor: Transactor) -> None:
    await add(transactor, sealed(1), sealed(2, source="webshop"))
    address = sealed(1).address
    elsewhere = RecordAddress("webshop", address.key_mac)
    found = await transactor.run(lambda tx: tx.records.find([address, elsewhere]), read_only=True)
    assert found == {address: RecordHead(record_id(1), address, 1, sealed(1).content_mac, deleted=False)}


@pytest.mark.parametrize("number", [1, 60])
async def test_a_new_version_becomes_the_head_and_brings_its_own_keys(transactor: Transactor, number: int) -> None:
    await add(transactor, *(sealed(n, keys=(10, n)) for n in range(100, 100 + number)))
    newer = [sealed(n, version=2, keys=(20,)) for n in range(100, 100 + number)]
    await add(transactor, *newer)

    async def work(tx: Transaction) -> None:
        assert await tx.records.read([v.record_id for v in newer]) == {v.record_id: v for v in newer}
        assert (await tx.records.candidates([10, 20], cap=100)).by_key == {20: tuple(v.record_id for v in newer)}
        assert await tx.records.count() == number

    await transactor.run(work, read_only=True)


@pytest.mark.parametrize("number", [1, 60])
async def test_a_record_was_written_when_its_newest_version_was(transactor: Transactor, number: int) -> None:
    numbers = range(200, 200 + number)
    await add(transactor, *(sealed(n) for n in numbers))
    await transactor.run(lambda tx: tx.records.add([sealed(200, version=2)], moment(7)))
    await transactor.run(lambda tx: tx.records.retag({record_id(200): (5,)}))
    asked = [record_id(n) for n in (*numbers, 999)]
    written = await transactor.run(lambda tx: tx.records.written(asked), read_only=True)
    assert written == {record_id(n): moment(7 if n == 200 else 0) for n in numbers}
    await transactor.run(lambda tx: tx.records.delete([record_id(200)], moment(9)))
    assert record_id(200) not in await transactor.run(lambda tx: tx.records.written(asked), read_only=True)


async def test_one_call_may_bring_new_records_and_new_versions(transactor: Transactor) -> None:
    await add(transactor, sealed(1))
    await add(transactor, sealed(1, version=2), sealed(2))
    heads = await transactor.run(lambda tx: tx.records.heads([record_id(1), record_id(2)]), read_only=True)
    assert {head.record_id: head.version for head in heads.values()} == {record_id(1): 2, record_id(2): 1}


@pytest.mark.parametrize("version", [1, 3])
async def test_a_version_that_does_not_follow_the_head_is_refused_and_changes_nothing(transactor: Transactor, version: int) -> None:
    await add(transactor, sealed(1, keys=(5,)))
    with pytest.raises(IdentityError) as refused:
        await add(transactor, sealed(2), sealed(1, version=version, content=9, keys=(6,)))
    assert refused.value.reason is Reason.STORE_UNAVAILABLE
    read = await transactor.run(lambda tx: tx.records.read([record_id(1), record_id(2)]), read_only=True)
    assert read == {record_id(1): sealed(1, keys=(5,))}


@pytest.mark.parametrize("number", [1, 60])
async def test_one_address_never_gets_two_records(transactor: Transactor, number: int) -> None:
    await add(transactor, sealed(1))
    others = [sealed(n) for n in range(2, 2 + number)]
    others[0] = others[0]._replace(address=sealed(1).address)
    with pytest.raises(IdentityError):
        await add(transactor, *others)
    assert await transactor.run(lambda tx: tx.records.count(), read_only=True) == 1


async def test_a_deleted_record_keeps_its_head_and_loses_everything_else(transactor: Transactor) -> None:
    await add(transactor, sealed(1, keys=(5,)), sealed(2, keys=(5,)))
    await transactor.run(lambda tx: tx.records.delete([record_id(1)], moment(1)))

    async def work(tx: Transaction) -> None:
        assert (await tx.records.heads([record_id(1)]))[record_id(1)].deleted
        assert (await tx.records.find([sealed(1).address]))[sealed(1).address].deleted
        assert set(await tx.records.read([record_id(1), record_id(2)])) == {record_id(2)}
        assert (await tx.records.candidates([5], cap=9)).by_key == {5: (record_id(2),)}
        assert [v.record_id for batch in [b async for b in tx.records.scan()] for v in batch] == [record_id(2)]
        assert [h.record_id for batch in [b async for b in tx.records.scan_heads()] for h in batch] == [record_id(2)]
        assert await tx.records.count() == 1

    await transactor.run(work, read_only=True)


async def test_a_deleted_record_lives_again_with_its_next_version(transactor: Transactor) -> None:
    await add(transactor, sealed(1, keys=(5,)))
    await transactor.run(lambda tx: tx.records.delete([record_id(1)], moment(1)))
    again = sealed(1, version=2, keys=(6,))
    await add(transactor, again)

    async def work(tx: Transaction) -> None:
        assert await tx.records.read([record_id(1)]) == {record_id(1): again}
        assert (await tx.records.candidates([5, 6], cap=9)).by_key == {6: (record_id(1),)}

    await transactor.run(work, read_only=True)


async def test_deleting_twice_or_the_unknown_changes_nothing(transactor: Transactor) -> None:
    await add(transactor, sealed(1))
    for _ in range(2):
        await transactor.run(lambda tx: tx.records.delete([record_id(1), record_id(2)], moment(1)))
    heads = await transactor.run(lambda tx: tx.records.heads([record_id(1), record_id(2)]), read_only=True)
    assert set(heads) == {record_id(1)}


async def test_a_block_above_the_cap_gives_no_candidates_and_says_so(transactor: Transactor) -> None:
    await add(transactor, *(sealed(n, keys=(1,) if n <= 4 else (1, 2)) for n in range(1, 7)))
    found = await transactor.run(lambda tx: tx.records.candidates([1, 2, 3], cap=5), read_only=True)
    assert found.by_key == {2: (record_id(5), record_id(6))}
    assert found.truncated == {1}


async def test_a_block_of_exactly_the_cap_is_whole(transactor: Transactor) -> None:
    await add(transactor, *(sealed(n, keys=(1,)) for n in range(1, 6)))
    found = await transactor.run(lambda tx: tx.records.candidates([1, 1], cap=5), read_only=True)
    assert found.by_key == {1: tuple(record_id(n) for n in range(1, 6))}
    assert not found.truncated


@pytest.mark.parametrize("number", [1, 60])
async def test_a_key_given_twice_counts_once(transactor: Transactor, number: int) -> None:
    await add(transactor, *(sealed(n, keys=(n, n, -(2**63), 2**63 - 1)) for n in range(1, number + 1)))
    found = await transactor.run(lambda tx: tx.records.candidates([1, -(2**63)], cap=100), read_only=True)
    assert found.by_key == {1: (record_id(1),), -(2**63): tuple(record_id(n) for n in range(1, number + 1))}


async def test_scans_give_every_live_record_once_in_id_order(transactor: Transactor) -> None:
    versions = [sealed(n, keys=(n,)) for n in range(1, 8)]
    await add(transactor, *reversed(versions))

    async def work(tx: Transaction) -> None:
        batches = [batch async for batch in tx.records.scan(batch=3)]
        assert [len(batch) for batch in batches] == [3, 3, 1]
        assert [v for batch in batches for v in batch] == versions
        heads = [head async for batch in tx.records.scan_heads(batch=2) for head in batch]
        assert [head.record_id for head in heads] == [v.record_id for v in versions]

    await transactor.run(work, read_only=True)


async def test_a_scan_of_a_source_gives_its_live_records_once_in_key_order_and_no_others(transactor: Transactor) -> None:
    ours = [sealed(n, source="crm") for n in (1, 2, 3, 4, 5, 6)]
    await add(transactor, *reversed(ours), sealed(11, source="crm2"), sealed(12, source="a"), sealed(13, source="Crm"))
    await add(transactor, sealed(4, version=2, source="crm"))
    await transactor.run(lambda tx: tx.records.delete([record_id(2), record_id(12)], moment(1)))

    async def work(tx: Transaction) -> None:
        batches = [batch async for batch in tx.records.scan_source("crm", batch=2)]
        assert [len(batch) for batch in batches] == [2, 2, 1]
        assert [(head.record_id, head.version) for batch in batches for head in batch] == [
            (record_id(n), 2 if n == 4 else 1) for n in (1, 3, 4, 5, 6)
        ]
        assert [batch async for batch in tx.records.scan_source("a")] == []
        assert [batch async for batch in tx.records.scan_source("nosuch")] == []

    await transactor.run(work, read_only=True)


async def test_sources_are_those_with_a_live_record(transactor: Transactor) -> None:
    async def sources() -> list[str]:
        return await transactor.run(lambda tx: tx.records.sources(), read_only=True)

    assert await sources() == []
    await add(transactor, *(sealed(n, source=source) for n, source in enumerate(["web", "crm", "crm", "a-b", "a_b"], start=1)))
    assert await sources() == ["a-b", "a_b", "crm", "web"]
    await transactor.run(lambda tx: tx.records.delete([record_id(1), record_id(2)], moment(1)))
    assert await sources() == ["a-b", "a_b", "crm"]
    await add(transactor, sealed(1, version=2, source="web"))
    assert await sources() == ["a-b", "a_b", "crm", "web"]


async def test_other_questions_may_be_asked_in_the_middle_of_a_scan(transactor: Transactor) -> None:
    await add(transactor, *(sealed(n) for n in range(1, 6)))

    async def work(tx: Transaction) -> int:
        seen = 0
        async for batch in tx.records.scan(batch=2):
            seen += len(await tx.records.heads([v.record_id for v in batch]))
        return seen

    assert await transactor.run(work, read_only=True) == 5


@pytest.mark.parametrize("number", [2, 60])
async def test_new_blocking_keys_replace_those_of_live_records_only(transactor: Transactor, number: int) -> None:
    await add(transactor, *(sealed(n, keys=(1, n)) for n in range(2, 2 + number)))
    await transactor.run(lambda tx: tx.records.delete([record_id(2)], moment(1)))
    await transactor.run(lambda tx: tx.records.retag({record_id(n): (-1, -n) for n in range(2, 3 + number)}))

    async def work(tx: Transaction) -> None:
        living = tuple(record_id(n) for n in range(3, 2 + number))
        assert (await tx.records.candidates([1, 2, 3, -1, -2, -3], cap=100)).by_key == {-1: living, -3: (record_id(3),)}
        assert await tx.records.read([record_id(3)]) == {record_id(3): sealed(3, keys=(-1, -3))}

    await transactor.run(work, read_only=True)
