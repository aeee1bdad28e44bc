"""Unified identities: durable claims that some records are one person.

Rules
- Link, never merge: an identity is a set of assignments (record → identity) valid over time; records never change.
- Every live record has exactly one current identity. A deleted record has none.
- An id is never reused for other people. A superseded id redirects; a split one says into what; a retired one
  (all its records deleted) says so.
- ``AssignmentPlan`` is the whole difference a decision makes; storage applies it atomically or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from identity.domain.source_record import IdentityId, RecordId


class IdentityState(StrEnum):
    """Whether an identity's id still stands for itself."""

    CURRENT = "current"
    SUPERSEDED = "superseded"  # merged: ``superseded_by`` answers instead
    SPLIT = "split"  # ``split_into`` answers; resolve again by record
    RETIRED = "retired"  # all its records were deleted


class Cause(StrEnum):
    """Why an assignment changed."""

    INGEST = "ingest"
    ONLINE_LINK = "online-link"
    BATCH_LINK = "batch-link"
    JUDGEMENT = "judgement"
    SPLIT = "split"
    DELETION = "deletion"


@dataclass(frozen=True, slots=True)
class UnifiedIdentity:
    """An identity as it stands. ``quarantined`` clusters are held back from release until a steward looks."""

    identity_id: IdentityId
    state: IdentityState
    created_at: datetime
    superseded_by: IdentityId | None = None
    split_into: tuple[IdentityId, ...] = ()
    quarantined: bool = False


@dataclass(frozen=True, slots=True)
class AssignmentPlan:
    """What changes, all at once.

    ``created`` are new ids to bring into being; ``revived`` are superseded or split ids that stand for
    themselves again; ``assigned`` maps each record that moves to its new identity (records that stay are
    absent); ``unassigned`` are deleted records; ``superseded`` maps a merged id to its survivor, ``split`` an
    id that no longer stands to its parts; ``retired`` ids lost their last record;
    ``quarantined`` and ``released`` change only that mark.
    """

    created: tuple[IdentityId, ...] = ()
    revived: tuple[IdentityId, ...] = ()
    assigned: Mapping[RecordId, IdentityId] = field(default_factory=dict)
    unassigned: tuple[RecordId, ...] = ()
    superseded: Mapping[IdentityId, IdentityId] = field(default_factory=dict)
    split: Mapping[IdentityId, tuple[IdentityId, ...]] = field(default_factory=dict)
    retired: tuple[IdentityId, ...] = ()
    quarantined: tuple[IdentityId, ...] = ()
    released: tuple[IdentityId, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether the plan changes nothing."""
        return not any(
            (
                self.created,
                self.revived,
                self.assigned,
                self.unassigned,
                self.superseded,
                self.split,
                self.retired,
                self.quarantined,
                self.released,
            )
        )


@dataclass(frozen=True, slots=True)
class Assignment:
    """One interval of a record's life in an identity: why it began and, unless it is current (``valid_to`` None), why it ended."""

    record_id: RecordId
    identity_id: IdentityId
    valid_from: datetime
    valid_to: datetime | None
    cause: Cause
    end_cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class IdentityEvent:
    """Something that happened to an identity, for its history: created, superseded, split, revived, retired, quarantined, released."""

    identity_id: IdentityId
    kind: str
    at: datetime
    cause: Cause
    others: tuple[IdentityId, ...] = ()
