"""Link everything in one batch: unseal, predict, cluster, carry ids over, publish at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from identity.domain.churn import Churn
from identity.domain.edge import EdgeGrade
from identity.domain.quarantine import QuarantineReason

DEFAULT_CHURN_BUDGET = 0.25


@dataclass(frozen=True, slots=True)
class LinkBatch:
    """Reconcile all records. ``dry_run`` reports what would change and changes nothing; ``churn_budget`` is the share of the established
    identities (two records or more) that the run may disturb, None for no limit. A dry run is never refused for churn.
    """

    dry_run: bool = False
    churn_budget: float | None = DEFAULT_CHURN_BUDGET


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What a batch link found and did. Counts and seconds; no ids, no values.

    ``identities_before`` and ``identities_after`` count identities with records. ``within_budget`` tells whether churn would be accepted.
    ``reassigned``: records that came in or changed while the batch ran, whose own assignment was kept.
    """

    bundle: str
    dry_run: bool
    records: int
    withheld: int
    candidate_pairs: int
    edges: Mapping[EdgeGrade, int]
    truncated_blocks: int
    truncated_records: int
    identities_before: int
    identities_after: int
    churn: Churn
    within_budget: bool
    quarantined: Mapping[QuarantineReason, int] = field(default_factory=dict)
    reassigned: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LinkProgress:
    """How far a batch link is. Stages: ``unsealing``, ``loading``, ``scoring``, ``clustering``, ``publishing``. ``total`` 0: not known."""

    stage: str
    done: int
    total: int
