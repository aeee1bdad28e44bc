"""A sealer that hides nothing: fast, readable in a debugger, and held to the same suite as the real one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

from identity.domain.attributes import Attributes
from identity.domain.errors import IdentityError, Reason
from identity.domain.personal import Access, Personal
from identity.domain.source_record import IdentityId, RecordAddress, RecordId, RecordRef, SealedVersion
from identity.domain.standardise import STANDARDISER, Standardiser
from identity.ports.sealer import Draft, RecordContent


def _digest(*parts: object, size: int = 16) -> bytes:
    return hashlib.blake2b(repr(parts).encode("utf-8", "backslashreplace"), digest_size=size).digest()


class PlainSealer:
    """Keeps contents in memory; ``sealed`` is only a ticket for them, checked against where it was issued for."""

    def __init__(self, access: Access | None = None, standardiser: Standardiser = STANDARDISER) -> None:
        self._access = access or Access("tests")
        self._standardiser = standardiser
        self._kept: dict[bytes, tuple[tuple[object, ...], RecordContent]] = {}

    def address(self, ref: RecordRef) -> RecordAddress:
        return RecordAddress(ref.source, _digest("address", ref.source, ref.key))

    def content_mac(self, ref: RecordRef, raw: Attributes, treatment: str = "") -> bytes:
        return _digest("content", ref.source, ref.key, treatment, sorted(raw.items()))

    def request_mac(self, body: bytes) -> bytes:
        return _digest("request", body, size=32)

    def block_tags(self, keys: Iterable[tuple[str, str]]) -> tuple[int, ...]:
        return tuple(int.from_bytes(_digest("tag", rule, value, size=8), "big", signed=True) for rule, value in keys)

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
        ticket = _digest("sealed", record_id, version, address, content_mac, len(self._kept), size=32)
        self._kept[ticket] = ((record_id, version, address, content_mac, record.standardiser), record)
        return SealedVersion(record_id, address, version, content_mac, 0, 1, ticket[:8], ticket, record.standardiser, block_tags)

    def seal_all(self, drafts: Sequence[Draft]) -> list[SealedVersion]:
        return [
            self.seal(one.record_id, one.version, one.content, one.block_tags, address=one.address, content_mac=one.content_mac)
            for one in drafts
        ]

    def unseal(self, versions: Sequence[SealedVersion]) -> list[Personal[RecordContent]]:
        contents = []
        for version in versions:
            place, record = self._kept.get(version.sealed, ((), None))
            found = (version.record_id, version.version, version.address, version.content_mac, version.standardiser)
            if record is None or place != found or version.wrapped_key != version.sealed[:8] or (version.bucket, version.epoch) != (0, 1):
                raise IdentityError(Reason.SEAL_BROKEN)
            contents.append(Personal(record.standardised_by(self._standardiser)))
        return contents

    def seal_blob(self, kind: str, data: bytes) -> bytes:
        document = json.dumps([kind, data.hex()]).encode()
        return _digest(document) + document

    def unseal_blob(self, kind: str, sealed: bytes) -> bytes:
        if _digest(sealed[16:]) != sealed[:16] or json.loads(sealed[16:])[0] != kind:
            raise IdentityError(Reason.SEAL_BROKEN)
        return bytes.fromhex(json.loads(sealed[16:])[1])

    def pseudonym(self, recipient: str, identity_id: IdentityId) -> str:
        return "p1_" + _digest("pseudonym", recipient, identity_id, size=20).hex()[:32]
