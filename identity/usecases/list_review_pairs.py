"""List the pairs that wait for a steward, hardest first."""

from __future__ import annotations

from dataclasses import dataclass

from identity.domain.edge import EdgeGrade
from identity.domain.source_record import RecordId

DEFAULT_PAGE = 50
LARGEST_PAGE = 500


@dataclass(frozen=True, slots=True)
class ListReviewPairs:
    """One page of the queue. ``page_size`` 0 means 50, more than 500 is read as 500; ``page_token`` is the previous page's."""

    page_size: int = 0
    page_token: str = ""


@dataclass(frozen=True, slots=True)
class ReviewPair:
    """A pair the machine cannot decide: ids, source systems and weights (log2 odds), never values."""

    left: RecordId
    right: RecordId
    left_source: str
    right_source: str
    grade: EdgeGrade
    match_weight: float
    decision_weight: float


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Pairs, and where the next page begins (empty on the last one)."""

    pairs: tuple[ReviewPair, ...]
    next_page_token: str
