"""Judgements that contradict are refused when they are written."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from identity.domain.errors import IdentityError, Reason
from identity.domain.judgement import Authority, Judgement, Verdict
from identity.domain.judging import require_consistent
from identity.domain.source_record import RecordId

AT = datetime(2026, 1, 1, tzinfo=UTC)
SAME, DIFFERENT, UNSURE = Verdict.SAME, Verdict.DIFFERENT, Verdict.UNSURE
HUMAN, RULE = Authority.HUMAN, Authority.RULE


def said(left: int, right: int, verdict: Verdict, authority: Authority = HUMAN) -> Judgement:
    return Judgement(RecordId(UUID(int=left)), RecordId(UUID(int=right)), verdict, authority, "steward", AT)


@pytest.mark.parametrize(
    ("new", "standing"),
    [
        (said(1, 3, DIFFERENT), [said(1, 2, SAME), said(2, 3, SAME)]),
        (said(1, 3, SAME), [said(1, 2, SAME), said(2, 3, DIFFERENT)]),
        (said(1, 4, SAME), [said(1, 2, SAME), said(2, 3, DIFFERENT), said(3, 4, SAME)]),
        (said(1, 2, SAME, RULE), [said(1, 2, DIFFERENT, HUMAN)]),
        (said(1, 2, UNSURE, RULE), [said(1, 2, SAME, HUMAN)]),
    ],
)
def test_what_standing_judgements_deny_is_refused(new: Judgement, standing: list[Judgement]) -> None:
    with pytest.raises(IdentityError) as refused:
        require_consistent(new, standing)
    assert refused.value.reason is Reason.JUDGEMENT_CONTRADICTS
    assert set(refused.value.facts) == {"left_record_id", "right_record_id"}


@pytest.mark.parametrize(
    ("new", "standing"),
    [
        (said(1, 2, DIFFERENT), [said(1, 2, SAME)]),
        (said(1, 2, SAME), [said(1, 2, DIFFERENT), said(2, 3, SAME)]),
        (said(1, 3, DIFFERENT), [said(1, 2, SAME), said(2, 3, DIFFERENT)]),
        (said(1, 3, SAME, HUMAN), [said(1, 2, SAME, HUMAN), said(2, 3, DIFFERENT, RULE)]),
        (said(1, 3, DIFFERENT, HUMAN), [said(1, 2, SAME, RULE), said(2, 3, SAME, HUMAN)]),
        (said(1, 2, UNSURE), [said(1, 2, SAME)]),
    ],
)
def test_what_they_allow_or_a_higher_authority_says_is_accepted(new: Judgement, standing: list[Judgement]) -> None:
    require_consistent(new, standing)


def test_nobody_judges_a_record_against_itself() -> None:
    with pytest.raises(IdentityError) as refused:
        require_consistent(said(1, 1, SAME), [])
    assert refused.value.reason is Reason.JUDGEMENT_ON_ITSELF
