"""What training must know of a column before it declares anything.

Rules
- A column that hardly any record fills is left out: what it would say is not learnt but guessed.
- Term frequencies are worth a table only where values repeat and differ: many values, but far fewer than records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LEAST_SHARE = 0.02
"""Share of records that must fill a column for it to be compared."""
LEAST_FILLED = 30
"""Records that must fill a column for it to be compared."""
LEAST_VALUES = 8
"""Distinct values from which a value's frequency tells something."""


@dataclass(frozen=True, slots=True)
class ColumnStatistics:
    """How a standard column is filled: ``records`` in all, ``filled`` with a value, ``distinct`` values, share of ISO dates and numbers."""

    records: int
    filled: int
    distinct: int
    dates: float = 0.0
    numbers: float = 0.0

    @property
    def present(self) -> bool:
        """Whether enough records fill the column to compare it."""
        return self.filled >= max(LEAST_FILLED, LEAST_SHARE * self.records) and self.distinct > 1

    @property
    def repeats(self) -> float:
        """Records per distinct value."""
        return self.filled / max(self.distinct, 1)


Columns = Mapping[str, ColumnStatistics]
"""Statistics of every standard column that occurs."""


def has(columns: Columns, *names: str) -> bool:
    """Return whether every one of the columns is present."""
    return all(name in columns and columns[name].present for name in names)
