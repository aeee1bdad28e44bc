"""Clusters: which records the evidence, machine and human, puts together.

Rules (DESIGN §4.5, research/identity.md §6)
- A record whose subject objects to unification stays alone, whatever anybody judged (DESIGN §4.7).
- Human beats rule beats machine: judgements are settled first, humans' before rules', and no machine edge undoes them.
  Where judgements of equal authority contradict (they are refused when written), the cannot-link stands: apart is the safe side.
- The machine agglomerates along its edges, heaviest first, ties by record ids. A cannot-link or a veto between any record of one
  side and any of the other refuses the join. So each path between two sides that must stay apart is cut at its lightest edge.
- A link joins two groups only if enough of the pairs between them are alike (``identity.domain.support``): a sparse record that is
  like everybody of two groups' name does not make them one. Each link is asked once, in its turn. One refused is not asked again when
  the groups have grown: the lighter links between them are, and asking again changed 3 pairs in 10 000 where it changed most.
- A hold edge joins only records that share an identity already (hysteresis); it makes no new link. Holds come after all links and need
  the support of the groups as links left them, so that keeping what is together never changes what links alone make, and clustering
  its own answer changes nothing.
- A record torn between two records that exclude each other, with weights less than ``torn_within`` apart, is linked to neither: at
  most one of the two can be right, and the evidence does not say which. A pair below the link threshold counts as a claim too; a pair
  that somebody judged different does not.
- The result is a function of the sets of records, edges and judgements: the order in which they came has no say.

Why not a minimum cut: the sum of the edges cut says little when dependent edges (one wrong record linked to a whole family) are
counted once each; separating more than two sides is NP-hard; and its ties are arbitrary. Cutting each path at its lightest edge is
the optimum for the weakest link (a maximum spanning forest under constraints, as the mutex watershed of Wolf et al. 2018),
is unique, and costs a sort.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias

from identity.domain.edge import Edge, EdgeGrade
from identity.domain.judgement import Judgement, Verdict, pair
from identity.domain.source_record import IdentityId, RecordId
from identity.domain.support import SUPPORT, Support

TORN_WITHIN = 4.0
"""Log2 odds between two exclusive links below which neither is taken: at 4, the heavier one would be false once in 17 times."""

Cluster: TypeAlias = frozenset[RecordId]
Pair: TypeAlias = tuple[RecordId, RecordId]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about some records. ``current`` matters to hold edges only; judgements are the standing ones."""

    edges: Sequence[Edge]
    judgements: Sequence[Judgement] = ()
    current: Mapping[RecordId, IdentityId] | None = None
    unlinkable: frozenset[RecordId] = frozenset()

    def holds(self, edge: Edge) -> bool:
        """Whether an edge is a reason to be in one cluster: a link, or a hold between records that share an identity."""
        if edge.grade is EdgeGrade.LINK:
            return True
        if edge.grade is not EdgeGrade.HOLD or self.current is None:
            return False
        identity = self.current.get(edge.left)
        return identity is not None and identity == self.current.get(edge.right)


def cluster(
    records: Collection[RecordId],
    evidence: Evidence,
    *,
    torn_within: float = TORN_WITHIN,
    support: float = SUPPORT,
    torn: AbstractSet[Pair] | None = None,
) -> list[Cluster]:
    """Partition the records, in the order of each cluster's least record.

    Give whole connected components, or the answer is about a part. Evidence on pairs with one end outside only tells which records
    are torn; ``torn``, if given, says so instead (``torn_links`` of all evidence).
    """
    free = set(records) - evidence.unlinkable
    groups = _Groups(free)
    _settle_judgements(groups, evidence.judgements)
    for edge in evidence.edges:
        if edge.grade is EdgeGrade.VETO:
            groups.part(edge.left, edge.right)
    loose = torn_links(evidence, torn_within) if torn is None else torn
    bonds = [edge for edge in evidence.edges if evidence.holds(edge) and (edge.left, edge.right) not in loose]
    bonds = [edge for edge in bonds if edge.left in free and edge.right in free]
    bonds.sort(key=lambda edge: (-edge.decision_weight, edge.left, edge.right))
    _agglomerate(groups, bonds, Support(free, evidence.edges), support)
    alone = (frozenset((record,)) for record in set(records) - free)
    return sorted([*groups.clusters(), *alone], key=min)


