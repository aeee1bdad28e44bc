"""Source records: what a silo holds about somebody, and the ids we mint for it.

Rules
- A source record is (source system, record key) plus attributes; it is immutable and versioned.
- ``RecordId`` and ``IdentityId`` are random UUIDv7 (RFC 9562), minted by us, never derived from
  personal data and never reused; they may appear in logs and answers, a record key may not.
- What a bulk load makes of each record is a ``NamedTuple``: a frozen dataclass takes thrice as long to make.
- The database knows a record by its ``RecordAddress``: the source and a keyed MAC of the record key,
  because a silo's key can itself be personal (an e-mail address, a customer number).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple, NewType
from uuid import UUID

RecordId = NewType("RecordId", UUID)
IdentityId = NewType("IdentityId", UUID)

SOURCE_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,62}")
"""What a source system may be called, wherever it is named."""


class RecordRef(NamedTuple):
    """How the outside world names a source record: ``crm:42``. The key never shows in ``repr``."""

    source: str
    key: str

    def __repr__(self) -> str:
        return f"RecordRef(source={self.source!r})"


class RecordAddress(NamedTuple):
    """How storage names a source record: ``key_mac`` is 16 bytes, keyed, over (source, record key)."""

    source: str
    key_mac: bytes


class SealedVersion(NamedTuple):
    """One immutable version of a source record, as storage holds it.

    ``bucket`` and ``epoch`` say which bucket key wraps ``wrapped_key``; ``sealed`` is the record's payload
    under its own data key. ``content_mac`` (16 bytes, keyed) tells an unchanged record from a changed
    one without unsealing. ``block_keys`` are keyed 64-bit tags, signed, one per blocking rule that applies.
    """

    record_id: RecordId
    address: RecordAddress
    version: int
    content_mac: bytes
    bucket: int
    epoch: int
    wrapped_key: bytes
    sealed: bytes
    standardiser: int
    block_keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RecordHead:
    """The newest version of a record, without its content. ``version`` counts from 1."""

    record_id: RecordId
    address: RecordAddress
    version: int
    content_mac: bytes
    deleted: bool
