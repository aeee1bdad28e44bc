"""What training tells of its work: numbers and level labels, never a value of a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from identity.domain.training.selection import RuleReport


@dataclass(frozen=True, slots=True)
class LevelReport:
    """A learnt level: its parameters, and the log2 weights same person : unrelated and same person : same household."""

    comparison: str
    label: str
    pairs: int
    m: float
    u: float
    h: float
    weight: float
    household_weight: float


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """A training run.

    ``records`` in all, of which ``sampled`` were compared. ``same_person_pairs``, ``household_pairs``: expected among all pairs of all
    records. Why the thresholds are what they are: ``expected_false_links`` is the share of the ``linked_pairs`` at the threshold, of which
    ``allowed_false_links`` may be, none with less than ``least_sure`` probability; ``reason`` says it in English, as the bundle keeps it.
    ``unlinkable``: share of records so poor that even an exact copy of them would not be linked. ``dropped``: (comparison, level) without
    evidence; ``absent``: columns left out. ``histogram``: (decision weight, pairs).
    """

    records: int
    sampled: int
    pairs: int
    same_person_pairs: int
    household_pairs: int
    match_prior: float
    rounds: int
    certain: float
    link: float
    hold: float
    review: float
    reason: str
    linked_pairs: int
    expected_false_links: float
    allowed_false_links: float
    least_sure: float
    unlinkable: float
    levels: tuple[LevelReport, ...]
    rules: tuple[RuleReport, ...]
    vetoes: tuple[str, ...]
    dropped: tuple[tuple[str, str], ...]
    absent: tuple[str, ...]
    histogram: tuple[tuple[float, float], ...]
    seconds: Mapping[str, float]
