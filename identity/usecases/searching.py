"""Find what fits a query: candidates by blocking key, scored with the model that batch uses."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from identity.domain.attributes import Attributes
from identity.domain.edge import EdgeGrade
from identity.domain.model.blocking import block_keys
from identity.domain.model.model import Model
from identity.domain.model.scorer import Encoded
from identity.domain.personal import Access
from identity.domain.resolution import Fit
from identity.domain.source_record import IdentityId, RecordAddress, RecordId
from identity.domain.standardise import standardise
from identity.ports.sealer import Sealer
from identity.ports.transactor import Transaction

_AT_ONCE = 64
"""Records or queries worked on before others get a turn on the event loop (a few milliseconds)."""


@dataclass(slots=True)
class Found:
    """What fits one query: an identity by key, or fits by score; ``truncated`` if a key of the query was too common to look at."""

    known: IdentityId | None = None
    fits: list[Fit] = field(default_factory=list)
    truncated: bool = False

    @property
    def identities(self) -> set[IdentityId]:
        """Every identity concerned."""
        return {fit.identity for fit in self.fits} | ({self.known} if self.known is not None else set())


@dataclass(frozen=True, slots=True)
class _Query:
    encoded: Encoded
    tags: tuple[int, ...]


class Search:
    """Finds what fits queries, all of them at once: one read of each kind, and each record unsealed once."""

    def __init__(self, *, sealer: Sealer, access: Access) -> None:
        self._sealer = sealer
        self._access = access

    async def by_address(self, tx: Transaction, addresses: Sequence[RecordAddress]) -> list[Found]:
        """Find the current identity of each record that is live; order is kept."""
        heads = await tx.records.find(set(addresses)) if addresses else {}
        live = {address: head.record_id for address, head in heads.items() if not head.deleted}
        current = await tx.identities.current(set(live.values())) if live else {}
        return [Found(known=current.get(live[address]) if address in live else None) for address in addresses]

    async def by_attributes(self, tx: Transaction, model: Model, queries: Sequence[Attributes]) -> list[Found]:
        """Find the identities that each query fits, at or above the review threshold; order is kept.

        Raises:
            IdentityError: ``SEAL_BROKEN`` if a candidate cannot be unsealed.
        """
        read: list[_Query] = []
        for start in range(0, len(queries), _AT_ONCE):
            read.extend(self._read(model, raw) for raw in queries[start : start + _AT_ONCE])
            await asyncio.sleep(0)
        tags = {tag for query in read for tag in query.tags}
        if not tags:
            return [Found() for _ in queries]
        blocks = await tx.records.candidates(tags, cap=model.bundle.declaration.blocking.cap)
        near = {record for records in blocks.by_key.values() for record in records}
        current = await tx.identities.current(near) if near else {}
        encoded = await self._encoded(tx, model, current)
        found: list[Found] = []
        for number, query in enumerate(read):
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
            records = {record for tag in query.tags for record in blocks.by_key.get(tag, ())}
            fits = _best(model, query.encoded, records & encoded.keys(), encoded, current)
            found.append(Found(fits=fits, truncated=not blocks.truncated.isdisjoint(query.tags)))
        return found

    def _read(self, model: Model, raw: Attributes) -> _Query:
        standard = standardise(raw, model.bundle.extras)
        keys = block_keys(model.bundle.declaration.blocking, standard)
        return _Query(model.scorer.encode(standard), self._sealer.block_tags(keys))

    async def _encoded(self, tx: Transaction, model: Model, current: Mapping[RecordId, IdentityId]) -> dict[RecordId, Encoded]:
        """Unseal the candidates that belong to an identity, and derive what scoring needs."""
        versions = list((await tx.records.read(current.keys())).values()) if current else []
        encoded: dict[RecordId, Encoded] = {}
        for start in range(0, len(versions), _AT_ONCE):
            some = versions[start : start + _AT_ONCE]
            for version, content in zip(some, self._sealer.unseal(some), strict=True):
                encoded[version.record_id] = model.scorer.encode(content.reveal(self._access).standard)
            await asyncio.sleep(0)
        return encoded


def _best(
    model: Model,
    query: Encoded,
    records: set[RecordId],
    encoded: Mapping[RecordId, Encoded],
    current: Mapping[RecordId, IdentityId],
) -> list[Fit]:
    """Return the best fit of each identity that fits at all."""
    best: dict[IdentityId, Fit] = {}
    score, decide, least = model.scorer.score, model.decider.decide, model.bundle.thresholds.review
    for record in records:
        scored = score(query, encoded[record])
        if scored.match_weight < least:
            continue
        decision = decide(scored.pattern, scored.match_weight, scored.household_adjustment)
        if decision.grade is None or decision.grade is EdgeGrade.VETO:
            continue
        identity = current[record]
        known = best.get(identity)
        if known is None or (decision.decision_weight, scored.match_weight) > (known.decision_weight, known.score.match_weight):
            best[identity] = Fit(identity, decision.decision_weight, scored)
    return list(best.values())
