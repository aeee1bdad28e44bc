"""A standardisation with its version: what says of columns whether they are still those that would be made today."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from identity.domain.attributes import Attributes, ComparisonKind, StandardAttributes
from identity.domain.standardise.record import STANDARDISER_VERSION, Given, standardise_all


@dataclass(frozen=True, slots=True)
class Standardiser:
    """How the standard columns of records are made (pure, total, each record apart), and the version that this way is known by."""

    version: int
    all_columns: Callable[[Sequence[Given]], list[StandardAttributes]]

    def columns(self, raw: Attributes, extras: Mapping[str, ComparisonKind], formats: Mapping[str, str]) -> StandardAttributes:
        """Return the standard columns of one record."""
        return self.all_columns([(raw, extras, formats)])[0]


STANDARDISER: Final = Standardiser(STANDARDISER_VERSION, standardise_all)
"""The one that this code has."""
