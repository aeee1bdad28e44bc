"""Invented evidence for training: agreement patterns drawn from classes that the test knows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identity.domain.model.declaration import Role
from identity.domain.training.patterns import Floats, Patterns, RandomPairs, Shape

PERSON, HOUSEHOLD = Role.PERSON, Role.HOUSEHOLD


@dataclass(frozen=True)
class Field:
    """A comparison with levels *otherwise*, *close*, *exact*: P(level | same person), | same household, | unrelated."""

    name: str
    role: Role
    m: tuple[float, float, float]
    h: tuple[float, float, float]
    u: tuple[float, float, float]


FIELDS = (
    Field("given_name", PERSON, (0.01, 0.09, 0.90), (0.985, 0.005, 0.01), (0.99, 0.005, 0.005)),
    Field("birth_date", PERSON, (0.01, 0.05, 0.94), (0.979, 0.001, 0.02), (0.9985, 0.001, 0.0005)),
    Field("sex", PERSON, (0.01, 0.01, 0.98), (0.5, 0.01, 0.49), (0.5, 0.01, 0.49)),
    Field("surname", HOUSEHOLD, (0.02, 0.08, 0.90), (0.15, 0.05, 0.80), (0.994, 0.005, 0.001)),
    Field("address", HOUSEHOLD, (0.15, 0.05, 0.80), (0.05, 0.05, 0.90), (0.9985, 0.001, 0.0005)),
    Field("email", HOUSEHOLD, (0.15, 0.02, 0.83), (0.85, 0.02, 0.13), (0.9999, 0.00005, 0.00005)),
)
RECORDS = 5_000


def shapes(fields: tuple[Field, ...] = FIELDS) -> tuple[Shape, ...]:
    """Return the fields as the classes know them; no term frequencies."""
    plain = (False, False, False)
    return tuple(Shape(field.name, field.role, 3, (0, 1, 2), (0.0, 0.0, 0.0), plain) for field in fields)


def evidence(
    persons: int, homes: int, *, fields: tuple[Field, ...] = FIELDS, missing: float = 0.2, seed: int = 1
) -> tuple[Patterns, RandomPairs]:
    """Return what counting would find among ``RECORDS`` records with so many same-person and household pairs.

    Every such pair is found, and of the unrelated ones those that agree in some field that identifies.
    """
    rng = np.random.default_rng(seed)
    all_pairs = RECORDS * (RECORDS - 1) // 2
    unrelated = all_pairs - persons - homes
    drawn = [
        _draw(rng, persons, [f.m for f in fields]),
        _draw(rng, homes, [f.h for f in fields]),
        _draw(rng, unrelated // 20, [f.u for f in fields]),
    ]
    levels = np.concatenate(drawn)
    counts = np.concatenate([np.ones(persons), np.ones(homes), np.full(unrelated // 20, 20.0)])
    shares, comparable = [], []
    for number in range(len(fields)):
        weights = np.bincount(levels[:, number], weights=counts, minlength=3)
        shares.append(weights / weights.sum())
        comparable.append(1.0 - missing)
    levels[rng.random(levels.shape) < missing] = -1
    found = (levels == 2).sum(axis=1) >= 1
    patterns, inverse = np.unique(levels[found], axis=0, return_inverse=True)
    total = np.bincount(inverse.ravel(), weights=counts[found])
    nothing, mask = np.zeros(len(total)), np.ones(len(total), dtype=np.int64)
    return Patterns(patterns, total, nothing, nothing, mask, mask), RandomPairs(tuple(shares), tuple(comparable), float(all_pairs))


def _draw(rng: np.random.Generator, count: int, by_field: list[tuple[float, float, float]]) -> NDArray[np.int64]:
    columns: list[Floats] = [rng.choice(3, size=count, p=probabilities) for probabilities in by_field]
    return np.stack(columns, axis=1).astype(np.int64) if count else np.empty((0, len(by_field)), dtype=np.int64)
