"""Split an identity: take records out into one of their own, and keep the parts apart for good."""

from __future__ import annotations

from dataclasses import dataclass

from identity.domain.churn import Churn
from identity.domain.source_record import IdentityId, RecordId


@dataclass(frozen=True, slots=True)
class SplitIdentity:
    """Take these records out of this current identity: at least one, and not all."""

    identity_id: IdentityId
    record_ids: tuple[RecordId, ...]
    author: str


@dataclass(frozen=True, slots=True)
class IdentitySplit:
    """The identities that now hold the records: first the one of those taken out, then the others."""

    identities: tuple[IdentityId, ...]
    churn: Churn
