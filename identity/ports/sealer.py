"""Sealing: what stands between a personal value and anyone who reads the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from identity.domain.attributes import Attributes, StandardAttributes
from identity.domain.personal import Personal
from identity.domain.source_record import IdentityId, RecordAddress, RecordId, RecordRef, SealedVersion


@dataclass(frozen=True, slots=True)
class RecordContent:
    """What is sealed of a record: its key, the attributes as given, and their standard form."""

    ref: RecordRef
    raw: Attributes
    standard: StandardAttributes
    standardiser: int


class Sealer(Protocol):
    """Seals and unseals record contents, and derives the keyed tags that storage may see.

    All methods are CPU-bound and synchronous. Every failure to unseal is one and the same error.
    """

    def address(self, ref: RecordRef) -> RecordAddress:
        """Return the keyed address of a record; equal refs give equal addresses."""
        ...

    def content_mac(self, ref: RecordRef, raw: Attributes) -> bytes:
        """Return 16 bytes that change when the record's attributes as given change."""
        ...

    def block_tags(self, keys: Iterable[tuple[str, str]]) -> tuple[int, ...]:
        """Return one signed 64-bit keyed tag for each (rule name, blocking value)."""
        ...

    def seal(self, record_id: RecordId, version: int, content: Personal[RecordContent], block_tags: tuple[int, ...]) -> SealedVersion:
        """Seal a record version under a fresh data key, bound to its id, version and address.

        Raises:
            IdentityError: ``KEY_RING_UNUSABLE`` if the bucket key cannot be had.
        """
        ...

    def unseal(self, versions: Sequence[SealedVersion]) -> list[Personal[RecordContent]]:
        """Unseal record versions, in order.

        Raises:
            IdentityError: ``SEAL_BROKEN``, the same for every cause (moved, altered, wrong key).
        """
        ...

    def pseudonym(self, recipient: str, identity_id: IdentityId) -> str:
        """Return the recipient's own pseudonym of an identity: stable, unlinkable across recipients."""
        ...
