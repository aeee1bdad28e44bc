"""Edges: what the machine found about a pair of records.

Rules
- ``match_weight`` is the linkage model's log2 odds (same person : unrelated), the number Splink would give;
  ``decision_weight`` is what is left of it once the household explanation is weighed in (log2 odds of same person :
  anything else), and it alone is compared with thresholds. ``decision_weight <= match_weight``.
- ``EdgeGrade`` is decided by one pure function, used alike by batch and real time.
- Edges are stored only from the review threshold upwards, plus vetoes inside a cluster's reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from identity.domain.source_record import RecordId


class EdgeGrade(StrEnum):
    """What an edge is worth to clustering."""

    LINK = "link"  # at or above T_hi
    HOLD = "hold"  # between T_lo and T_hi: keeps an existing link (hysteresis), makes no new one
    REVIEW = "review"  # between the review threshold and T_lo: a steward looks
    VETO = "veto"  # evidence of two persons: never in one cluster by the machine's will


@dataclass(frozen=True, slots=True)
class Edge:
    """A scored pair, ``left < right``; weights in log2 odds."""

    left: RecordId
    right: RecordId
    match_weight: float
    decision_weight: float
    grade: EdgeGrade
