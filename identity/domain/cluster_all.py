"""Clusters of everything at once: the same answer as ``cluster``, in the memory and time that a million records allow.

Most connected components hold nothing that parts them, and are so small or so dense that no join can lack support; each of those is
one cluster. Only the others go through ``cluster``, and only they, and torn links between components, hold refused links.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeVar

from identity.domain.cluster import TORN_WITHIN, Cluster, Evidence, Pair, cluster, torn_links
from identity.domain.edge import Edge, EdgeGrade
from identity.domain.judgement import Judgement, Verdict
from identity.domain.refusal import LinkRefusal, refused_links, undecided
from identity.domain.source_record import RecordId
from identity.domain.support import SUPPORT

P = TypeVar("P", Edge, Judgement)


@dataclass(frozen=True, slots=True)
class Clustering:
    """``clusters`` of two records or more, in no particular order, and the links ``refused``; every other record is alone."""

    clusters: list[Cluster]
    refused: dict[Pair, LinkRefusal]


def cluster_all(
    records: Sequence[RecordId], evidence: Evidence, *, torn_within: float = TORN_WITHIN, support: float = SUPPORT
) -> Clustering:
    """Cluster ``records``. Evidence about records that are not given is ignored."""
    index = {record: number for number, record in enumerate(records)}
    torn = torn_links(evidence, torn_within)
    components = _Components(len(records))
    loose = []
    for edge in evidence.edges:
        if evidence.holds(edge) and edge.left in index and edge.right in index:
            if (edge.left, edge.right) not in torn:
                components.join(index[edge.left], index[edge.right])
            elif edge.grade is EdgeGrade.LINK:
                loose.append((edge.left, edge.right))
    judged = [judgement for judgement in evidence.judgements if judgement.left in index and judgement.right in index]
    for judgement in judged:
        if judgement.verdict is Verdict.SAME:
            components.join(index[judgement.left], index[judgement.right])
    root_of = {record: components.root(number) for record, number in index.items() if components.joined(number)}
    members: defaultdict[int, list[RecordId]] = defaultdict(list)
    for record, root in root_of.items():
        members[root].append(record)
    parted = _parted(evidence, judged, root_of)
    parted |= _thin(evidence.edges, root_of, {root: len(group) for root, group in members.items()}, support)
    whole = [frozenset(group) for root, group in members.items() if root not in parted]
    between = [(one, other) for one, other in loose if one not in root_of or root_of[one] != root_of.get(other)]
    refused = dict.fromkeys(undecided(between, evidence), LinkRefusal.TORN)
    edges = _by_component(evidence.edges, root_of, parted)
    judgements = _by_component(judged, root_of, parted)
    for root in parted:
        part = replace(evidence, edges=edges[root], judgements=judgements[root])
        groups = cluster(members[root], part, support=support, torn=torn)
        refused.update(refused_links(groups, part, torn))
        whole.extend(group for group in groups if len(group) > 1)
    return Clustering(whole, refused)


def _parted(evidence: Evidence, judged: Iterable[Judgement], root_of: Mapping[RecordId, int]) -> set[int]:
    """Return the components with two records that must stay apart, or one that must stay alone."""
    vetoes = ((edge.left, edge.right) for edge in evidence.edges if edge.grade is EdgeGrade.VETO)
    apart = chain(vetoes, ((judgement.left, judgement.right) for judgement in judged))
    parted = {root_of[one] for one, other in apart if one in root_of and root_of[one] == root_of.get(other)}
    return parted | {root_of[record] for record in evidence.unlinkable if record in root_of}


def _thin(edges: Iterable[Edge], root_of: Mapping[RecordId, int], size: Mapping[int, int], share: float) -> set[int]:
    """Return the components in which a join could lack support.

    Of ``p`` pairs between two groups at most all missing pairs of the component are not alike, so enough are if
    ``missing <= (1 - share) * p``; and up to ``1 / share`` pairs the link itself is enough.
    """
    missing = {root: count * (count - 1) // 2 for root, count in size.items() if (count // 2) * (count - count // 2) * share > 1}
    for edge in edges:
        root = root_of.get(edge.left)
        if root in missing and root == root_of.get(edge.right) and edge.grade is not EdgeGrade.VETO:
            missing[root] -= 1
    return {root for root, count in missing.items() if count > (1 - share) / share}


def _by_component(pairs: Iterable[P], root_of: Mapping[RecordId, int], wanted: AbstractSet[int]) -> defaultdict[int, list[P]]:
    """Return the pairs inside each wanted component."""
    found: defaultdict[int, list[P]] = defaultdict(list)
    if wanted:
        for pair in pairs:
            root = root_of.get(pair.left)
            if root is not None and root in wanted and root == root_of.get(pair.right):
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

    def joined(self, number: int) -> bool:
        """Whether a number is in a component with others."""
        return self._size[self.root(number)] > 1
