"""Assign records: link new and changed records to identities at once, inside the transaction that stores them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from identity.domain.churn import Churn
from identity.domain.source_record import IdentityId, RecordId


@dataclass(frozen=True, slots=True)
class RecordsAssigned:
    """What assigning did. ``identities`` maps each record given to its identity; ``truncated_keys`` counts blocking keys over the cap;
    ``deferred``: the records' surroundings were too large for real time, the batch link will look at them."""

    identities: Mapping[RecordId, IdentityId]
    churn: Churn = field(default_factory=Churn)
    candidate_pairs: int = 0
    edges: int = 0
    truncated_keys: int = 0
    deferred: bool = False
