"""Assigning in real time: which pairs a record makes, and what each pair is worth under a model.

Rules
- Candidates are the records that share a blocking key; a block larger than the cap contributes no pair, in batch and in real time.
- An edge is kept exactly when batch keeps it: at or above the review threshold by decision weight, or a veto at or above it by match
  weight (``identity.ports.linker``). So records fed one at a time give the edges of one batch.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

from identity.domain.edge import Edge, EdgeGrade
from identity.domain.judgement import pair
from identity.domain.model.model import Model
from identity.domain.model.scorer import Encoded
from identity.domain.source_record import RecordId, SealedVersion

Pair: TypeAlias = tuple[RecordId, RecordId]


def scored(left: RecordId, right: RecordId, encoded: Mapping[RecordId, Encoded], model: Model) -> Edge | None:
    """Score a pair, ``left < right``; None if it is not worth keeping."""
    score = model.scorer.score(encoded[left], encoded[right])
    decision = model.decider.decide(score.pattern, score.match_weight, score.household_adjustment)
    if decision.grade is None:
        return None
    if decision.grade is EdgeGrade.VETO and score.match_weight < model.bundle.thresholds.review:
        return None
    return Edge(left, right, score.match_weight, decision.decision_weight, decision.grade)


def candidate_pairs(new: Iterable[SealedVersion], blocks: Mapping[int, Collection[RecordId]]) -> set[Pair]:
    """Return the pairs that new records make with the records of their blocks."""
    return {
        pair(version.record_id, other)
        for version in new
        for key in version.block_keys
        for other in blocks.get(key, ())
        if other != version.record_id
    }
