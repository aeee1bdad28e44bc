"""What every bundle store, request store and key store promises."""

from __future__ import annotations

from identity.ports.bundle_store import StoredBundle
from identity.ports.key_store import WrappedKey
from identity.ports.transactor import Transaction, Transactor
from tests.builders.stores import moment

ONE = StoredBundle("a" * 64, b"sealed one", moment(0))
TWO = StoredBundle("b" * 64, b"sealed two" * 1000, moment(1))


async def test_a_bundle_is_read_back_as_it_was_stored_first(transactor: Transactor) -> None:
    for bundle in (ONE, TWO, StoredBundle(ONE.digest, b"something else", moment(5))):
        await transactor.run(lambda tx, bundle=bundle: tx.bundles.put(bundle))

    async def work(tx: Transaction) -> None:
        assert await tx.bundles.get(ONE.digest) == ONE
        assert await tx.bundles.get(TWO.digest) == TWO
        assert await tx.bundles.get("c" * 64) is None
        assert await tx.bundles.stored() == [(TWO.digest, TWO.created_at), (ONE.digest, ONE.created_at)]

    await transactor.run(work, read_only=True)


async def test_the_last_promotion_is_active_and_a_rollback_is_one_more(transactor: Transactor) -> None:
    assert await transactor.run(lambda tx: tx.bundles.active(), read_only=True) is None
    for minute, digest in enumerate((ONE.digest, TWO.digest, ONE.digest)):
        await transactor.run(lambda tx, digest=digest, minute=minute: tx.bundles.promote(digest, moment(minute)))

    async def work(tx: Transaction) -> None:
        assert await tx.bundles.active() == ONE.digest
        assert await tx.bundles.promotions() == [(ONE.digest, moment(2)), (TWO.digest, moment(1)), (ONE.digest, moment(0))]

    await transactor.run(work, read_only=True)


async def test_an_answer_is_recalled_by_caller_method_and_request_id(transactor: Transactor) -> None:
    async def remember(tx: Transaction) -> None:
        await tx.requests.remember("crm", "IngestRecords", "r-1", body_mac=b"mac", answer=b"answer", at=moment(0))

    await transactor.run(remember)

    async def work(tx: Transaction) -> None:
        assert await tx.requests.recall("crm", "IngestRecords", "r-1") == (b"mac", b"answer")
        assert await tx.requests.recall("webshop", "IngestRecords", "r-1") is None
        assert await tx.requests.recall("crm", "DeleteRecord", "r-1") is None
        assert await tx.requests.recall("crm", "IngestRecords", "r-2") is None

    await transactor.run(work, read_only=True)


async def test_a_key_that_is_there_is_left_as_it_is(transactor: Transactor) -> None:
    tenant = WrappedKey("tenant", -1, 1, "keyfile:1", b"t" * 40)
    buckets = [WrappedKey("bucket", n, 1, "tenant:1", bytes([n]) * 40) for n in range(3)]
    await transactor.run(lambda tx: tx.keys.add([tenant, *buckets[:2]]))
    await transactor.run(lambda tx: tx.keys.add([WrappedKey("bucket", 1, 1, "other", b"other"), buckets[2]]))
    await transactor.run(lambda tx: tx.keys.add([]))
    assert sorted(await transactor.run(lambda tx: tx.keys.all(), read_only=True), key=repr) == sorted([tenant, *buckets], key=repr)
