"""Sealing: what stands between a personal value and anyone who reads the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol

from identity.domain.attributes import Assurance, Attributes, ComparisonKind, StandardAttributes
from identity.domain.personal import Personal
from identity.domain.source_record import IdentityId, RecordAddress, RecordId, RecordRef, SealedVersion
from identity.domain.standardise import Standardiser

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class RecordContent(NamedTuple):
    """What is sealed of a record: its key, the attributes as given, and their standard form.

    ``extras`` says how each declared extra (``x_<name>``) is compared; ``assurance`` what the source vouches for
    (an attribute without an entry is declared); ``formats`` how dates are written, where the source declared it. Each only of
    attributes that the record has: with ``raw`` they are all that making the standard form takes.
    """

    ref: RecordRef
    raw: Attributes
    standard: StandardAttributes
    standardiser: int
    extras: Mapping[str, ComparisonKind] = _NOTHING
    assurance: Mapping[str, Assurance] = _NOTHING
    formats: Mapping[str, str] = _NOTHING

    def standardised_by(self, standardiser: Standardiser) -> RecordContent:
        """Return the content with the standard form that this standardiser makes; as it is, if it is of that version already."""
        if self.standardiser == standardiser.version:
            return self
        standard = standardiser.columns(self.raw, self.extras, self.formats)
        return self._replace(standard=standard, standardiser=standardiser.version)


class Draft(NamedTuple):
    """A record version that is to be sealed, under its address and content MAC."""

    record_id: RecordId
    version: int
    content: Personal[RecordContent]
    block_tags: tuple[int, ...]
    address: RecordAddress
    content_mac: bytes


class Sealer(Protocol):
    """Seals and unseals record contents, and derives the keyed tags that storage may see.

    All methods are CPU-bound and synchronous. Every failure to unseal is one and the same error.
    """

    def address(self, ref: RecordRef) -> RecordAddress:
        """Return the keyed address of a record; equal refs give equal addresses."""
        ...

    def content_mac(self, ref: RecordRef, raw: Attributes, treatment: str = "") -> bytes:
        """Return 16 bytes that change when the record's attributes as given change, or how they are read.

        ``treatment`` names what reading them depends on (standardiser version, date formats, kinds of extras): a corrected
        mapping then makes new versions of records whose values are the same.
        """
        ...

    def block_tags(self, keys: Iterable[tuple[str, str]]) -> tuple[int, ...]:
        """Return one signed 64-bit keyed tag for each (rule name, blocking value)."""
        ...

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
        """Seal a record version under a fresh data key, bound to its id, version and address.

        ``address`` and ``content_mac`` may be handed in when they are known already; otherwise they are computed.

        Raises:
            IdentityError: ``KEY_RING_UNUSABLE`` if the bucket key cannot be had.
        """
        ...

    def seal_all(self, drafts: Sequence[Draft]) -> list[SealedVersion]:
        """Seal record versions as ``seal`` does each, in order; many at once take two thirds of the time.

        Raises:
            IdentityError: ``KEY_RING_UNUSABLE`` if a bucket key cannot be had.
        """
        ...

    def unseal(self, versions: Sequence[SealedVersion]) -> list[Personal[RecordContent]]:
        """Unseal record versions, in order, in the standard form of the running standardiser whichever version they were sealed under.

        Whoever compares records reads them here, batch and online alike, so that no two are ever compared in forms of different
        versions. Attributes as given are the truth and the standard form is derived, so this holds for a newer version too (ADR 13).

        Raises:
            IdentityError: ``SEAL_BROKEN``, the same for every cause (moved, altered, wrong key).
        """
        ...

    def pseudonym(self, recipient: str, identity_id: IdentityId) -> str:
        """Return the recipient's own pseudonym of an identity: stable, unlinkable across recipients."""
        ...

    def request_mac(self, body: bytes) -> bytes:
        """Return 32 keyed bytes that tell whether a repeated request has the same body."""
        ...

    def seal_blob(self, kind: str, data: bytes) -> bytes:
        """Seal a document that belongs to no record (a bundle), bound to its ``kind``."""
        ...

    def unseal_blob(self, kind: str, sealed: bytes) -> bytes:
        """Unseal a document of that kind.

        Raises:
            IdentityError: ``SEAL_BROKEN``, the same for every cause.
        """
        ...
