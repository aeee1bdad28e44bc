"""Batch prediction: every pair of records that share a blocking key, scored and decided."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from identity.domain.attributes import StandardAttributes
from identity.domain.edge import Edge
from identity.domain.model.bundle import Bundle
from identity.domain.source_record import RecordId


@dataclass(frozen=True, slots=True)
class LinkerRow:
    """A record as the linker sees it. ``standard`` is personal: it leaves the process only through a pipe to the worker."""

    record_id: RecordId
    block_tags: tuple[int, ...]
    standard: StandardAttributes


@dataclass(frozen=True, slots=True)
class LinkerProgress:
    """How far a run is: ``done`` of ``total`` in ``stage`` (``loading``: records; ``scoring``: blocked pairs). ``total`` 0: not known."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a run found.

    ``edges``: pairs at or above the review threshold by decision weight, and vetoes at or above it by match weight, each pair once.
    ``truncated_blocks`` blocks (of ``truncated_records`` records in the largest) exceeded the cap and contributed nothing.
    """

    edges: list[Edge]
    records: int
    pairs: int
    truncated_blocks: int
    truncated_records: int


class Linker(Protocol):
    """Predicts edges under a bundle. Same pairs, same weights as the Python scorer (``identity.domain.model.scorer``)."""

    async def predict(
        self, rows: AsyncIterable[Sequence[LinkerRow]], *, bundle: Bundle, progress: Callable[[LinkerProgress], None] | None = None
    ) -> Prediction:
        """Read all rows, then predict. Nothing is kept afterwards, whatever happens.

        Raises:
            IdentityError: ``LINKER_FAILED`` with facts (``why``: ``out-of-memory``, ``killed``, …; never a value).
        """
        ...
