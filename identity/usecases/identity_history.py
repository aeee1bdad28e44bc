"""The history of an identity: every id ever issued answers, as of any time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from identity.domain.source_record import IdentityId
from identity.domain.unified_identity import Assignment, IdentityEvent, UnifiedIdentity


@dataclass(frozen=True, slots=True)
class GetIdentityHistory:
    """What happened to this id, up to ``as_of`` (None: now)?"""

    identity_id: IdentityId
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class IdentityHistoryAnswer:
    """The identity as it stood, its assignments and events up to then (oldest first), and the current ids that answer for it today:
    itself, its survivor, its parts, or none if it was retired."""

    identity: UnifiedIdentity
    assignments: tuple[Assignment, ...]
    events: tuple[IdentityEvent, ...]
    answered_by: tuple[IdentityId, ...]
