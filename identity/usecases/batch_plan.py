"""The plan of a batch link: from edges to what changes, read and decided inside the publishing transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from identity.domain.carry_over import carry_over, contested
from identity.domain.churn import Churn, churn
from identity.domain.cluster import Cluster, Evidence, Pair
from identity.domain.cluster_all import cluster_all
from identity.domain.edge import Edge
from identity.domain.quarantine import SMALLEST, QuarantineReason, quarantine_reasons, shapes
from identity.domain.refusal import LinkRefusal
from identity.domain.source_record import IdentityId, RecordId
from identity.domain.unified_identity import AssignmentPlan
from identity.ports.id_source import IdSource
from identity.ports.purpose_gate import PurposeGate
from identity.ports.transactor import Transaction
from identity.usecases.batch_snapshot import BatchSnapshot
from identity.usecases.regroup import GroupingPolicy
from identity.usecases.surroundings import read_standing

AT_ONCE = 20000
"""Clusters whose ids are carried over together; bounds memory, not the result."""


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What a batch link comes to.

    ``changed``: live records that came in or changed since the snapshot. ``refused``: links that stay for a steward.
    """

    records: int
    edges: Sequence[Edge]
    refused: Mapping[Pair, LinkRefusal]
    assignments: AssignmentPlan
    churn: Churn
    changed: tuple[RecordId, ...]
    identities_before: int
    identities_after: int
    quarantined: Mapping[QuarantineReason, int]


@dataclass(slots=True)
class _Present:
    """Live records in order, those among them that are not as the snapshot saw them, all assignments, and who may not be linked."""

    live: list[RecordId] = field(default_factory=list)
    changed: list[RecordId] = field(default_factory=list)
    current: dict[RecordId, IdentityId] = field(default_factory=dict)
    unlinkable: set[RecordId] = field(default_factory=set)


class BatchPlanner:
    """Plans batch links."""

    def __init__(self, *, gate: PurposeGate, ids: IdSource, policy: GroupingPolicy) -> None:
        self._gate = gate
        self._ids = ids
        self._policy = policy

    async def plan(self, tx: Transaction, snapshot: BatchSnapshot, found: Sequence[Edge]) -> BatchPlan:
        """Cluster everything under the edges found and the judgements that stand now, and plan the step there from here."""
        now = await self._read_present(tx, snapshot)
        edges = await _present_edges(tx, snapshot, found, now)
        evidence = Evidence(edges, await tx.judgements.all(), now.current, frozenset(now.unlinkable))
        clustering = cluster_all(now.live, evidence, torn_within=self._policy.torn_within, support=self._policy.support)
        clusters = clustering.clusters
        looked_at = shapes(clusters, evidence)
        dates = _birth_dates(snapshot, {record for shape in looked_at for record in shape.members})
        reasons = {shape.members: quarantine_reasons(shape, self._policy.quarantine, dates) for shape in looked_at}
        held = {members for members, why in reasons.items() if why}
        plan = await self._carry_over(tx, now, clusters, held)
        return BatchPlan(
            records=len(now.live),
            edges=edges,
            refused=clustering.refused,
            assignments=plan,
            churn=churn(plan, now.current),
            changed=tuple(now.changed),
            identities_before=len(set(now.current.values())),
            identities_after=len(now.live) - sum(len(members) - 1 for members in clusters),
            quarantined=Counter(chain.from_iterable(reasons.values())),
        )

    async def _carry_over(self, tx: Transaction, now: _Present, clusters: Sequence[Cluster], held: Collection[Cluster]) -> AssignmentPlan:
        parts = []
        for part in _in_parts(_touched(now.live, clusters, now.current), now.current, gone=now.current.keys() - set(now.live)):
            standing = await read_standing(tx, part.clusters, part.current)
            quarantined = [members for members in part.clusters if members in held]
            parts.append(carry_over(part.clusters, standing, fresh=self._fresh, quarantined=quarantined))
        return _joined(parts)

    def _fresh(self) -> IdentityId:
        return IdentityId(self._ids.new())

    async def _read_present(self, tx: Transaction, snapshot: BatchSnapshot) -> _Present:
        now = _Present()
        async for heads in tx.records.scan_heads():
            records = [head.record_id for head in heads]
            now.live += records
            now.unlinkable.update(set(records) - await self._gate.may_link({head.record_id: head.address for head in heads}))
            for head in heads:
                number = snapshot.number(head.record_id)
                if number is None or not snapshot.unchanged(number, head):
                    now.changed.append(head.record_id)
        async for rows in tx.identities.scan():
            now.current.update(rows)
        return now


