"""Support: how many pairs between two groups are alike, so that a sparse record does not chain two dense groups.

"Robert of Bristol", without dates, is like every Robert of Bristol: one link to each of two men with ten records each would make one
man of twenty records, though no record of the one is like any of the other. So a link joins two groups only if a share of all pairs
between them was found alike, at the review threshold or above; a veto is not alike.

Rules
- Groups here are those that links alone made. What judgements put together neither lends support nor needs it.
- The smaller group moves, with its pairs: n records and m edges cost O((n + m) log(n + m)).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from identity.domain.edge import Edge, EdgeGrade
from identity.domain.source_record import RecordId

SUPPORT = 0.2
"""Share of the pairs between two groups that must be alike: one in five. Chosen by measurement (ADR 0010); up to five pairs one will do."""


class Support:
    """Growing groups of records, and the number of pairs between any two groups that are alike."""

    def __init__(self, records: Iterable[RecordId], edges: Iterable[Edge]) -> None:
        self._members: dict[RecordId, list[RecordId]] = {record: [record] for record in records}
        self._group = {record: record for record in self._members}
        self._alike: defaultdict[RecordId, dict[RecordId, int]] = defaultdict(dict)
        self._ends: dict[RecordId, int] = dict.fromkeys(self._members, 1)
        for left, right in {(edge.left, edge.right) for edge in edges if edge.grade is not EdgeGrade.VETO}:
            if left in self._group and right in self._group:
                self._alike[left][right] = self._alike[right][left] = 1
                self._ends[left] += 1
                self._ends[right] += 1

    def enough(self, one: RecordId, other: RecordId, share: float) -> bool:
        """Whether at least ``share`` of the pairs between the groups of two records are alike."""
        left, right = self._group[one], self._group[other]
        return self._alike[left].get(right, 0) >= share * len(self._members[left]) * len(self._members[right])

    def join(self, one: RecordId, other: RecordId) -> None:
        """Put two records' groups together."""
        kept, gone = self._group[one], self._group[other]
        if kept == gone:
            return
        if self._ends[kept] < self._ends[gone]:
            kept, gone = gone, kept
        for record in self._members[gone]:
            self._group[record] = kept
        self._members[kept] += self._members.pop(gone)
        self._ends[kept] += self._ends.pop(gone)
        near = self._alike[kept]
        near.pop(gone, None)
        for third, count in self._alike.pop(gone, {}).items():
            if third != kept:
                del self._alike[third][gone]
                near[third] = self._alike[third][kept] = near.get(third, 0) + count
