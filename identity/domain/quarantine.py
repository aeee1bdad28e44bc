"""Quarantine: clusters that look like several persons chained together are held back until a steward looks.

Rules (DESIGN §4.5)
- Too large: more records than one person plausibly has.
- Too many birth dates: more than ``birth_dates`` distinct ones, or two that two or more records each hold (a slip of the pen is not
  repeated; a father and a son are).
- Bridged: taking away one link, or one record, leaves two parts of ``dense_part`` records or more: the mark of a crafted or a
  placeholder record between two persons.
- Sparse: a large cluster with few of its possible links hangs on something shared by all, such as a default value.
- What a human judged the same counts as one record: a steward who confirms a cluster releases it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from identity.domain.cluster import Cluster, Evidence, components
from identity.domain.edge import EdgeGrade
from identity.domain.judgement import Authority, Verdict, pair
from identity.domain.source_record import RecordId

Pair: TypeAlias = tuple[RecordId, RecordId]

BINDING = frozenset({EdgeGrade.LINK, EdgeGrade.HOLD})
SMALLEST = 4
"""In records: fewer cannot have two repeated birth dates, nor two dense parts. No policy looks below it."""


class QuarantineReason(StrEnum):
    """Why a cluster is held back."""

    TOO_LARGE = "too-large"
    TOO_MANY_BIRTH_DATES = "too-many-birth-dates"
    BRIDGED = "bridged"
    SPARSE = "sparse"


@dataclass(frozen=True, slots=True)
class QuarantinePolicy:
    """From when on a cluster is held back. Sizes in records; ``density`` is links found : links possible."""

    records: int = 50
    birth_dates: int = 3
    dense_part: int = 3
    sparse_from: int = 12
    density: float = 0.25


@dataclass(frozen=True, slots=True)
class Shape:
    """A cluster's links: ``found`` by the machine, ``judged`` same by humans, all within it."""

    members: Cluster
    found: Collection[Pair]
    judged: Collection[Pair] = ()


def shapes(clusters: Iterable[Cluster], evidence: Evidence) -> list[Shape]:
    """Return the shape of each cluster that is large enough to look at.

    A hold inside a cluster counts as a link: it is one from the moment the cluster stands.
    """
    several = [members for members in clusters if len(members) >= SMALLEST]
    place = {record: number for number, members in enumerate(several) for record in members}
    found: list[list[Pair]] = [[] for _ in several]
    judged: list[list[Pair]] = [[] for _ in several]
    for edge in evidence.edges:
        if edge.grade in BINDING and edge.left in place and place[edge.left] == place.get(edge.right):
            found[place[edge.left]].append((edge.left, edge.right))
    for judgement in evidence.judgements:
        human = judgement.verdict is Verdict.SAME and judgement.authority is Authority.HUMAN
        if human and judgement.left in place and place[judgement.left] == place.get(judgement.right):
            judged[place[judgement.left]].append((judgement.left, judgement.right))
    return [Shape(*parts) for parts in zip(several, found, judged, strict=True)]


def quarantine_reasons(shape: Shape, policy: QuarantinePolicy, birth_dates: Mapping[RecordId, int]) -> tuple[QuarantineReason, ...]:
    """Return why a cluster must be held back; empty means it need not.

    ``birth_dates`` maps records to any token that is equal for equal dates; records without a date are absent.
    """
    speaker = {record: min(confirmed) for confirmed in components(shape.members, shape.judged) for record in confirmed}
    nodes = set(speaker.values())
    links = {pair(speaker[one], speaker[other]) for one, other in shape.found if speaker[one] != speaker[other]}
    if len(nodes) == 1:
        return ()
    checks = {
        QuarantineReason.TOO_LARGE: len(nodes) > policy.records,
        QuarantineReason.TOO_MANY_BIRTH_DATES: _too_many_birth_dates(nodes, birth_dates, policy.birth_dates),
        QuarantineReason.BRIDGED: len(nodes) >= 2 * policy.dense_part and _bridged(nodes, links, policy.dense_part),
        QuarantineReason.SPARSE: len(nodes) >= policy.sparse_from and len(links) < policy.density * len(nodes) * (len(nodes) - 1) / 2,
    }
    return tuple(reason for reason, holds in checks.items() if holds)


def _too_many_birth_dates(nodes: Iterable[RecordId], dates: Mapping[RecordId, int], allowed: int) -> bool:
    held = Counter(dates[node] for node in nodes if node in dates)
    repeated = sum(count > 1 for count in held.values())
    return len(held) > allowed or repeated > 1


def _bridged(nodes: Collection[RecordId], links: Iterable[Pair], dense_part: int) -> bool:
    """Whether one link or one record holds two parts of ``dense_part`` nodes together (Tarjan's low points, without recursion)."""
    near: dict[RecordId, list[RecordId]] = {node: [] for node in nodes}
    for one, other in sorted(links):
        near[one].append(other)
        near[other].append(one)
    seen: set[RecordId] = set()
    return any(_bridged_from(root, near, seen, dense_part) for root in sorted(near) if root not in seen)


def _bridged_from(root: RecordId, near: Mapping[RecordId, list[RecordId]], seen: set[RecordId], dense_part: int) -> bool:
    order, parent = _depth_first(root, near)
    seen.update(order)
    found = {node: number for number, node in enumerate(order)}
    low = dict(found)
    size = dict.fromkeys(order, 1)
    cut_off: dict[RecordId, list[int]] = {node: [] for node in order}
    for node in reversed(order):
        above = parent.get(node)
        low[node] = min([low[node], *(found[other] if parent.get(other) != node else low[other] for other in near[node] if other != above)])
        if above is None:
            continue
        size[above] += size[node]
        if low[node] > found[above] and min(size[node], len(order) - size[node]) >= dense_part:
            return True
        if low[node] >= found[above]:
            cut_off[above].append(size[node])
    for parts in cut_off.values():
        rest = len(order) - 1 - sum(parts)
        if sum(part >= dense_part for part in (*parts, rest)) > 1:
            return True
    return False


def _depth_first(root: RecordId, near: Mapping[RecordId, list[RecordId]]) -> tuple[list[RecordId], dict[RecordId, RecordId]]:
    """Return the nodes in depth-first preorder, and the parent of each but the root."""
    order: list[RecordId] = []
    parent: dict[RecordId, RecordId] = {}
    seen = {root}
    stack = [(root, iter(near[root]))]
    order.append(root)
    while stack:
        node, rest = stack[-1]
        step = next((other for other in rest if other not in seen), None)
        if step is None:
            stack.pop()
            continue
        seen.add(step)
        order.append(step)
        parent[step] = node
        stack.append((step, iter(near[step])))
    return order, parent
