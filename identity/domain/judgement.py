"""Judgements: decisions on a pair of records, human or rule, with author and time.

Rules
- ``SAME`` is a must-link, ``DIFFERENT`` a cannot-link; the newest judgement of a pair stands, older ones stay as history.
- A human's judgement beats a rule's; both beat the machine's edges.
- A judgement that contradicts what judgements of at least its authority already imply is refused when written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from identity.domain.source_record import RecordId


class Verdict(StrEnum):
    """What was decided about a pair."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"


class Authority(IntEnum):
    """Who decided; higher beats lower."""

    RULE = 1
    HUMAN = 2


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decision on a pair; ``left < right`` always (``pair`` orders them)."""

    left: RecordId
    right: RecordId
    verdict: Verdict
    authority: Authority
    author: str
    at: datetime


def pair(one: RecordId, other: RecordId) -> tuple[RecordId, RecordId]:
    """Order a pair canonically, so that (a, b) and (b, a) are the same pair."""
    return (one, other) if one < other else (other, one)