async def _present_edges(tx: Transaction, snapshot: BatchSnapshot, found: Sequence[Edge], now: _Present) -> Sequence[Edge]:
    """Return the edges found, with those of records that changed or went meanwhile replaced by what they made themselves."""
    if not now.changed and len(now.live) == len(snapshot.ids):
        return found
    alive, apart = set(now.live), set(now.changed)
    own = (edge for edge in await tx.edges.touching(apart) if edge.left in alive and edge.right in alive)
    settled = alive - apart
    return [*own, *(edge for edge in found if edge.left in settled and edge.right in settled)]


def _birth_dates(snapshot: BatchSnapshot, records: Collection[RecordId]) -> dict[RecordId, int]:
    """Return the birth dates as the snapshot saw them; a record that changed since is looked at when it is assigned again."""
    numbers = {record: snapshot.number(record) for record in records}
    days = {record: snapshot.birth_day(number) for record, number in numbers.items() if number is not None}
    return {record: day for record, day in days.items() if day}


def _touched(live: Sequence[RecordId], clusters: Sequence[Cluster], current: Mapping[RecordId, IdentityId]) -> Iterator[Cluster]:
    """Return the clusters that are not an identity as it stands, and those large enough for quarantine to be looked at again."""
    size = Counter(current.values())
    several = set(chain.from_iterable(clusters))
    for members in clusters:
        identities = {current.get(record) for record in members}
        identity = next(iter(identities))
        if len(members) >= SMALLEST or len(identities) > 1 or identity is None or size[identity] != len(members):
            yield members
    for record in live:
        if record not in several and (record not in current or size[current[record]] != 1):
            yield frozenset((record,))


@dataclass(frozen=True, slots=True)
class _Part:
    clusters: list[Cluster]
    current: dict[RecordId, IdentityId]


def _in_parts(touched: Iterator[Cluster], current: Mapping[RecordId, IdentityId], *, gone: Collection[RecordId]) -> Iterator[_Part]:
    """Cut the work into parts that share no identity: clusters whose identities are all theirs, then all others together."""
    clusters = list(touched)
    apart = contested(clusters, current) | {current[record] for record in gone}
    sharing = [members for members in clusters if not apart.isdisjoint(current.get(record) for record in members)]
    shared = set(sharing)
    alone = [members for members in clusters if members not in shared]
    for start in range(0, len(alone), AT_ONCE):
        part = alone[start : start + AT_ONCE]
        yield _Part(part, {record: current[record] for members in part for record in members if record in current})
    if sharing or gone:
        yield _Part(sharing, {record: current[record] for record in chain(gone, *sharing) if record in current})


def _joined(parts: Sequence[AssignmentPlan]) -> AssignmentPlan:
    """Return the plans of separate parts as one."""
    return AssignmentPlan(
        created=tuple(chain.from_iterable(part.created for part in parts)),
        revived=tuple(chain.from_iterable(part.revived for part in parts)),
        assigned=dict(chain.from_iterable(part.assigned.items() for part in parts)),
        unassigned=tuple(chain.from_iterable(part.unassigned for part in parts)),
        superseded=dict(chain.from_iterable(part.superseded.items() for part in parts)),
        split=dict(chain.from_iterable(part.split.items() for part in parts)),
        retired=tuple(chain.from_iterable(part.retired for part in parts)),
        quarantined=tuple(chain.from_iterable(part.quarantined for part in parts)),
        released=tuple(chain.from_iterable(part.released for part in parts)),
    )
