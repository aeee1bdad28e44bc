"""What surrounds some records: the whole of what clustering must look at, and how things stand there.

Rules
- Surroundings are closed: all members of every identity concerned, and everything their links and must-links lead to.
- They are bounded: beyond a reach, only the identities of the records themselves are taken. So a value that everybody shares cannot
  make one record cost the whole database; the batch link looks at the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from identity.domain.carry_over import Standing, contested
from identity.domain.cluster import Cluster
from identity.domain.edge import Edge, EdgeGrade
from identity.domain.judgement import Judgement, Verdict
from identity.domain.source_record import IdentityId, RecordAddress, RecordId
from identity.ports.transactor import Transaction


@dataclass(slots=True)
class Surroundings:
    """Live records, the current identity of each that has one (and of removed ones), and
    the edges and standing judgements with at least one end among them; ``addresses`` are the live records'.
    """

    records: set[RecordId]
    current: dict[RecordId, IdentityId]
    edges: list[Edge] = field(default_factory=list)
    judgements: list[Judgement] = field(default_factory=list)
    addresses: dict[RecordId, RecordAddress] = field(default_factory=dict)
    deferred: bool = False


async def read_surroundings(tx: Transaction, seeds: Collection[RecordId], removed: Collection[RecordId], *, reach: int) -> Surroundings:
    """Read what surrounds the seeds; ``removed`` are records being deleted, whose identities are concerned as well.

    ``deferred`` tells that the reach (in records, besides the seeds) was not enough.
    """
    found = Surroundings(set(), {})
    frontier = set(seeds) | set(removed)
    limit = reach + len(frontier)
    while frontier:
        edges = {(edge.left, edge.right): edge for edge in await tx.edges.touching(frontier)}
        judgements = {(j.left, j.right): j for j in await tx.judgements.touching(frontier)}
        linked = _ends(pair for pair, edge in edges.items() if edge.grade is EdgeGrade.LINK)
        judged = _ends(pair for pair, judgement in judgements.items() if judgement.verdict is Verdict.SAME)
        near = await _with_identities(tx, frontier | linked | judged, found)
        found.records |= frontier
        frontier = near - found.records
        if len(found.records) + len(frontier) > limit:
            return await _own_identities(tx, set(seeds), set(removed))
    return await _with_evidence(tx, found, set(removed))


async def read_standing(tx: Transaction, clusters: Sequence[Cluster], current: dict[RecordId, IdentityId]) -> Standing:
    """Read what carrying ids over needs; the past only of identities that fall apart."""
    apart = contested(clusters, current)
    torn = [record for record, identity in current.items() if identity in apart]
    former = await tx.identities.former(torn) if torn else {}
    joined = {}
    for identity in sorted(apart):
        history = await tx.identities.history(identity)
        joined.update({life.record_id: life.valid_from for life in (history.assignments if history else ()) if life.valid_to is None})
    known = await tx.identities.read({*current.values(), *chain.from_iterable(former.values())})
    return Standing(current, known, former, joined)


async def _with_identities(tx: Transaction, records: set[RecordId], found: Surroundings) -> set[RecordId]:
    """Return the records with all fellow members of their identities, and note what they are assigned to."""
    fresh = records - found.current.keys()
    current = await tx.identities.current(fresh) if fresh else {}
    members = await tx.identities.members(set(current.values()) - set(found.current.values())) if current else {}
    for identity, fellows in members.items():
        found.current.update(dict.fromkeys(fellows, identity))
    return records | set(chain.from_iterable(members.values()))


async def _own_identities(tx: Transaction, seeds: set[RecordId], removed: set[RecordId]) -> Surroundings:
    found = Surroundings(set(), {}, deferred=True)
    found.records = await _with_identities(tx, seeds | removed, found)
    return await _with_evidence(tx, found, removed)


async def _with_evidence(tx: Transaction, found: Surroundings, removed: set[RecordId]) -> Surroundings:
    """Read the evidence inside and at the rim. Records that are deleted, or were judged and are gone, are left out."""
    heads = await tx.records.heads(found.records)
    found.records = {record for record in found.records - removed if record in heads and not heads[record].deleted}
    found.addresses = {record: heads[record].address for record in found.records}
    found.edges = await tx.edges.touching(found.records)
    found.judgements = await tx.judgements.touching(found.records)
    return found


def _ends(pairs: Iterable[tuple[RecordId, RecordId]]) -> set[RecordId]:
    return set(chain.from_iterable(pairs))
