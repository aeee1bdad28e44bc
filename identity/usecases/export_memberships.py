"""Export memberships: which source record belongs to which identity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from identity.domain.source_record import IdentityId, RecordRef


@dataclass(frozen=True, slots=True)
class Membership:
    """One source record and its identity. The record key may itself be personal: it goes to the owner's file and nowhere else."""

    ref: RecordRef
    identity_id: IdentityId


class MembershipSink(Protocol):
    """Takes memberships in record id order. ``begin`` starts over: the export may be run again after a lost connection."""

    def begin(self) -> None: ...
    def write(self, memberships: Sequence[Membership]) -> None: ...
