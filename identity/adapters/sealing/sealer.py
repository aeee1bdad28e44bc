"""The sealer: AES-256-GCM per record version, and the keyed tags that storage may see.

Rules
- A record version has its own random data key, wrapped under its bucket's newest key; both ciphertexts are bound to table, record,
  version, address, payload schema and key id, so neither can serve in another place.
- Addresses, content MACs, pseudonyms and request MACs are HMAC-SHA256 (RFC 2104); blocking tags are keyed BLAKE2b-64 (RFC 7693),
  since a record has some ten of them. Each has a key of its own.
- Every failure to unseal is ``SEAL_BROKEN`` and says nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
from base64 import b32encode
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from identity.adapters.sealing.envelope import KEY_BYTES, NONCE_BYTES, NotOpenedError, SealingKey, bind
from identity.adapters.sealing.hierarchy import KeyHierarchy
from identity.adapters.sealing.payload import SCHEMA, decode_content, encode_content
from identity.domain.attributes import Attributes
from identity.domain.errors import IdentityError, Reason
from identity.domain.personal import Access, Personal
from identity.domain.source_record import IdentityId, RecordAddress, RecordId, RecordRef, SealedVersion
from identity.domain.standardise import STANDARDISER, Standardiser
from identity.ports.sealer import Draft, RecordContent

_MAC_BYTES: Final = 16
_NOISE_BYTES: Final = KEY_BYTES + 2 * NONCE_BYTES  # a data key and two nonces, drawn at once: each draw is a system call
_LENGTH_4: Final = (4).to_bytes(4, "big")
_LENGTH_16: Final = (16).to_bytes(4, "big")
_PSEUDONYM_BYTES: Final = 20
_RECIPIENTS_KEPT: Final = 1024
_RULES_KEPT: Final = 256
_DIGITS: Final = [str(length) for length in range(1024)]
_VERSION_TABLE: Final = bind(b"identity.record_version", SCHEMA.to_bytes(2, "big"))
_KEY_TABLE: Final = bind(b"identity.record_version.wrapped_key", SCHEMA.to_bytes(2, "big"))


@final
class AesGcmSealer:
    """Implements ``identity.ports.sealer.Sealer``. Stateless but for keys; safe to use from several threads."""

    __slots__ = ("_access", "_address", "_blob", "_content", "_keys", "_recipients", "_request", "_rules", "_standardiser", "_tags")

    def __init__(self, keys: KeyHierarchy, access: Access, standardiser: Standardiser = STANDARDISER) -> None:
        self._keys = keys
        self._access = access
        self._standardiser = standardiser
        self._address = HMAC(keys.derive("address/1"), SHA256())
        self._content = HMAC(keys.derive("content/1"), SHA256())
        self._request = keys.derive("request/1")
        self._blob = SealingKey(keys.derive("blob/1"))
        self._tags = hashlib.blake2b(key=keys.derive("blocking/1"), digest_size=8)
        self._rules: dict[str, hashlib.blake2b] = {}
        self._recipients: dict[str, bytes] = {}

    def address(self, ref: RecordRef) -> RecordAddress:
        key = ref.key.encode("utf-8", "surrogatepass")
        return RecordAddress(ref.source, _mac(self._address, b"".join((_bound(ref.source), len(key).to_bytes(4, "big"), key))))

    def content_mac(self, ref: RecordRef, raw: Attributes, treatment: str = "") -> bytes:
        parts = [ref.source, ref.key, treatment]
        for name in _in_order(tuple(raw)):
            parts += (name, raw[name])
        # The lengths before the texts make the message that of these parts and no others.
        return _mac(self._content, f"{_lengths(parts)};{''.join(parts)}".encode("utf-8", "surrogatepass"))

    def request_mac(self, body: bytes) -> bytes:
        return hmac.digest(self._request, body, "sha256")

    def block_tags(self, keys: Iterable[tuple[str, str]]) -> tuple[int, ...]:
        begun, tags = self._rules, []
        for rule, value in keys:
            mac = (begun.get(rule) or self._begin(rule)).copy()
            mac.update(value.encode("utf-8", "surrogatepass"))
            tags.append(mac.digest())
        return struct.unpack(f">{len(tags)}q", b"".join(tags))

    def _begin(self, rule: str) -> hashlib.blake2b:
        """Return the beginning of every tag of a rule, kept for the first ``_RULES_KEPT`` rules."""
        mac = self._tags.copy()
        mac.update(f"{len(rule)}:{rule}".encode("utf-8", "surrogatepass"))
        if len(self._rules) < _RULES_KEPT:
            self._rules[rule] = mac
        return mac

    def seal(
        self,
        record_id: RecordId,
        version: int,
        content: Personal[RecordContent],
        block_tags: tuple[int, ...],
        *,
        address: RecordAddress | None = None,
        content_mac: bytes | None = None,
        treatment: str = "",
    ) -> SealedVersion:
        record = content.reveal(self._access)
        address = address or self.address(record.ref)
        content_mac = content_mac or self.content_mac(record.ref, record.raw, treatment)
        return self.seal_all([Draft(record_id, version, content, block_tags, address, content_mac)])[0]

    def seal_all(self, drafts: Sequence[Draft]) -> list[SealedVersion]:
        # Step by step rather than record by record: code that runs again at once is still at hand.
        records = [draft.content.reveal(self._access) for draft in drafts]
        texts = [encode_content(record) for record in records]
        places = [
            _place(draft.record_id, draft.version, draft.address, draft.content_mac, record.standardiser)
            for draft, record in zip(drafts, records, strict=True)
        ]
        fresh = _data_keys(len(drafts))
        sealed = [
            SealingKey(data_key).seal(text, _VERSION_TABLE + place, nonce)
            for (data_key, nonce, _), text, place in zip(fresh, texts, places, strict=True)
        ]
        buckets = [draft.record_id.bytes[15] for draft in drafts]  # random bits of a UUIDv7
        current = [self._keys.current(bucket) for bucket in buckets]
        wrapped = [
            bucket_key.seal(data_key, _KEY_TABLE + place, nonce)
            for (_, bucket_key), (data_key, _, nonce), place in zip(current, fresh, places, strict=True)
        ]
        return [
            SealedVersion(
                draft.record_id,
                draft.address,
                draft.version,
                draft.content_mac,
                bucket,
                epoch,
                wrapped_key,
                ciphertext,
                record.standardiser,
                draft.block_tags,
            )
            for draft, record, bucket, (epoch, _), wrapped_key, ciphertext in zip(
                drafts, records, buckets, current, wrapped, sealed, strict=True
            )
        ]

    def unseal(self, versions: Sequence[SealedVersion]) -> list[Personal[RecordContent]]:
        try:
            contents = [self._unseal(version) for version in versions]
        except (NotOpenedError, ValueError, LookupError, TypeError, AttributeError, OverflowError):
            raise IdentityError(Reason.SEAL_BROKEN) from None
        return [Personal(content.standardised_by(self._standardiser)) for content in contents]

    def _unseal(self, version: SealedVersion) -> RecordContent:
        bucket_key = self._keys.at(version.bucket, version.epoch)
        if bucket_key is None or version.bucket != version.record_id.bytes[15]:
            raise NotOpenedError
        place = _place(version.record_id, version.version, version.address, version.content_mac, version.standardiser)
        data_key = SealingKey(bucket_key.open(version.wrapped_key, _KEY_TABLE + place))
        return decode_content(data_key.open(version.sealed, _VERSION_TABLE + place), version.address.source, version.standardiser)

    def seal_blob(self, kind: str, data: bytes) -> bytes:
        return self._blob.seal(data, bind(b"blob", kind.encode()))

    def unseal_blob(self, kind: str, sealed: bytes) -> bytes:
        try:
            return self._blob.open(sealed, bind(b"blob", kind.encode()))
        except NotOpenedError:
            raise IdentityError(Reason.SEAL_BROKEN) from None

    def pseudonym(self, recipient: str, identity_id: IdentityId) -> str:
        mac = hmac.digest(self._recipient_key(recipient), identity_id.bytes, "sha256")[:_PSEUDONYM_BYTES]
        return "p1_" + b32encode(mac).decode().lower()

    def _recipient_key(self, recipient: str) -> bytes:
        """Return the recipient's key, kept for the first ``_RECIPIENTS_KEPT`` recipients (deriving takes some 10 µs)."""
        key = self._recipients.get(recipient)
        if key is None:
            key = self._keys.derive(f"pseudonym/1/{recipient}")
            if len(self._recipients) < _RECIPIENTS_KEPT:
                self._recipients[recipient] = key
        return key

    def __repr__(self) -> str:
        return f"AesGcmSealer({self._keys!r})"


