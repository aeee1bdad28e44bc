"""Record status: is it there, in which version, and in which identity."""

from __future__ import annotations

from dataclasses import dataclass

from identity.domain.source_record import IdentityId, RecordId, RecordRef


@dataclass(frozen=True, slots=True)
class GetRecordStatus:
    """Tell how a record stands."""

    ref: RecordRef


@dataclass(frozen=True, slots=True)
class RecordStatus:
    """How a record stands. ``identity_id`` is None once it is deleted."""

    record_id: RecordId
    version: int
    deleted: bool
    identity_id: IdentityId | None
