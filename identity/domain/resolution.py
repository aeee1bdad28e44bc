"""Grading an answer: from what fits a query to how sure we are (DESIGN §4.6).

Rules
- A query fits an identity as well as it fits the identity's best record: the evidence of batch, pair by pair.
- One identity at or above the link threshold, alone: ``certain`` or ``probable``. Two or more at or above it, or none but several
  at or above review: ``ambiguous``, with all of them; never a silent pick. One below link: ``possible``.
- A quarantined identity is not published: it is in the running, but nothing of it is told, and it makes no answer surer than ``possible``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from identity.domain.model.bundle import Thresholds
from identity.domain.model.scorer import Score
from identity.domain.source_record import IdentityId


class ResolveGrade(StrEnum):
    """How sure the answer is."""

    CERTAIN = "certain"
    PROBABLE = "probable"
    POSSIBLE = "possible"
    AMBIGUOUS = "ambiguous"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a query fits an identity: the score against its best record."""

    identity: IdentityId
    decision_weight: float
    score: Score
    quarantined: bool = False


@dataclass(frozen=True, slots=True)
class Graded:
    """A grade with the fits that may be told, best first; ``quarantined`` if one that counted may not."""

    grade: ResolveGrade
    fits: tuple[Fit, ...]
    quarantined: bool = False


def grade(fits: Sequence[Fit], thresholds: Thresholds) -> Graded:
    """Grade the fits of a query, one for each identity, all at or above the review threshold."""
    ranked = sorted(fits, key=lambda fit: (-fit.decision_weight, fit.identity))
    if not ranked:
        return Graded(ResolveGrade.NONE, ())
    linked = [fit for fit in ranked if fit.decision_weight >= thresholds.link]
    meant = linked or ranked
    told = tuple(fit for fit in meant if not fit.quarantined)
    held = len(told) < len(meant)
    if len(meant) > 1:
        return Graded(ResolveGrade.AMBIGUOUS, told, held)
    if held or not linked:
        return Graded(ResolveGrade.POSSIBLE, told, held)
    sure = ResolveGrade.CERTAIN if meant[0].decision_weight >= thresholds.certain else ResolveGrade.PROBABLE
    return Graded(sure, told)
