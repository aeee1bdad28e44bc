"""What the real sealer promises beyond the suite: keys, headers, threads, children and arbitrary content."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.adapters.keyring import open_key_file
from identity.adapters.memory.transactor import MemoryTransactor
from identity.adapters.sealing import AesGcmSealer, mint_keys, open_keys, open_sealer
from identity.adapters.sealing.envelope import OVERHEAD_BYTES, NotOpenedError, SealingKey, bind, fresh_key
from identity.adapters.sealing.hierarchy import BUCKETS
from identity.domain.attributes import Attribute
from identity.domain.errors import IdentityError, Reason
from identity.domain.personal import Access, Personal
from identity.domain.source_record import IdentityId, RecordId, RecordRef
from identity.domain.standardise import STANDARDISER_VERSION, Standardiser, standardise_all
from identity.ports.key_store import WrappedKey
from identity.ports.sealer import RecordContent

ACCESS = Access("tests")
ONE = RecordId(UUID("01890000-0000-7000-8000-000000000001"))
CANARY = "Canary-Zéphyrine-7041"
CONTENT = RecordContent(RecordRef("crm", CANARY), {"given_name": CANARY}, {"given_name": CANARY.lower()}, STANDARDISER_VERSION)


@pytest.fixture(scope="module")
def ring(tmp_path_factory):
    return open_key_file(tmp_path_factory.mktemp("home") / "keys")


@pytest.fixture(scope="module")
def wrapped(ring):
    return mint_keys(ring)


@pytest.fixture(scope="module")
def keys(ring, wrapped):
    return open_keys(ring, wrapped)


@pytest.fixture(scope="module")
def sealer(keys):
    return AesGcmSealer(keys, ACCESS)


def test_a_process_that_opens_the_keys_from_the_ring_unseals_what_another_sealed(ring, wrapped, sealer) -> None:
    version = sealer.seal(ONE, 1, Personal(CONTENT), ())
    twin = AesGcmSealer(open_keys(ring, pickle.loads(pickle.dumps(wrapped))), ACCESS)  # noqa: S301 - our own bytes
    assert twin.unseal([version]) == [Personal(CONTENT)]
    assert twin.pseudonym("partner", IdentityId(ONE)) == sealer.pseudonym("partner", IdentityId(ONE))
    assert twin.block_tags([("a", "b")]) == sealer.block_tags([("a", "b")])


def test_another_databases_keys_neither_unseal_nor_agree_on_any_tag(ring, sealer) -> None:
    stranger = AesGcmSealer(open_keys(ring, mint_keys(ring)), ACCESS)
    with pytest.raises(IdentityError, match="SEAL_BROKEN"):
        stranger.unseal([sealer.seal(ONE, 1, Personal(CONTENT), ())])
    assert stranger.address(CONTENT.ref) != sealer.address(CONTENT.ref)
    assert stranger.content_mac(CONTENT.ref, CONTENT.raw) != sealer.content_mac(CONTENT.ref, CONTENT.raw)
    assert stranger.block_tags([("a", "b")]) != sealer.block_tags([("a", "b")])
    assert stranger.pseudonym("partner", IdentityId(ONE)) != sealer.pseudonym("partner", IdentityId(ONE))
    assert stranger.request_mac(b"") != sealer.request_mac(b"")


async def kept(transactor: MemoryTransactor) -> list[WrappedKey]:
    return await transactor.run(lambda tx: tx.keys.all(), read_only=True)


async def test_the_keys_of_a_new_database_are_minted_once(ring) -> None:
    shelf = MemoryTransactor()
    first, second = await open_sealer(shelf, ring, ACCESS), await open_sealer(shelf, ring, ACCESS)
    assert len(await kept(shelf)) == BUCKETS + 2
    assert second.unseal([first.seal(ONE, 1, Personal(CONTENT), ())]) == [Personal(CONTENT)]


async def test_a_start_with_another_databases_key_file_is_refused_and_leaves_its_keys_alone(ring, tmp_path) -> None:
    shelf = MemoryTransactor()
    await open_sealer(shelf, ring, ACCESS)
    before = await kept(shelf)
    with pytest.raises(IdentityError, match="does not belong to this database"):
        await open_sealer(shelf, open_key_file(tmp_path / "other"), ACCESS)
    assert await kept(shelf) == before


@pytest.mark.parametrize("fault", ["tenant gone", "index gone", "bucket gone", "bucket altered", "buckets exchanged", "tenant altered"])
def test_stored_keys_that_are_missing_or_altered_refuse_the_start(ring, wrapped, fault: str) -> None:
    kept = list(wrapped)
    match fault:
        case "tenant gone":
            kept = [key for key in kept if key.kind != "tenant"]
        case "index gone":
            kept = [key for key in kept if key.kind != "index"]
        case "bucket gone":
            kept = [key for key in kept if key.bucket != 9]
        case "bucket altered":
            kept[5] = replace(kept[5], wrapped=kept[5].wrapped[:-1] + bytes([kept[5].wrapped[-1] ^ 1]))
        case "buckets exchanged":
            kept[5], kept[6] = replace(kept[5], wrapped=kept[6].wrapped), replace(kept[6], wrapped=kept[5].wrapped)
        case "tenant altered":
            kept[0] = replace(kept[0], wrapped=b"\x00" * 94)
    with pytest.raises(IdentityError) as caught:
        open_keys(ring, kept)
    assert caught.value.reason is Reason.KEY_RING_UNUSABLE


def test_a_new_epoch_of_a_bucket_seals_while_the_old_one_still_unseals_until_it_is_gone(ring, wrapped) -> None:
    bucket = ONE.bytes[15]
    tenant = SealingKey(ring.unwrap(wrapped[0].wrapped_by, wrapped[0].wrapped, _context("tenant", -1, 1)))
    newer = WrappedKey("bucket", bucket, 2, tenant.id.hex(), tenant.seal(fresh_key(), _context("bucket", bucket, 2)))
    old = AesGcmSealer(open_keys(ring, wrapped), ACCESS).seal(ONE, 1, Personal(CONTENT), ())
    both = AesGcmSealer(open_keys(ring, [*wrapped, newer]), ACCESS)
    new = both.seal(ONE, 2, Personal(CONTENT), ())
    assert (old.epoch, new.epoch) == (1, 2)
    assert both.unseal([old, new]) == [Personal(CONTENT)] * 2
    without = AesGcmSealer(open_keys(ring, [key for key in wrapped if key.bucket != bucket] + [newer]), ACCESS)
    with pytest.raises(IdentityError, match="SEAL_BROKEN"):
        without.unseal([old])


def _context(kind: str, bucket: int, epoch: int) -> bytes:
    return bind(b"entente/wrapped-key/1", kind.encode(), bucket.to_bytes(4, "big", signed=True), epoch.to_bytes(4, "big"))


def test_nothing_personal_and_no_key_is_in_what_storage_sees_nor_in_a_repr(sealer) -> None:
    version = sealer.seal(ONE, 1, Personal(CONTENT), sealer.block_tags([("name", CANARY)]))
    seen = repr(tuple(version)) + repr(sealer) + repr(Personal(CONTENT)) + repr(SealingKey(b"k" * 32))
    for secret in (CANARY, CANARY.lower(), CANARY.encode().hex(), repr(CANARY.encode())[2:-1], "kkkk", (b"k" * 32).hex()):
        assert secret not in seen


def test_unsealing_in_many_threads_gives_each_its_own(sealer) -> None:
    contents = [CONTENT._replace(ref=RecordRef("crm", str(n))) for n in range(400)]

    def there_and_back(content: RecordContent) -> RecordContent:
        return sealer.unseal([sealer.seal(ONE, 1, Personal(content), ())])[0].reveal(ACCESS)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(there_and_back, contents)) == contents


def test_the_sealed_form_says_version_algorithm_and_key_and_never_repeats_a_nonce(sealer) -> None:
    versions = [sealer.seal(ONE, 1, Personal(CONTENT), ()) for _ in range(500)]
    assert {version.sealed[:2] for version in versions} == {b"\x01\x01"}
    assert {version.wrapped_key[:2] for version in versions} == {b"\x01\x01"}
    assert len({version.sealed[2:18] for version in versions}) == len(versions)  # each its own data key
    assert len({version.wrapped_key[2:18] for version in versions}) == 1  # one bucket key
    assert len({version.wrapped_key[18:30] for version in versions}) == len(versions)  # nonces


def test_an_envelope_of_another_key_or_another_version_does_not_open() -> None:
    key = SealingKey(b"a" * 32)
    envelope = key.seal(b"text", b"bound")
    assert len(envelope) == len(b"text") + OVERHEAD_BYTES
    for other, forged, bound in (
        (SealingKey(b"b" * 32), envelope, b"bound"),
        (key, b"\x02" + envelope[1:], b"bound"),
        (key, envelope[:1] + b"\x02" + envelope[2:], b"bound"),
        (key, envelope, b"other"),
        (key, envelope[: OVERHEAD_BYTES - 1], b"bound"),
    ):
        with pytest.raises(NotOpenedError):
            other.open(forged, bound)


@given(st.lists(st.binary(max_size=6), max_size=5), st.lists(st.binary(max_size=6), max_size=5))
def test_no_two_lists_bind_alike(one: list[bytes], other: list[bytes]) -> None:
    assert (bind(*one) == bind(*other)) == (one == other)


SEPARATED = st.text("\x1b\x1fes;,a", max_size=8)
names = st.sampled_from([*Attribute, "x_job", "x_a"]).map(str)


@given(
    source=st.text(max_size=8),
    key=st.text(st.characters(), max_size=20) | SEPARATED,
    raw=st.dictionaries(names, st.text(st.characters(), max_size=30) | SEPARATED, max_size=6),
    standard=st.dictionaries(names, st.text(min_size=1, max_size=30) | SEPARATED, max_size=6),
    formats=st.dictionaries(names, SEPARATED, max_size=3),
    version=st.integers(0, 2**31),
)
def test_any_content_survives_sealing(keys, *, source, key, raw, standard, formats, version) -> None:
    content = RecordContent(RecordRef(source.encode("utf-8", "ignore").decode(), key), raw, standard, version, formats=formats)
    sealer = AesGcmSealer(keys, ACCESS, Standardiser(version, standardise_all))
    assert sealer.unseal([sealer.seal(ONE, 1, Personal(content), ())]) == [Personal(content)]


@given(
    one=st.dictionaries(names, SEPARATED | st.text("0123456789,;", max_size=5), max_size=3),
    other=st.dictionaries(names, SEPARATED | st.text("0123456789,;", max_size=5), max_size=3),
)
def test_different_attributes_have_different_content_macs(sealer, one, other) -> None:
    assert (sealer.content_mac(CONTENT.ref, one) == sealer.content_mac(CONTENT.ref, other)) == (one == other)
