"""Training: a linkage model from records, without labels."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from identity.domain.attributes import ComparisonKind, StandardAttributes
from identity.domain.training.assembly import Trained


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """A record as training sees it, and how its extra attributes are compared. ``standard`` is personal."""

    standard: StandardAttributes
    extras: Mapping[str, ComparisonKind]


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """How far a run is. Stages: ``loading`` (records), ``blocking``, ``comparing``, ``learning``; ``total`` 0: not known."""

    stage: str
    done: int
    total: int


class Trainer(Protocol):
    """Learns a model that fits the records."""

    async def train(
        self,
        rows: AsyncIterable[Sequence[TrainingRow]],
        *,
        name: str,
        standardiser: int,
        progress: Callable[[TrainingProgress], None] | None = None,
    ) -> Trained:
        """Read all rows, then learn. Nothing is kept afterwards, whatever happens. Equal records in equal order give an equal bundle.

        Raises:
            IdentityError: ``NOT_ENOUGH_DATA``, ``MODEL_NOT_TRAINED``, or ``LINKER_FAILED`` if the worker failed.
        """
        ...