def _agglomerate(groups: _Groups, bonds: Sequence[Edge], support: Support, share: float) -> None:
    """Join groups along links, then along holds, each in the order given.

    Holds are weighed against the groups that links alone made: those do not depend on what was together before.
    """
    for edge in bonds:
        if edge.grade is EdgeGrade.LINK and support.enough(edge.left, edge.right, share) and groups.join(edge.left, edge.right):
            support.join(edge.left, edge.right)
    for edge in [edge for edge in bonds if edge.grade is EdgeGrade.HOLD and support.enough(edge.left, edge.right, share)]:
        groups.join(edge.left, edge.right)


def torn_links(evidence: Evidence, torn_within: float = TORN_WITHIN) -> set[Pair]:
    """Return the pairs of which one record is claimed, with nearly the same weight, by another record that excludes the second."""
    decided = _Groups({end for judgement in evidence.judgements for end in (judgement.left, judgement.right)} - evidence.unlinkable)
    _settle_judgements(decided, evidence.judgements)
    denied = {(judgement.left, judgement.right) for judgement in evidence.judgements if judgement.verdict is Verdict.DIFFERENT}
    exclusions = denied.union((edge.left, edge.right) for edge in evidence.edges if edge.grade is EdgeGrade.VETO)
    claims: dict[RecordId, dict[RecordId, float]] = {record: {} for excluded in exclusions for record in excluded}
    for edge in evidence.edges:
        if edge.grade is EdgeGrade.VETO or (edge.left, edge.right) in denied:
            continue
        if edge.left in claims and edge.right not in evidence.unlinkable:
            claims[edge.left][edge.right] = edge.decision_weight
        if edge.right in claims and edge.left not in evidence.unlinkable:
            claims[edge.right][edge.left] = edge.decision_weight
    torn: set[Pair] = set()
    for one, other in exclusions:
        if not decided.together(one, other):
            for record in claims[one].keys() & claims[other].keys():
                if abs(claims[one][record] - claims[other][record]) < torn_within:
                    torn.update((pair(record, one), pair(record, other)))
    return torn


def components(records: Iterable[RecordId], pairs: Iterable[Pair]) -> list[Cluster]:
    """Return the connected components of a graph; an end of a pair that is not among the records is ignored."""
    groups = _Groups(set(records))
    for one, other in pairs:
        groups.join(one, other)
    return sorted(groups.clusters(), key=min)


def _settle_judgements(groups: _Groups, judgements: Iterable[Judgement]) -> None:
    """Apply judgements, the higher authority first; of one authority, what parts before what joins."""
    order = {Verdict.DIFFERENT: 0, Verdict.SAME: 1}
    decided = [judgement for judgement in judgements if judgement.verdict in order]
    for judgement in sorted(decided, key=lambda j: (-j.authority, order[j.verdict], j.left, j.right)):
        settle = groups.join if judgement.verdict is Verdict.SAME else groups.part
        settle(judgement.left, judgement.right)


class _Groups:
    """Growing groups of records, some of which must stay apart."""

    def __init__(self, records: Iterable[RecordId]) -> None:
        self._members: dict[RecordId, list[RecordId]] = {record: [record] for record in records}
        self._group = {record: record for record in self._members}
        self._apart: defaultdict[RecordId, set[RecordId]] = defaultdict(set)

    def part(self, one: RecordId, other: RecordId) -> None:
        """Keep two records apart from now on, unless they are together already."""
        if one not in self._group or other not in self._group:
            return
        left, right = self._group[one], self._group[other]
        if left != right:
            self._apart[left].add(right)
            self._apart[right].add(left)

    def join(self, one: RecordId, other: RecordId) -> bool:
        """Put two records' groups together, unless anything keeps them apart; tell whether they are together now."""
        if one not in self._group or other not in self._group:
            return False
        kept, gone = self._group[one], self._group[other]
        if kept == gone or gone in self._apart[kept]:
            return kept == gone
        if len(self._members[kept]) < len(self._members[gone]):
            kept, gone = gone, kept
        for record in self._members[gone]:
            self._group[record] = kept
        self._members[kept] += self._members.pop(gone)
        for enemy in self._apart.pop(gone, ()):
            self._apart[enemy].discard(gone)
            self._apart[enemy].add(kept)
            self._apart[kept].add(enemy)
        return True

    def together(self, one: RecordId, other: RecordId) -> bool:
        """Whether two records are in one group."""
        return one in self._group and self._group[one] == self._group.get(other)

    def clusters(self) -> Iterable[Cluster]:
        """Return the groups as they stand."""
        return (frozenset(members) for members in self._members.values())
