"""Link everything in one batch: unseal, predict, cluster, carry ids over, publish at once.

Rules (DESIGN §4.5)
- Publication is one transaction: all of it is seen, or none. Whatever fails before leaves the identities as they were.
- Records that come in, change or go while the batch runs are not lost: the batch works around them, keeps the edges they made on
  arrival, and assigns them again once it has published.
- What a steward decided meanwhile is in force: judgements and assignments are read in the publishing transaction.
- A dry run writes nothing at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from identity.domain.churn import Churn, require_within_budget, within_budget
from identity.domain.edge import Edge, EdgeGrade
from identity.domain.errors import IdentityError, Reason
from identity.domain.model.model import Model
from identity.domain.personal import Access
from identity.domain.quarantine import QuarantineReason
from identity.domain.refusal import LinkRefusal
from identity.domain.source_record import RecordId
from identity.domain.unified_identity import Cause
from identity.ports.clock import Clock
from identity.ports.id_source import IdSource
from identity.ports.linker import Linker, LinkerProgress, Prediction
from identity.ports.model_source import ModelSource
from identity.ports.purpose_gate import PurposeGate
from identity.ports.sealer import Sealer
from identity.ports.transactor import Transaction, Transactor
from identity.usecases.assign_records import AssignRecords
from identity.usecases.batch_plan import BatchPlan, BatchPlanner
from identity.usecases.batch_snapshot import BatchSnapshot, SnapshotReader
from identity.usecases.regroup import GroupingPolicy

REASSIGNED_AT_ONCE = 500
RETAGGED_AT_ONCE = 5000
DEFAULT_CHURN_BUDGET = 0.25


@dataclass(frozen=True, slots=True)
class LinkBatch:
    """Reconcile all records. ``dry_run`` reports what would change and changes nothing; ``churn_budget`` is the share of the established
    identities (two records or more) that the run may disturb, None for no limit. A dry run is never refused for churn.
    """

    dry_run: bool = False
    churn_budget: float | None = DEFAULT_CHURN_BUDGET


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What a batch link found and did. Counts and seconds; no ids, no values.

    ``identities_before`` and ``identities_after`` count identities with records. ``within_budget`` tells whether churn would be accepted.
    ``refused``: links that the machine found and left for a steward, by reason.
    ``withheld``: records whose subjects object to unification, compared with nobody. ``retagged``: records whose blocking keys were
    renewed, because the rules or the standardiser changed. ``restandardised``: records that another version of the standardiser stored,
    standardised anew for this run as for every look at them (ADR 13). ``reassigned``: records that came in or changed while the batch ran,
    assigned again after it.
    """

    bundle: str
    dry_run: bool
    records: int
    withheld: int
    candidate_pairs: int
    edges: Mapping[EdgeGrade, int]
    truncated_blocks: int
    truncated_records: int
    identities_before: int
    identities_after: int
    churn: Churn
    within_budget: bool
    quarantined: Mapping[QuarantineReason, int] = field(default_factory=dict)
    refused: Mapping[LinkRefusal, int] = field(default_factory=dict)
    retagged: int = 0
    restandardised: int = 0
    reassigned: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LinkProgress:
    """How far a batch link is; ``total`` 0: not known.

    Stages: ``loading`` (records), ``scoring`` (pairs), ``tagging`` (records), ``publishing``, ``reassigning`` (records).
    """

    stage: str
    done: int
    total: int


Tell: TypeAlias = Callable[[LinkProgress], None]


