"""Explain why two records were linked, held apart or left alone: weights, never values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from identity.domain.edge import EdgeGrade
from identity.domain.errors import IdentityError, Reason
from identity.domain.model.blocking import block_keys
from identity.domain.model.explanation import contributions, household_contributions, probability
from identity.domain.model.model import Model
from identity.domain.model.scorer import prior_weight
from identity.domain.personal import Access
from identity.domain.source_record import RecordId, RecordRef
from identity.ports.model_source import ModelSource
from identity.ports.purpose_gate import Use
from identity.ports.sealer import RecordContent, Sealer
from identity.ports.transactor import Transaction, Transactor
from identity.usecases.answer import MatchReason
from identity.usecases.live_record import live_record
from identity.usecases.releasing import Released, Releasing


@dataclass(frozen=True, slots=True)
class ExplainMatch:
    """Why do these two records match, or not? Records are named by our id or by their source key.

    ``sources``: the source systems whose records whoever asks may look into. Both records must be of them, however they are named: a
    record of one's own making, explained against somebody else's, would tell that one's values step by step (closer, within a year, exact).
    """

    use: Use
    left: RecordId | RecordRef
    right: RecordId | RecordRef
    sources: frozenset[str]


@dataclass(frozen=True, slots=True)
class Explanation:
    """How the pair's weights come about.

    ``prior`` and ``reasons`` add up to ``match_weight`` (a reason's weight includes its term-frequency correction);
    ``household_prior`` and ``household_reasons`` to ``household_weight``. ``grade`` None: below review. ``veto`` names a contradiction.
    ``blocked_together``: whether the two share a blocking key, without which no run would look at the pair.
    """

    match_weight: float
    decision_weight: float
    match_probability: float
    household_weight: float
    prior: float
    household_prior: float
    reasons: tuple[MatchReason, ...]
    household_reasons: tuple[MatchReason, ...]
    grade: EdgeGrade | None
    veto: str | None
    same_identity: bool
    blocked_together: bool
    bundle: str
    warnings: tuple[str, ...] = ()


class MatchExplainer:
    """Explains pairs of live records to whoever may learn of both."""

    def __init__(self, *, transactor: Transactor, models: ModelSource, sealer: Sealer, releasing: Releasing, access: Access) -> None:
        self._transactor = transactor
        self._models = models
        self._sealer = sealer
        self._releasing = releasing
        self._access = access

    async def __call__(self, query: ExplainMatch) -> Explanation:
        """Explain a pair.

        Raises:
            IdentityError: ``RECORD_NOT_FOUND`` if either is unknown, deleted, of a source that is not of ``sources``, or withheld from this
                use: by the gate, or because its identity is quarantined (they look alike).
        """

        async def work(tx: Transaction) -> Explanation:
            records = [await live_record(tx, self._sealer, named) for named in (query.left, query.right)]
            versions = await tx.records.read(records)
            if any(versions[record].address.source not in query.sources for record in records):
                raise IdentityError(Reason.RECORD_NOT_FOUND)
            answer, same_identity = await self._released(tx, query.use, records)
            contents = self._sealer.unseal([versions[record] for record in records])
            left, right = (content.reveal(self._access) for content in contents)
            explained = self._explain(await self._models.active(tx), left, right, same_identity=same_identity)
            return replace(explained, warnings=answer.warnings)

        return await self._transactor.run(work, read_only=True)

    async def _released(self, tx: Transaction, use: Use, records: Sequence[RecordId]) -> tuple[Released, bool]:
        """Return what may be told of the records' identities, and whether the two are one."""
        current = await tx.identities.current(records)
        identities = {current[record] for record in records if record in current}
        known = await tx.identities.read(identities)
        answer = await self._releasing.released(tx, use, (identity for identity in identities if not known[identity].quarantined))
        if any(current.get(record) not in answer.permitted for record in records):
            raise IdentityError(Reason.RECORD_NOT_FOUND)
        return answer, len(identities) == 1

    def _explain(self, model: Model, left: RecordContent, right: RecordContent, *, same_identity: bool) -> Explanation:
        score = model.scorer.score(model.scorer.encode(left.standard), model.scorer.encode(right.standard))
        decision = model.decider.decide(score.pattern, score.match_weight, score.household_adjustment)
        blocking = model.bundle.declaration.blocking
        return Explanation(
            match_weight=score.match_weight,
            decision_weight=decision.decision_weight,
            match_probability=probability(decision.decision_weight),
            household_weight=decision.household_weight,
            prior=prior_weight(model.bundle.match_prior),
            household_prior=prior_weight(model.bundle.household_prior),
            reasons=tuple(MatchReason(*contribution) for contribution in contributions(model, score)),
            household_reasons=tuple(MatchReason(*contribution) for contribution in household_contributions(model, score)),
            grade=decision.grade,
            veto=decision.veto,
            same_identity=same_identity,
            blocked_together=not set(block_keys(blocking, left.standard)).isdisjoint(block_keys(blocking, right.standard)),
            bundle=model.digest,
        )
