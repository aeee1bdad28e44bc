"""The keys between the key ring and a record: tenant key → bucket keys → (per record) data keys; and the index key beside them.

Rules
- The key ring wraps the tenant key and the index key; the tenant key wraps 256 bucket keys; all wrapped keys live in the database.
- A record's bucket never changes; the epoch of its bucket key does, when survivors of an erasure are wrapped anew.
- The index key seals no record: tags, addresses and pseudonyms are derived from it (HKDF, RFC 5869, one ``info`` for each use),
  so that they outlive every rotation of the tenant and bucket keys.
- A ring that does not open the stored keys belongs to another database: nothing is minted, the start is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from identity.adapters.sealing.envelope import KEY_BYTES, NotOpenedError, SealingKey, bind, fresh_key
from identity.domain.errors import IdentityError, Reason
from identity.ports.key_ring import KeyRing
from identity.ports.key_store import WrappedKey

BUCKETS: Final = 256
_TENANT, _INDEX, _BUCKET = "tenant", "index", "bucket"
_NO_BUCKET: Final = -1


def _context(kind: str, bucket: int, epoch: int) -> bytes:
    return bind(b"entente/wrapped-key/1", kind.encode(), bucket.to_bytes(4, "big", signed=True), epoch.to_bytes(4, "big"))


@final
class KeyHierarchy:
    """The opened keys of one database. Holds key objects and derived keys only; never shows them."""

    __slots__ = ("_buckets", "_epochs", "_index")

    def __init__(self, index: bytes, buckets: dict[tuple[int, int], SealingKey]) -> None:
        self._index = index
        self._buckets = buckets
        self._epochs = {bucket: max(epoch for b, epoch in buckets if b == bucket) for bucket in {b for b, _ in buckets}}

    def current(self, bucket: int) -> tuple[int, SealingKey]:
        """Return the newest epoch of a bucket and its key.

        Raises:
            IdentityError: ``KEY_RING_UNUSABLE`` if the bucket has none.
        """
        epoch = self._epochs.get(bucket)
        if epoch is None:
            raise IdentityError(Reason.KEY_RING_UNUSABLE, fault="a bucket key is missing", bucket=bucket)
        return epoch, self._buckets[bucket, epoch]

    def at(self, bucket: int, epoch: int) -> SealingKey | None:
        """Return the bucket's key of an epoch, or None if it was destroyed or never was."""
        return self._buckets.get((bucket, epoch))

    def derive(self, use: str) -> bytes:
        """Return the 256-bit key of one use: HKDF-SHA256 of the index key with ``use`` as its info."""
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"entente/" + use.encode()).derive(self._index)

    def __repr__(self) -> str:
        return f"KeyHierarchy({len(self._buckets)} bucket keys)"


def mint_keys(ring: KeyRing) -> list[WrappedKey]:
    """Return the wrapped keys of a new database: tenant, index and every bucket, at epoch 1."""
    tenant, index = fresh_key(), fresh_key()
    wrapping = SealingKey(tenant)
    kek = ring.current
    keys = [
        WrappedKey(_TENANT, _NO_BUCKET, 1, kek, ring.wrap(tenant, _context(_TENANT, _NO_BUCKET, 1))),
        WrappedKey(_INDEX, _NO_BUCKET, 1, kek, ring.wrap(index, _context(_INDEX, _NO_BUCKET, 1))),
    ]
    keys += [
        WrappedKey(_BUCKET, bucket, 1, wrapping.id.hex(), wrapping.seal(fresh_key(), _context(_BUCKET, bucket, 1)))
        for bucket in range(BUCKETS)
    ]
    return keys


def open_keys(ring: KeyRing, wrapped: Sequence[WrappedKey]) -> KeyHierarchy:
    """Open the stored keys with the ring.

    Raises:
        IdentityError: ``KEY_RING_UNUSABLE`` if the ring is another database's, or a key is missing or altered.
    """
    tenants = {key.id.hex(): key for key in map(SealingKey, _unwrap(ring, wrapped, _TENANT))}
    indexes = _unwrap(ring, wrapped, _INDEX)
    if not tenants or len(indexes) != 1:
        raise IdentityError(Reason.KEY_RING_UNUSABLE, fault="the database lacks its tenant or index key")
    buckets = {(key.bucket, key.epoch): _open_bucket(tenants, key) for key in wrapped if key.kind == _BUCKET}
    if {bucket for bucket, _ in buckets} != set(range(BUCKETS)):
        raise IdentityError(Reason.KEY_RING_UNUSABLE, fault="the database lacks bucket keys", found=len(buckets))
    return KeyHierarchy(indexes[0], buckets)


def _unwrap(ring: KeyRing, wrapped: Iterable[WrappedKey], kind: str) -> list[bytes]:
    return [ring.unwrap(key.wrapped_by, key.wrapped, _context(kind, key.bucket, key.epoch)) for key in wrapped if key.kind == kind]


def _open_bucket(tenants: dict[str, SealingKey], key: WrappedKey) -> SealingKey:
    try:
        return SealingKey(tenants[key.wrapped_by].open(key.wrapped, _context(_BUCKET, key.bucket, key.epoch)))
    except (KeyError, NotOpenedError):
        raise IdentityError(Reason.KEY_RING_UNUSABLE, fault="a bucket key does not open", bucket=key.bucket, epoch=key.epoch) from None