class BatchLinker:
    """Runs batch links. Two at a time would only be slower: the second to publish finds its transaction in conflict and tries again."""

    def __init__(
        self,
        *,
        transactor: Transactor,
        linker: Linker,
        models: ModelSource,
        gate: PurposeGate,
        sealer: Sealer,
        access: Access,
        clock: Clock,
        ids: IdSource,
        assign: AssignRecords,
        policy: GroupingPolicy,
    ) -> None:
        self._transactor = transactor
        self._linker = linker
        self._models = models
        self._clock = clock
        self._assign = assign
        self._reader = SnapshotReader(transactor=transactor, gate=gate, sealer=sealer, access=access)
        self._planner = BatchPlanner(gate=gate, ids=ids, policy=policy)

    async def __call__(self, command: LinkBatch, *, progress: Tell | None = None) -> BatchReport:
        """Link everything, and report.

        Raises:
            IdentityError: ``LINKER_FAILED`` (``why``: what became of the worker, or ``bundle-changed`` if another bundle was promoted
                meanwhile), ``CHURN_OVER_BUDGET``, ``SEAL_BROKEN``, ``STORE_UNAVAILABLE``; nothing is published then.
        """
        tell = progress or _silent
        watch = _Watch(self._clock)
        model = await self._transactor.run(self._models.active, read_only=True)
        snapshot = BatchSnapshot()
        prediction = await self._predict(model, snapshot, tell)
        watch.lap("predict")
        retagged = 0 if command.dry_run else await self._retag(snapshot, tell)
        watch.lap("tag")
        tell(LinkProgress("publishing", 0, 0))

        async def publish(tx: Transaction) -> BatchPlan:
            return await self._publish(tx, command, model, snapshot, prediction.edges)

        plan = await self._transactor.run(publish, read_only=command.dry_run)
        watch.lap("publish")
        if not command.dry_run:
            await self._reassign(plan.changed, tell)
            watch.lap("reassign")
        return _report(command, model, snapshot, prediction, plan, retagged=retagged, seconds=watch.laps)

    async def _predict(self, model: Model, snapshot: BatchSnapshot, tell: Tell) -> Prediction:
        def heard(heard: LinkerProgress) -> None:
            tell(LinkProgress(heard.stage, heard.done, heard.total or (snapshot.total if heard.stage == "loading" else 0)))

        async with aclosing(self._reader.rows(snapshot, model)) as rows:
            return await self._linker.predict(rows, bundle=model.bundle, progress=heard)

    async def _retag(self, snapshot: BatchSnapshot, tell: Tell) -> int:
        """Renew the blocking keys that no longer follow the rules, a part at a time, and return of how many records; doing it twice
        changes nothing. Records that changed since the snapshot got theirs when they did.
        """
        stale = snapshot.stale
        renewed = 0
        for start in range(0, len(stale), RETAGGED_AT_ONCE):
            part = stale[start : start + RETAGGED_AT_ONCE]

            async def renew(tx: Transaction, part: Sequence[int] = part) -> int:
                heads = await tx.records.heads([snapshot.ids[number] for number in part])
                same = [number for number in part if snapshot.unchanged(number, heads.get(snapshot.ids[number]))]
                await tx.records.retag({snapshot.ids[number]: snapshot.tags_of(number) for number in same})
                return len(same)

            renewed += await self._transactor.run(renew)
            tell(LinkProgress("tagging", start + len(part), len(stale)))
        return renewed

    async def _publish(
        self, tx: Transaction, command: LinkBatch, model: Model, snapshot: BatchSnapshot, found: Sequence[Edge]
    ) -> BatchPlan:
        if (await self._models.active(tx)).digest != model.digest:
            raise IdentityError(Reason.LINKER_FAILED, why="bundle-changed")
        plan = await self._planner.plan(tx, snapshot, found)
        if not command.dry_run:
            require_within_budget(plan.churn, command.churn_budget)
            await tx.edges.replace_all(plan.edges)
            if plan.refused:
                await tx.edges.mark_refused(plan.refused)
            if not plan.assignments.empty:
                await tx.identities.apply(plan.assignments, at=self._clock.now(), cause=Cause.BATCH_LINK)
        return plan

    async def _reassign(self, changed: Sequence[RecordId], tell: Tell) -> None:
        for start in range(0, len(changed), REASSIGNED_AT_ONCE):
            part = changed[start : start + REASSIGNED_AT_ONCE]

            async def assign(tx: Transaction, part: Sequence[RecordId] = part) -> None:
                await self._assign.within(tx, part, at=self._clock.now())

            await self._transactor.run(assign)
            tell(LinkProgress("reassigning", start + len(part), len(changed)))


def _silent(_: LinkProgress) -> None:
    """Tell nobody."""


class _Watch:
    """Measures stages, in seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: datetime = clock.now()
        self.laps: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        now = self._clock.now()
        self.laps[stage] = (now - self._since).total_seconds()
        self._since = now


def _report(
    command: LinkBatch,
    model: Model,
    snapshot: BatchSnapshot,
    prediction: Prediction,
    plan: BatchPlan,
    *,
    retagged: int,
    seconds: Mapping[str, float],
) -> BatchReport:
    return BatchReport(
        bundle=model.digest,
        dry_run=command.dry_run,
        records=plan.records,
        withheld=snapshot.withheld,
        candidate_pairs=prediction.pairs,
        edges=Counter(edge.grade for edge in plan.edges),
        truncated_blocks=prediction.truncated_blocks,
        truncated_records=prediction.truncated_records,
        identities_before=plan.identities_before,
        identities_after=plan.identities_after,
        churn=plan.churn,
        within_budget=within_budget(plan.churn, command.churn_budget),
        quarantined=plan.quarantined,
        refused=Counter(plan.refused.values()),
        retagged=retagged,
        restandardised=snapshot.restandardised,
        reassigned=len(plan.changed),
        seconds=seconds,
    )
