"""Assigning in real time: which pairs a record makes, and what each pair is worth under a bundle.

Rules
- Candidates are the records that share a blocking key; a block larger than the cap contributes no pair, in batch and in real time.
- An edge is kept exactly when batch keeps it: at or above the review threshold by decision weight, or a veto at or above it by match
  weight (``identity.ports.linker``). So records fed one at a time give the edges of one batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations

from identity.domain.attributes import StandardAttributes
from identity.domain.edge import Edge, EdgeGrade
from identity.domain.judgement import pair
from identity.domain.model.bundle import Bundle
from identity.domain.model.decision import Decider
from identity.domain.model.scorer import Encoded, Scorer
from identity.domain.source_record import RecordId


class Matcher:
    """Turns pairs of records into edges under one bundle."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.cap = bundle.declaration.blocking.cap
        self._scorer = Scorer(bundle)
        self._decider = Decider(bundle)

    def encode(self, standard: StandardAttributes) -> Encoded:
        """Derive what scoring needs from a record, once."""
        return self._scorer.encode(standard)

    def edge(self, left: RecordId, right: RecordId, encoded: Mapping[RecordId, Encoded]) -> Edge | None:
        """Score a pair, ``left < right``; None if it is not worth keeping."""
        score = self._scorer.score(encoded[left], encoded[right])
        decision = self._decider.decide(score.pattern, score.match_weight, score.household_adjustment)
        if decision.grade is None:
            return None
        if decision.grade is EdgeGrade.VETO and score.match_weight < self.bundle.thresholds.review:
            return None
        return Edge(left, right, score.match_weight, decision.decision_weight, decision.grade)


def pairs_of(new: Iterable[RecordId], blocks: Mapping[RecordId, Iterable[Iterable[RecordId]]]) -> set[tuple[RecordId, RecordId]]:
    """Return the pairs that new records make with the records of their blocks."""
    return {pair(record, other) for record in new for block in blocks.get(record, ()) for other in block if other != record}


def pairs_within(blocks: Iterable[Iterable[RecordId]]) -> set[tuple[RecordId, RecordId]]:
    """Return the pairs that share a block."""
    return {found for block in blocks for found in combinations(sorted(block), 2)}
