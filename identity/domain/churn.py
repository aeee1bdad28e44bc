"""Churn: how much a plan disturbs what callers already rely on, and whether that is within budget.

Rules (DESIGN §4.5)
- An identity is established once it has two records: joining records that stood alone is growth, not churn.
- Merging two established identities and taking an established one apart both disturb it. A budget is the share of the established
  identities that one run may disturb; below ``FLOOR`` disturbed ones it never blocks, since shares of little mean little.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from identity.domain.errors import IdentityError, Reason
from identity.domain.source_record import IdentityId, RecordId
from identity.domain.unified_identity import AssignmentPlan

FLOOR = 100


@dataclass(frozen=True, slots=True)
class Churn:
    """What a plan changes, in identities but for ``moved`` (records that leave one identity for another).

    ``merged`` no longer stand because another took their records; ``split`` lost records to another identity without
    being merged whole; ``disturbed`` are the established ones among both; ``established`` is their number before.
    """

    created: int = 0
    revived: int = 0
    merged: int = 0
    split: int = 0
    moved: int = 0
    retired: int = 0
    quarantined: int = 0
    released: int = 0
    disturbed: int = 0
    established: int = 0


def churn(plan: AssignmentPlan, current: Mapping[RecordId, IdentityId]) -> Churn:
    """Count what a plan changes, given the current assignment of at least the records of every identity it touches."""
    size = Counter(current.values())
    left = {current[record] for record in plan.assigned if record in current}
    split = {identity for identity in left if identity not in plan.superseded}
    disturbed = {identity for identity in (*split, *plan.superseded) if size[identity] > 1}
    return Churn(
        created=len(plan.created),
        revived=len(plan.revived),
        merged=len(plan.superseded),
        split=len(split),
        moved=sum(record in current for record in plan.assigned),
        retired=len(plan.retired),
        quarantined=len(plan.quarantined),
        released=len(plan.released),
        disturbed=len(disturbed),
        established=sum(count > 1 for count in size.values()),
    )


def within_budget(counted: Churn, budget: float | None) -> bool:
    """Whether a plan's churn is acceptable. ``budget`` is a share of the established identities, None for no limit."""
    return budget is None or counted.disturbed < FLOOR or counted.disturbed <= budget * counted.established


def require_within_budget(counted: Churn, budget: float | None) -> None:
    """Accept a plan's churn.

    Raises:
        IdentityError: ``CHURN_OVER_BUDGET`` with the counts.
    """
    if budget is None or within_budget(counted, budget):
        return
    raise IdentityError(
        Reason.CHURN_OVER_BUDGET,
        disturbed=counted.disturbed,
        established=counted.established,
        merged=counted.merged,
        split=counted.split,
        moved=counted.moved,
        budget=budget,
    )
