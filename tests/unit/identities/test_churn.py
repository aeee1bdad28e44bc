"""What a plan disturbs, and when that is too much."""

from __future__ import annotations

from uuid import UUID

import pytest

from identity.domain.churn import FLOOR, Churn, churn, require_within_budget, within_budget
from identity.domain.errors import IdentityError, Reason
from identity.domain.source_record import IdentityId, RecordId
from identity.domain.unified_identity import AssignmentPlan

R = [RecordId(UUID(int=number)) for number in range(6)]
A, B, C = (IdentityId(UUID(int=100 + number)) for number in range(3))


def test_joining_records_that_stood_alone_disturbs_nothing() -> None:
    made = churn(AssignmentPlan(assigned={R[1]: A}, superseded={B: A}), {R[0]: A, R[1]: B})
    assert (made.merged, made.moved, made.disturbed, made.established) == (1, 1, 0, 0)


def test_merging_and_taking_apart_established_identities_is_counted() -> None:
    current = {R[0]: A, R[1]: A, R[2]: B, R[3]: B, R[4]: C, R[5]: C}
    fresh = IdentityId(UUID(int=9))
    made = churn(AssignmentPlan(created=(fresh,), assigned={R[2]: A, R[3]: A, R[5]: fresh}, superseded={B: A}), current)
    assert (made.created, made.merged, made.split, made.moved, made.established) == (1, 1, 1, 3, 3)
    assert made.disturbed == 2


def test_a_run_over_budget_is_refused_with_its_counts() -> None:
    counted = Churn(merged=FLOOR, disturbed=FLOOR, established=2 * FLOOR)
    require_within_budget(counted, 0.5)
    require_within_budget(counted, None)
    assert not within_budget(counted, 0.49)
    with pytest.raises(IdentityError) as refused:
        require_within_budget(counted, 0.49)
    assert refused.value.reason is Reason.CHURN_OVER_BUDGET
    assert refused.value.facts["disturbed"] == FLOOR


def test_few_disturbed_identities_never_block() -> None:
    assert within_budget(Churn(disturbed=FLOOR - 1, established=FLOOR - 1), 0.01)
