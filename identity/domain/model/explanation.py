"""What each comparison contributes to a pair's weights: names, labels and log2 odds, never a value."""

from __future__ import annotations

from typing import NamedTuple

from identity.domain.model.decision import household_weights
from identity.domain.model.declaration import Comparison, Role
from identity.domain.model.model import Model
from identity.domain.model.scorer import Score, level_weight


class Contribution(NamedTuple):
    """A comparison, the label of the level found, and its weight, term-frequency correction included."""

    comparison: str
    level: str
    weight: float


def contributions(model: Model, score: Score) -> tuple[Contribution, ...]:
    """Return what adds up, with the prior, to the match weight."""
    return tuple(
        Contribution(c.name, _label(c, gamma), _weight(model, c, gamma) + adjustment)
        for c, gamma, adjustment in zip(model.bundle.declaration.comparisons, score.gammas, score.adjustments, strict=True)
    )


def household_contributions(model: Model, score: Score) -> tuple[Contribution, ...]:
    """Return what adds up, with the household prior, to the household weight; neutral comparisons are left out."""
    return tuple(
        Contribution(
            c.name, _label(c, gamma), household_weights(c, model.bundle)[gamma + 1] + (adjustment if c.role is Role.HOUSEHOLD else 0.0)
        )
        for c, gamma, adjustment in zip(model.bundle.declaration.comparisons, score.gammas, score.adjustments, strict=True)
        if c.role is not Role.NEUTRAL
    )


def probability(weight: float) -> float:
    """Return the probability of log2 odds."""
    return 1.0 / (1.0 + 2.0**-weight) if weight > -1000 else 0.0  # noqa: PLR2004 - beyond, a float cannot tell it from 0


def _label(comparison: Comparison, gamma: int) -> str:
    return comparison.levels[0 if gamma < 0 else len(comparison.levels) - 1 - gamma].label


def _weight(model: Model, comparison: Comparison, gamma: int) -> float:
    if gamma < 0:
        return 0.0
    parameters = model.bundle.parameters[comparison.name][len(comparison.live) - 1 - gamma]
    return level_weight(parameters.m, parameters.u)
