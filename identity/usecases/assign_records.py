"""Assign records: link new and changed records to identities at once, inside the transaction that stores them.

Rules
- The pairs are those batch would make: records sharing a blocking key whose block is not over the cap, the given records among
  themselves included. A block that these records push over the cap loses the edges that only it explained, as in batch;
  one that shrinks back under the cap gets its pairs back at the next batch link.
- A record whose subject objects to unification is compared with nobody (DESIGN §4.7).
- Work is bounded by (records given) × (blocking rules) × (cap), whatever the data are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from identity.domain.assignment import Pair, candidate_pairs, scored
from identity.domain.churn import Churn
from identity.domain.edge import Edge
from identity.domain.model.model import Model
from identity.domain.model.scorer import Encoded
from identity.domain.personal import Access
from identity.domain.source_record import IdentityId, RecordId, SealedVersion
from identity.domain.unified_identity import Cause
from identity.ports.model_source import ModelSource
from identity.ports.purpose_gate import PurposeGate
from identity.ports.sealer import Sealer
from identity.ports.transactor import Transaction
from identity.usecases.regroup import Regroup


@dataclass(frozen=True, slots=True)
class RecordsAssigned:
    """What assigning did. ``identities`` maps each record given to its identity; ``truncated_keys`` counts blocking keys over the cap;
    ``deferred``: the records' surroundings were too large for real time, the batch link will look at them.
    """

    identities: Mapping[RecordId, IdentityId]
    churn: Churn = field(default_factory=Churn)
    candidate_pairs: int = 0
    edges: int = 0
    truncated_keys: int = 0
    deferred: bool = False


class AssignRecords:
    """Assigns records; ``within`` a transaction in which their newest versions are stored already."""

    def __init__(self, *, models: ModelSource, gate: PurposeGate, sealer: Sealer, access: Access, regroup: Regroup) -> None:
        self._models = models
        self._gate = gate
        self._sealer = sealer
        self._access = access
        self._regroup = regroup

    async def within(self, tx: Transaction, records: Collection[RecordId], *, at: datetime) -> RecordsAssigned:
        """Score the records against their candidates, replace their edges, and settle the identities around them.

        Raises:
            IdentityError: ``SEAL_BROKEN`` if a record or a candidate cannot be unsealed.
        """
        model = await self._models.active(tx)
        cap = model.bundle.declaration.blocking.cap
        sealed = await tx.records.read(records)
        blocks = await tx.records.candidates({key for version in sealed.values() for key in version.block_keys}, cap=cap)
        before = await tx.edges.touching(records)
        possible = candidate_pairs(sealed.values(), blocks.by_key)
        known = {**sealed, **await tx.records.read({record for pair in possible for record in pair} - sealed.keys())}
        pairs = await self._permitted(possible, known)
        edges = self._score(pairs, known, model)
        await tx.edges.replace_for(records, edges)
        unblocked = await self._unblock(tx, blocks.truncated, cap=cap, grown_by=len(sealed))
        seeds = {*sealed, *_ends(before), *_ends(edges), *unblocked} - (set(records) - sealed.keys())
        settled = await self._regroup.around(tx, seeds, at=at, cause=Cause.ONLINE_LINK)
        return RecordsAssigned(
            identities={record: settled.identities[record] for record in sealed},
            churn=settled.churn,
            candidate_pairs=len(pairs),
            edges=len(edges),
            truncated_keys=len(blocks.truncated),
            deferred=settled.deferred,
        )

    async def found_new(self, tx: Transaction, records: Collection[RecordId], *, at: datetime) -> None:
        """Give each record an identity of its own, as ``found_alone`` does; the records came into being in this transaction."""
        await self._regroup.found_new(tx, records, at=at)

    async def found_alone(self, tx: Transaction, records: Collection[RecordId], *, at: datetime) -> None:
        """Give each record without an identity one of its own, compared with nobody: for bulk loads that a batch link follows."""
        await self._regroup.found_alone(tx, records, at=at)

    async def forget(self, tx: Transaction, records: Collection[RecordId], *, at: datetime) -> Churn:
        """Un-link records that are deleted in this transaction: drop their edges, end their assignments, settle what they leave."""
        before = await tx.edges.touching(records)
        await tx.edges.replace_for(records, [])
        settled = await self._regroup.around(tx, _ends(before) - set(records), at=at, cause=Cause.DELETION, removed=records)
        return settled.churn

    async def _permitted(self, pairs: set[Pair], known: Mapping[RecordId, SealedVersion]) -> list[Pair]:
        concerned = {record for pair in pairs for record in pair}
        linkable = await self._gate.may_link({record: known[record].address for record in concerned}) if pairs else frozenset()
        return sorted(pair for pair in pairs if linkable.issuperset(pair))

    def _score(self, pairs: list[Pair], known: Mapping[RecordId, SealedVersion], model: Model) -> list[Edge]:
        wanted = {record for pair in pairs for record in pair}
        versions = [known[record] for record in sorted(wanted)]
        encoded: dict[RecordId, Encoded] = {
            version.record_id: model.scorer.encode(content.reveal(self._access).standard)
            for version, content in zip(versions, self._sealer.unseal(versions), strict=True)
        }
        edges = (scored(left, right, encoded, model) for left, right in pairs)
        return [edge for edge in edges if edge is not None]

    async def _unblock(self, tx: Transaction, truncated: Collection[int], *, cap: int, grown_by: int) -> set[RecordId]:
        """Drop the edges that only blocks now over the cap explained; return the records they joined.

        Only records that are new in a block can push it over, so one of more than ``cap + grown_by`` records was over already, has no
        such edges and is not read. A smaller one is read even if it was over already, and nothing is found to drop then.
        """
        crossed = (await tx.records.candidates(truncated, cap=cap + grown_by)).by_key if truncated else {}
        inside = {record for block in crossed.values() for record in block}
        if not inside:
            return set()
        edges = await tx.edges.touching(inside)
        sealed = await tx.records.read(_ends(edges))
        allowed = await tx.records.candidates({key for version in sealed.values() for key in version.block_keys}, cap=cap)
        keys = {record: set(version.block_keys) & allowed.by_key.keys() for record, version in sealed.items()}
        kept = [edge for edge in edges if keys[edge.left] & keys[edge.right] or not inside.issuperset((edge.left, edge.right))]
        lost = _ends(set(edges) - set(kept))
        if lost:
            await tx.edges.replace_for(lost, [edge for edge in kept if edge.left in lost or edge.right in lost])
        return lost


def _ends(edges: Iterable[Edge]) -> set[RecordId]:
    return {record for edge in edges for record in (edge.left, edge.right)}
