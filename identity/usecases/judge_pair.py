"""Judge a pair: a steward's or a rule's decision, kept for good and acted on at once."""

from __future__ import annotations

from dataclasses import dataclass

from identity.domain.churn import Churn
from identity.domain.judgement import Authority, Judgement, Verdict
from identity.domain.source_record import IdentityId, RecordId, RecordRef


@dataclass(frozen=True, slots=True)
class JudgePair:
    """These two are, or are not, one person. Records are named by our id or by their source key; ``author`` is an authenticated name."""

    left: RecordId | RecordRef
    right: RecordId | RecordRef
    verdict: Verdict
    author: str
    authority: Authority = Authority.HUMAN


@dataclass(frozen=True, slots=True)
class PairJudged:
    """The judgement as it stands (its ends in canonical order), the identities of the records as the command named them, and what changed."""

    judgement: Judgement
    left_identity: IdentityId
    right_identity: IdentityId
    churn: Churn