@lru_cache(maxsize=1024)
def _bound(source: str) -> bytes:
    """Return what ``bind`` makes of a source's name, of which there are few."""
    return bind(source.encode())


@lru_cache(maxsize=1024)
def _in_order(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names in their order; a source's records have few different sets of them."""
    return tuple(sorted(names))


def _lengths(parts: Iterable[str]) -> str:
    """Return the lengths of texts; looked up, since making the same few numbers into texts took as long as the MAC."""
    try:
        return ",".join([_DIGITS[len(part)] for part in parts])
    except IndexError:
        return ",".join([str(len(part)) for part in parts])


def _mac(keyed: HMAC, message: bytes) -> bytes:
    """Return the MAC under a key that was taken in before: a copy costs half of beginning anew."""
    mac = keyed.copy()
    mac.update(message)
    return mac.finalize()[:_MAC_BYTES]


def _data_keys(count: int) -> list[tuple[bytes, bytes, bytes]]:
    """Return that many fresh data keys, each with a nonce to seal under it and one to wrap it under."""
    noise = os.urandom(_NOISE_BYTES * count)
    each = [noise[start : start + _NOISE_BYTES] for start in range(0, len(noise), _NOISE_BYTES)]
    return [(one[:KEY_BYTES], one[KEY_BYTES:-NONCE_BYTES], one[-NONCE_BYTES:]) for one in each]


def _place(record_id: RecordId, version: int, address: RecordAddress, content_mac: bytes, standardiser: int) -> bytes:
    """Return what ``bind`` would for these parts, whose lengths are fixed but for the source's."""
    source = address.source.encode()
    if len(address.key_mac) != _MAC_BYTES or len(content_mac) != _MAC_BYTES:
        raise NotOpenedError
    return b"".join(
        (
            _LENGTH_16,
            record_id.bytes,
            _LENGTH_4,
            version.to_bytes(4, "big"),
            len(source).to_bytes(4, "big"),
            source,
            _LENGTH_16,
            address.key_mac,
            _LENGTH_16,
            content_mac,
            _LENGTH_4,
            standardiser.to_bytes(4, "big"),
        )
    )
