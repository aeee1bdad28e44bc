"""Clusters of everything at once: the same answer as ``cluster``, in the memory and time that a million records allow.

Most connected components hold nothing that parts them; each of those is one cluster. Only the others go through ``cluster``.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TypeVar

from identity.domain.cluster import TORN_WITHIN, Cluster, Evidence, cluster, torn_links
from identity.domain.edge import Edge, EdgeGrade
from identity.domain.judgement import Judgement, Verdict
from identity.domain.source_record import RecordId

P = TypeVar("P", Edge, Judgement)


def cluster_all(records: Sequence[RecordId], evidence: Evidence, *, torn_within: float = TORN_WITHIN) -> list[Cluster]:
    """Return the clusters of two records or more among ``records``, in no particular order; all other records are alone.

    Evidence about records that are not given is ignored.
    """
    index = {record: number for number, record in enumerate(records)}
    torn = torn_links(evidence, torn_within)
    components = _Components(len(records))
    inside = [edge for edge in evidence.edges if edge.left in index and edge.right in index]
    judged = [judgement for judgement in evidence.judgements if judgement.left in index and judgement.right in index]
    for edge in inside:
        if evidence.holds(edge) and (edge.left, edge.right) not in torn:
            components.join(index[edge.left], index[edge.right])
    for judgement in judged:
        if judgement.verdict is Verdict.SAME:
            components.join(index[judgement.left], index[judgement.right])

    def together(one: RecordId, other: RecordId) -> int | None:
        root = components.root(index[one])
        return root if root == components.root(index[other]) else None

    parted = {together(edge.left, edge.right) for edge in inside if edge.grade is EdgeGrade.VETO}
    parted |= {together(judgement.left, judgement.right) for judgement in judged}
    parted |= {components.root(index[record]) for record in evidence.unlinkable if record in index}
    members = components.members()
    whole = [frozenset(records[number] for number in numbers) for root, numbers in members.items() if root not in parted]
    edges = _by_component(inside, together, parted)
    judgements = _by_component(judged, together, parted)
    for root in members.keys() & parted:
        part = replace(evidence, edges=edges[root], judgements=judgements[root])
        found = cluster([records[number] for number in members[root]], part, torn=torn)
        whole.extend(group for group in found if len(group) > 1)
    return whole


def _by_component(
    pairs: Iterable[P], together: Callable[[RecordId, RecordId], int | None], wanted: AbstractSet[int | None]
) -> defaultdict[int, list[P]]:
    """Return the pairs inside each wanted component."""
    found: defaultdict[int, list[P]] = defaultdict(list)
    for pair in pairs:
        root = together(pair.left, pair.right)
        if root is not None and root in wanted:
            found[root].append(pair)
    return found


class _Components:
    """Union-find over numbers, by size, with path halving."""

    def __init__(self, count: int) -> None:
        self._parent = array("q", range(count))
        self._size = array("q", [1]) * count

    def root(self, number: int) -> int:
        parent = self._parent
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    def join(self, one: int, other: int) -> None:
        kept, gone = self.root(one), self.root(other)
        if kept != gone:
            if self._size[kept] < self._size[gone]:
                kept, gone = gone, kept
            self._parent[gone] = kept
            self._size[kept] += self._size[gone]

    def members(self) -> dict[int, list[int]]:
        """Return the components of two or more, by root."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        for number in self._several():
            found[self.root(number)].append(number)
        return found

    def _several(self) -> Iterable[int]:
        return (number for number in range(len(self._parent)) if self._size[self.root(number)] > 1)
