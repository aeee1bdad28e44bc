"""Split an identity: take records out into one of their own, and keep the parts apart for good."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import product
from typing import Final
from uuid import UUID

from identity.domain.churn import Churn
from identity.domain.errors import IdentityError, Reason
from identity.domain.judgement import Authority, Judgement, Verdict, pair
from identity.domain.source_record import IdentityId, RecordId, RecordRef
from identity.domain.unified_identity import Cause, IdentityState
from identity.ports.clock import Clock
from identity.ports.sealer import Sealer
from identity.ports.transactor import Transaction, Transactor
from identity.usecases.answer_once import Request, answer_once
from identity.usecases.live_record import live_record
from identity.usecases.regroup import Regroup

_METHOD: Final = "SplitIdentity"


@dataclass(frozen=True, slots=True)
class SplitIdentity:
    """Take these records out of this current identity: at least one, and not all. They are named by our id or by their source key.

    ``request`` makes repeating it harmless.
    """

    identity_id: IdentityId
    records: tuple[RecordId | RecordRef, ...]
    author: str
    request: Request | None = None


@dataclass(frozen=True, slots=True)
class IdentitySplit:
    """The identities that now hold the records: first the one of those taken out, then the others."""

    identities: tuple[IdentityId, ...]
    churn: Churn


class IdentitySplitter:
    """Splits identities. ``within`` lets a caller join the split with its own writes."""

    def __init__(self, *, transactor: Transactor, sealer: Sealer, clock: Clock, regroup: Regroup) -> None:
        self._transactor = transactor
        self._sealer = sealer
        self._clock = clock
        self._regroup = regroup

    async def __call__(self, command: SplitIdentity) -> IdentitySplit:
        """Split an identity in a transaction of its own; raises as ``within`` does."""

        async def work(tx: Transaction) -> IdentitySplit:
            return await answer_once(
                tx, command.request, lambda: self.within(tx, command), method=_METHOD, at=self._clock.now(), write=_write, read=_read
            )

        return await self._transactor.run(work)

    async def within(self, tx: Transaction, command: SplitIdentity) -> IdentitySplit:
        """Judge the records taken out different from each that stays, and the same as each other; then settle.

        What stays may fall apart, if it hung together only through the records taken out.

        Raises:
            IdentityError: ``IDENTITY_NOT_FOUND``, ``IDENTITY_NOT_CURRENT``, ``RECORD_NOT_FOUND`` if a source key is unknown, or
                ``SPLIT_NOT_APPLICABLE`` if no record is given, one is not of the identity, or all of it is.
        """
        members = await self._members(tx, command.identity_id)
        out = frozenset([await self._id(tx, named) for named in command.records])
        if not out or not out < members:
            raise IdentityError(Reason.SPLIT_NOT_APPLICABLE, records=len(out), members=len(members))
        at = self._clock.now()
        for judgement in _judgements(out, members - out, command.author, at):
            await tx.judgements.add(judgement)
        settled = await self._regroup.around(tx, members, at=at, cause=Cause.SPLIT)
        first = settled.identities[min(out)]
        others = {settled.identities[record] for record in members} - {first}
        return IdentitySplit((first, *sorted(others)), settled.churn)

    async def _id(self, tx: Transaction, named: RecordId | RecordRef) -> RecordId:
        return await live_record(tx, self._sealer, named) if isinstance(named, RecordRef) else named

    async def _members(self, tx: Transaction, identity_id: IdentityId) -> frozenset[RecordId]:
        identity = (await tx.identities.read([identity_id])).get(identity_id)
        if identity is None:
            raise IdentityError(Reason.IDENTITY_NOT_FOUND, identity_id=str(identity_id))
        if identity.state is not IdentityState.CURRENT:
            raise IdentityError(Reason.IDENTITY_NOT_CURRENT, identity_id=str(identity_id))
        return (await tx.identities.members([identity_id]))[identity_id]


def _judgements(out: frozenset[RecordId], rest: frozenset[RecordId], author: str, at: datetime) -> Iterable[Judgement]:
    """Every pair across the cut, so that no part of either side finds its way back; and one chain through what is taken out."""
    for one, other in sorted(product(out, rest)):
        yield Judgement(*pair(one, other), Verdict.DIFFERENT, Authority.HUMAN, author, at)
    first, *others = sorted(out)
    for other in others:
        yield Judgement(first, other, Verdict.SAME, Authority.HUMAN, author, at)


def _write(split: IdentitySplit) -> bytes:
    return json.dumps([[str(identity) for identity in split.identities], asdict(split.churn)]).encode()


def _read(answer: bytes) -> IdentitySplit:
    identities, churned = json.loads(answer)
    return IdentitySplit(tuple(IdentityId(UUID(identity)) for identity in identities), Churn(**churned))
