"""Explain why two records were linked, held apart or left alone: weights, never values."""

from __future__ import annotations

from dataclasses import dataclass

from identity.domain.edge import EdgeGrade
from identity.domain.source_record import RecordId, RecordRef
from identity.ports.purpose_gate import Use
from identity.usecases.resolve_identity import MatchReason


@dataclass(frozen=True, slots=True)
class ExplainMatch:
    """Why do these two records match, or not? Records are named by our id (as the review queue does) or by their source key."""

    use: Use
    left: RecordId | RecordRef
    right: RecordId | RecordRef


@dataclass(frozen=True, slots=True)
class Explanation:
    """How the pair's weights come about.

    ``prior`` and ``reasons`` add up to ``match_weight`` (a reason's weight includes its term-frequency correction);
    ``household_prior`` and ``household_reasons`` to ``household_weight``. ``grade`` None: below review. ``veto`` names a contradiction.
    ``blocked_together``: whether the two share a blocking key, without which no run would look at the pair.
    """

    match_weight: float
    decision_weight: float
    match_probability: float
    household_weight: float
    prior: float
    household_prior: float
    reasons: tuple[MatchReason, ...]
    household_reasons: tuple[MatchReason, ...]
    grade: EdgeGrade | None
    veto: str | None
    same_identity: bool
    blocked_together: bool
    bundle: str
    warnings: tuple[str, ...] = ()
