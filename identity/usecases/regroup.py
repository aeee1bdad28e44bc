"""Regroup: settle who is one person around some records, after anything about them changed.

Everything happens inside the caller's transaction, so it is seen whole or not at all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from identity.domain.attributes import StandardAttributes
from identity.domain.carry_over import Standing, carry_over
from identity.domain.churn import Churn, churn
from identity.domain.cluster import TORN_WITHIN, Cluster, Evidence, Pair, cluster, torn_links
from identity.domain.edge import EdgeGrade
from identity.domain.personal import Access
from identity.domain.quarantine import QuarantinePolicy, quarantine_reasons, shapes
from identity.domain.refusal import LinkRefusal, refused_links
from identity.domain.source_record import IdentityId, RecordId
from identity.domain.support import SUPPORT
from identity.domain.unified_identity import Cause
from identity.ports.id_source import IdSource
from identity.ports.purpose_gate import PurposeGate
from identity.ports.sealer import Sealer
from identity.ports.transactor import Transaction
from identity.usecases.surroundings import Surroundings, read_standing, read_surroundings

REACH = 5000


@dataclass(frozen=True, slots=True)
class GroupingPolicy:
    """How clusters are made (``identity.domain.cluster``, ``.support``) and when they are held back (``.quarantine``)."""

    torn_within: float = TORN_WITHIN
    support: float = SUPPORT
    quarantine: QuarantinePolicy = field(default_factory=QuarantinePolicy)


@dataclass(frozen=True, slots=True)
class Regrouped:
    """What regrouping did: the identities of all records looked at, what changed, and whether the surroundings were left alone."""

    identities: Mapping[RecordId, IdentityId]
    churn: Churn
    deferred: bool


class Regroup:
    """Settles identities around records. Called by the use cases that change edges, judgements or records."""

    def __init__(
        self,
        *,
        gate: PurposeGate,
        ids: IdSource,
        sealer: Sealer,
        access: Access,
        policy: GroupingPolicy,
        reach: int = REACH,
    ) -> None:
        self._gate = gate
        self._ids = ids
        self._sealer = sealer
        self._access = access
        self._policy = policy
        self._reach = reach

    async def around(
        self, tx: Transaction, records: Collection[RecordId], *, at: datetime, cause: Cause, removed: Collection[RecordId] = ()
    ) -> Regrouped:
        """Cluster what the records lead to, carry ids over, apply the difference, and mark the links refused.

        A refused link that leads out of reach keeps its mark: nothing that is done here can join its ends.
        ``removed`` are records that are deleted in this transaction. Records that come in and stay alone are assigned for
        ``INGEST``, whatever the cause of the rest.
        """
        found = await read_surroundings(tx, records, removed, reach=self._reach)
        unlinkable = found.records - (await self._gate.may_link(found.addresses) if found.records else frozenset())
        evidence = Evidence(found.edges, found.judgements, found.current, frozenset(unlinkable))
        torn = torn_links(evidence, self._policy.torn_within)
        clusters = cluster(found.records, evidence, support=self._policy.support, torn=torn)
        newcomers = [members for members in clusters if len(members) == 1 and not members & found.current.keys()]
        settled = [members for members in clusters if len(members) > 1 or members & found.current.keys()]
        founding = carry_over(newcomers, Standing({}, {}), fresh=self._fresh)
        standing = await read_standing(tx, settled, found.current)
        plan = carry_over(settled, standing, fresh=self._fresh, quarantined=await self._suspicious(tx, settled, evidence))
        for part, why in ((founding, Cause.INGEST), (plan, cause)):
            if not part.empty:
                await tx.identities.apply(part, at=at, cause=why)
        if marks := _marks(found, refused_links(clusters, evidence, torn)):
            await tx.edges.mark_refused(marks)
        counted = churn(plan, found.current)
        identities = {**found.current, **plan.assigned, **founding.assigned}
        now = {record: identities[record] for record in found.records}
        return Regrouped(now, replace(counted, created=counted.created + len(founding.created)), found.deferred)

    async def found_new(self, tx: Transaction, records: Collection[RecordId], *, at: datetime) -> None:
        """Give each record an identity of its own; the records came into being in this transaction."""
        homes = dict(zip(records, map(IdentityId, self._ids.many(len(records))), strict=True))
        await tx.identities.found(homes, at=at, cause=Cause.INGEST)

    async def found_alone(self, tx: Transaction, records: Collection[RecordId], *, at: datetime) -> None:
        """Give each record without an identity one of its own."""
        assigned = await tx.identities.current(records)
        plan = carry_over([frozenset((record,)) for record in records if record not in assigned], Standing({}, {}), fresh=self._fresh)
        if not plan.empty:
            await tx.identities.apply(plan, at=at, cause=Cause.INGEST)

    def _fresh(self) -> IdentityId:
        return IdentityId(self._ids.new())

    async def _suspicious(self, tx: Transaction, clusters: list[Cluster], evidence: Evidence) -> list[Cluster]:
        """Return the clusters to hold back."""
        looked_at = shapes(clusters, evidence)
        dates = await self._birth_dates(tx, {record for shape in looked_at for record in shape.members})
        return [shape.members for shape in looked_at if quarantine_reasons(shape, self._policy.quarantine, dates)]

    async def _birth_dates(self, tx: Transaction, records: Collection[RecordId]) -> dict[RecordId, int]:
        """Return the birth dates (as day numbers) of the records that have one."""
        sealed = await tx.records.read(records) if records else {}
        contents = self._sealer.unseal(list(sealed.values()))
        standards = (content.reveal(self._access).standard for content in contents)
        return {record: birth_day(standard) for record, standard in zip(sealed, standards, strict=True) if standard.get("birth_date")}


def _marks(found: Surroundings, refused: Mapping[Pair, LinkRefusal]) -> dict[Pair, LinkRefusal | None]:
    """Return the marks that may have to change. Only a link between two identities that stood before can have one to lose."""
    before = (
        (edge.left, edge.right)
        for edge in found.edges
        if edge.grade is EdgeGrade.LINK
        and edge.left in found.current
        and edge.right in found.current
        and found.current[edge.left] != found.current[edge.right]
    )
    return {**dict.fromkeys(before), **refused}


def birth_day(standard: StandardAttributes) -> int:
    """Return the birth date as a day number; 0 if there is none."""
    given = standard.get("birth_date")
    return date.fromisoformat(given).toordinal() if given else 0
