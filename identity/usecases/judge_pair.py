"""Judge a pair: a steward's or a rule's decision, kept for good and acted on at once."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from identity.domain.churn import Churn
from identity.domain.judgement import Authority, Judgement, Verdict, pair
from identity.domain.judging import require_consistent
from identity.domain.source_record import IdentityId, RecordId, RecordRef
from identity.domain.unified_identity import Cause
from identity.ports.clock import Clock
from identity.ports.sealer import Sealer
from identity.ports.transactor import Transaction, Transactor
from identity.usecases.answer_once import Request, answer_once
from identity.usecases.live_record import live_record
from identity.usecases.regroup import Regroup

_METHOD: Final = "JudgePair"


@dataclass(frozen=True, slots=True)
class JudgePair:
    """These two are, or are not, one person. Records are named by our id or by their source key; ``author`` is an authenticated name.

    ``request`` makes repeating it harmless.
    """

    left: RecordId | RecordRef
    right: RecordId | RecordRef
    verdict: Verdict
    author: str
    authority: Authority = Authority.HUMAN
    request: Request | None = None


@dataclass(frozen=True, slots=True)
class PairJudged:
    """The judgement as it stands (its ends in canonical order), the identities of the records as commanded, and what changed."""

    judgement: Judgement
    left_identity: IdentityId
    right_identity: IdentityId
    churn: Churn


class PairJudge:
    """Judges pairs. ``within`` lets a caller join the judgement with its own writes (an idempotency record, a ledger leaf)."""

    def __init__(self, *, transactor: Transactor, sealer: Sealer, clock: Clock, regroup: Regroup) -> None:
        self._transactor = transactor
        self._sealer = sealer
        self._clock = clock
        self._regroup = regroup

    async def __call__(self, command: JudgePair) -> PairJudged:
        """Judge a pair in a transaction of its own; raises as ``within`` does."""

        async def work(tx: Transaction) -> PairJudged:
            return await answer_once(
                tx, command.request, lambda: self.within(tx, command), method=_METHOD, at=self._clock.now(), write=_write, read=_read
            )

        return await self._transactor.run(work)

    async def within(self, tx: Transaction, command: JudgePair) -> PairJudged:
        """Keep the judgement and settle the identities around the pair.

        Raises:
            IdentityError: ``RECORD_NOT_FOUND`` if a record is unknown or deleted, ``JUDGEMENT_ON_ITSELF``, ``JUDGEMENT_CONTRADICTS``.
        """
        left, right = await live_record(tx, self._sealer, command.left), await live_record(tx, self._sealer, command.right)
        at = self._clock.now()
        judgement = Judgement(*pair(left, right), command.verdict, command.authority, command.author, at)
        require_consistent(judgement, await implied_by(tx, left, right))
        await tx.judgements.add(judgement)
        settled = await self._regroup.around(tx, {left, right}, at=at, cause=Cause.JUDGEMENT)
        return PairJudged(judgement, settled.identities[left], settled.identities[right], settled.churn)


async def implied_by(tx: Transaction, *records: RecordId) -> list[Judgement]:
    """Return the standing judgements on the records and on everything that must-links make one with them."""
    seen: set[RecordId] = set()
    found: dict[tuple[RecordId, RecordId], Judgement] = {}
    frontier = set(records)
    while frontier:
        judgements = await tx.judgements.touching(frontier)
        seen |= frontier
        found.update(((judgement.left, judgement.right), judgement) for judgement in judgements)
        same = (judgement for judgement in judgements if judgement.verdict is Verdict.SAME)
        frontier = {record for judgement in same for record in (judgement.left, judgement.right)} - seen
    return list(found.values())


def _write(judged: PairJudged) -> bytes:
    told = judged.judgement
    ids = [str(uuid) for uuid in (told.left, told.right, judged.left_identity, judged.right_identity)]
    return json.dumps([ids, told.verdict, int(told.authority), told.author, told.at.isoformat(), asdict(judged.churn)]).encode()


def _read(answer: bytes) -> PairJudged:
    (left, right, left_identity, right_identity), verdict, authority, author, at, churned = json.loads(answer)
    judgement = Judgement(
        RecordId(UUID(left)), RecordId(UUID(right)), Verdict(verdict), Authority(authority), author, datetime.fromisoformat(at)
    )
    return PairJudged(judgement, IdentityId(UUID(left_identity)), IdentityId(UUID(right_identity)), Churn(**churned))
