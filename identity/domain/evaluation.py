"""How well identities agree with a known truth: pairwise and B³ precision, recall and F1.

Rules
- Pairwise (Hand & Christen 2018, §2): a pair is claimed when both records have one identity, true when both belong to one person.
- B³ (Bagga & Baldwin 1998): precision and recall of each record's own group, averaged over records; it weighs people, not pairs.
- A record of the truth that has no identity stands alone; a record that the truth does not know is left out. Both are counted.
- Nothing claimed is no false claim: precision is 1 without claimed pairs, recall is 1 without true pairs.
- Linear in the records: everything follows from the counts of (person, identity); no pair is ever listed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from math import comb, fsum
from typing import TypeVar

RecordT = TypeVar("RecordT", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Precision, recall and their harmonic mean, each from 0 to 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean; 0 when both are 0."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def to_json(self) -> dict[str, float]:
        """Plain numbers, ready for ``json.dumps``."""
        return {"precision": self.precision, "recall": self.recall, "f1": self.f1}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Agreement of identities with the truth, and the counts behind it.

    ``records`` are those of the truth; ``without_identity`` of them had none; ``without_truth`` records were left out.
    Pairs: ``true_pairs`` of one person, ``claimed_pairs`` of one identity, ``found_pairs`` both.
    """

    pairwise: Agreement
    b3: Agreement
    records: int
    people: int
    identities: int
    true_pairs: int
    claimed_pairs: int
    found_pairs: int
    without_identity: int
    without_truth: int

    def to_json(self) -> dict[str, object]:
        """The report of ``entente evaluate --json``."""
        return {
            "pairwise": self.pairwise.to_json(),
            "b3": self.b3.to_json(),
            "records": self.records,
            "people": self.people,
            "identities": self.identities,
            "pairs": {"true": self.true_pairs, "claimed": self.claimed_pairs, "found": self.found_pairs},
            "without_identity": self.without_identity,
            "without_truth": self.without_truth,
        }


def evaluate(truth: Mapping[RecordT, Hashable], memberships: Mapping[RecordT, Hashable]) -> Evaluation:
    """Measure ``memberships`` (record to identity) against ``truth`` (record to person)."""
    cells: Counter[tuple[Hashable, Hashable]] = Counter()
    alone = 0
    for record, person in truth.items():
        if record in memberships:
            cells[person, (memberships[record],)] += 1
        else:
            alone += 1
            cells[person, alone] += 1  # identities are wrapped in a tuple above, so that a number never meets one
    people = _margin((person, count) for (person, _), count in cells.items())
    identities = _margin((identity, count) for (_, identity), count in cells.items())
    true, claimed, found = _pairs(people), _pairs(identities), _pairs(cells)
    return Evaluation(
        pairwise=Agreement(found / claimed if claimed else 1.0, found / true if true else 1.0),
        b3=Agreement(
            _mean_overlap(((count, identities[identity]) for (_, identity), count in cells.items()), len(truth)),
            _mean_overlap(((count, people[person]) for (person, _), count in cells.items()), len(truth)),
        ),
        records=len(truth),
        people=len(people),
        identities=len(identities),
        true_pairs=true,
        claimed_pairs=claimed,
        found_pairs=found,
        without_identity=alone,
        without_truth=sum(record not in truth for record in memberships),
    )


def _margin(counts: Iterable[tuple[Hashable, int]]) -> Counter[Hashable]:
    margin: Counter[Hashable] = Counter()
    for group, count in counts:
        margin[group] += count
    return margin


def _pairs(groups: Mapping[RecordT, int]) -> int:
    return sum(comb(size, 2) for size in groups.values())


def _mean_overlap(cells: Iterable[tuple[int, int]], records: int) -> float:
    """Mean over records of |own person and own identity| / |group|: each cell of n records adds n * n / |group|."""
    return fsum(count * count / size for count, size in cells) / records if records else 1.0
