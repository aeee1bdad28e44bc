"""Refused links: pairs that the machine would link by themselves, and that clustering left in two clusters, each with the reason.

Exactly there a person adds most: the pair says one person, what surrounds it says two. So a refused link waits for a steward.

Rules (ADR 0010)
- A link is refused if its ends are in different clusters. One that was refused in its turn, and whose ends came together by other
  links, is not.
- A pair that somebody judged, and one with a record whose subject objects to unification, is not refused by the machine.
- The reason follows from the clusters as they are in the end: torn goes before contradicted, and what is neither lacked support.
- For a steward a refused link is at even odds, whatever it weighs, and the lightest of them come first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from identity.domain.cluster import Cluster, Evidence, Pair
from identity.domain.edge import Edge, EdgeGrade
from identity.domain.judgement import Verdict
from identity.domain.source_record import RecordId

Place: TypeAlias = tuple[float, float, RecordId, RecordId]


class LinkRefusal(StrEnum):
    """Why clustering refused a link."""

    TORN = "torn"  # another record that excludes this end claims the other one nearly as strongly
    CONTRADICTED = "contradicted"  # a veto or a cannot-link stands between the two clusters
    UNSUPPORTED = "unsupported"  # too few of the pairs between the two clusters are alike


@dataclass(frozen=True, slots=True)
class Waiting:
    """An edge that waits for a steward; ``refusal`` says why, if it is a link."""

    edge: Edge
    refusal: LinkRefusal | None = None

    def place(self, centre: float) -> Place:
        """Return what orders the queue, the hardest first: distance from ``centre`` (0 for a refused link), weight's distance, ids."""
        distance = abs(self.edge.decision_weight - centre)
        return (0.0 if self.refusal else distance, distance, self.edge.left, self.edge.right)


def refused_links(clusters: Sequence[Cluster], evidence: Evidence, torn: AbstractSet[Pair]) -> dict[Pair, LinkRefusal]:
    """Return the links between the clusters, and why each was refused; ``torn`` are the pairs that ``torn_links`` gave.

    A link with an end in none of the clusters is passed over.
    """
    home = {record: number for number, members in enumerate(clusters) for record in members}
    crossing = [
        (edge.left, edge.right)
        for edge in evidence.edges
        if edge.grade is EdgeGrade.LINK and edge.left in home and edge.right in home and home[edge.left] != home[edge.right]
    ]
    refused = undecided(crossing, evidence) if crossing else []
    if not refused:
        return {}
    apart = _apart(evidence, home)
    reasons = {}
    for one, other in refused:
        between = LinkRefusal.CONTRADICTED if frozenset((home[one], home[other])) in apart else LinkRefusal.UNSUPPORTED
        reasons[one, other] = LinkRefusal.TORN if (one, other) in torn else between
    return reasons


def undecided(links: Iterable[Pair], evidence: Evidence) -> list[Pair]:
    """Return the links that nobody judged, and whose subjects do not object."""
    judged = {(judgement.left, judgement.right) for judgement in evidence.judgements}
    return [link for link in links if link not in judged and evidence.unlinkable.isdisjoint(link)]


def _apart(evidence: Evidence, home: dict[RecordId, int]) -> set[frozenset[int]]:
    """Return which two clusters a veto or a cannot-link stands between."""
    excluded = [(edge.left, edge.right) for edge in evidence.edges if edge.grade is EdgeGrade.VETO]
    excluded += [(judgement.left, judgement.right) for judgement in evidence.judgements if judgement.verdict is Verdict.DIFFERENT]
    return {frozenset((home[one], home[other])) for one, other in excluded if one in home and other in home}
