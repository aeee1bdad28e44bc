"""A standardisation with its version: what says of columns whether they are still those that would be made today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from identity.domain.attributes import Attributes, ComparisonKind, StandardAttributes
from identity.domain.standardise.record import STANDARDISER_VERSION, standardise


class Columns(Protocol):
    """Makes the standard columns of a record's attributes: pure and total (``identity.domain.standardise.standardise``)."""

    def __call__(
        self, raw: Attributes, extras: Mapping[str, ComparisonKind] = ..., formats: Mapping[str, str] = ..., /
    ) -> StandardAttributes: ...


@dataclass(frozen=True, slots=True)
class Standardiser:
    """How columns are made, and the version that this way of making them is known by."""

    version: int
    columns: Columns


STANDARDISER: Final = Standardiser(STANDARDISER_VERSION, standardise)
"""The one that this code has."""
