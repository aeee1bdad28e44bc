"""Find what fits a query: candidates by blocking key, scored with the model that batch uses.

Rules
- Others get a turn on the event loop after each small piece of work, whatever the queries ask for.
- One request stays within a ``Budget``; the query that would pass it, and all after it, are answered as truncated.
  The first query is always answered: the cap on a block bounds it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from identity.domain.attributes import Attributes
from identity.domain.edge import EdgeGrade
from identity.domain.model.blocking import block_keys
from identity.domain.model.model import Model
from identity.domain.model.scorer import Encoded
from identity.domain.personal import Access
from identity.domain.resolution import Fit
from identity.domain.source_record import IdentityId, RecordAddress, RecordId
from identity.domain.standardise import STANDARDISER, Standardiser
from identity.ports.sealer import Sealer
from identity.ports.transactor import Transaction

_SLICE = 32
"""Queries whose candidates are looked up at once: what is read at once is bounded by them, and round trips are few."""
_AT_ONCE = 8
"""Records unsealed before others get a turn on the event loop (below a millisecond)."""
_SCORED_AT_ONCE = 256
"""Comparisons made before others get a turn (about a millisecond)."""


@dataclass(slots=True)
class Found:
    """What fits one query: an identity by key, or fits by score; ``truncated`` if a key of the query was too common to look at,
    or the request asked for more than one request may.
    """

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


@dataclass(frozen=True, slots=True)
class Budget:
    """What one request may cost: records unsealed, and comparisons made (each about a second's worth)."""

    unsealed: int = 20_000
    scored: int = 200_000


_USUAL = Budget()


@dataclass(slots=True)
class _Pool:
    """The candidates that a request has unsealed so far, and what it has spent."""

    budget: Budget
    current: dict[RecordId, IdentityId] = field(default_factory=dict)
    encoded: dict[RecordId, Encoded] = field(default_factory=dict)
    scored: int = 0
    spent: bool = False

    def admit(self, records: Collection[RecordId], more: set[RecordId]) -> bool:
        """Whether a query with these candidates may still be answered; ``more`` are those already admitted and yet to be unsealed.

        Once one may not, none after it may: which queries are answered depends on nothing but their order.
        """
        unsealed = len(self.encoded) + len(more.union(records) - self.encoded.keys())
        scored = self.scored + len(records)
        self.spent = self.spent or (self.scored > 0 and (unsealed > self.budget.unsealed or scored > self.budget.scored))
        if not self.spent:
            self.scored = scored
        return not self.spent


class Search:
    """Finds what fits queries, a slice of them at a time, and unseals each record once."""

    def __init__(self, *, sealer: Sealer, access: Access, budget: Budget = _USUAL, standardiser: Standardiser = STANDARDISER) -> None:
        self._sealer = sealer
        self._access = access
        self._budget = budget
        self._standardiser = standardiser

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
        pool = _Pool(self._budget)
        found: list[Found] = []
        for start in range(0, len(queries), _SLICE):
            if pool.spent:
                found += [Found(truncated=True) for _ in queries[start:]]
                break
            found += await self._slice(tx, model, queries[start : start + _SLICE], pool)
        return found

    async def _slice(self, tx: Transaction, model: Model, queries: Sequence[Attributes], pool: _Pool) -> list[Found]:
        """Answer some queries from the pool, after adding their candidates to it."""
        read: list[_Query] = []
        for raw in queries:
            read.append(self._read(model, raw))
            await asyncio.sleep(0)
        tags = {tag for query in read for tag in query.tags}
        if not tags:
            return [Found() for _ in queries]
        blocks = await tx.records.candidates(tags, cap=model.bundle.declaration.blocking.cap)
        near = {record for records in blocks.by_key.values() for record in records} - pool.encoded.keys()
        pool.current.update(await tx.identities.current(near) if near else {})
        wanted: list[set[RecordId] | None] = []
        more: set[RecordId] = set()
        for query in read:
            records = {record for tag in query.tags for record in blocks.by_key.get(tag, ()) if record in pool.current}
            admitted = pool.admit(records, more)
            wanted.append(records if admitted else None)
            more |= records - pool.encoded.keys() if admitted else set()
        await self._unseal(tx, model, more, pool)
        found: list[Found] = []
        for query, admitted_records in zip(read, wanted, strict=True):
            if admitted_records is None:
                found.append(Found(truncated=True))
                continue
            fits = await _best(model, query.encoded, admitted_records & pool.encoded.keys(), pool)
            found.append(Found(fits=fits, truncated=not blocks.truncated.isdisjoint(query.tags)))
        return found

    def _read(self, model: Model, raw: Attributes) -> _Query:
        standard = self._standardiser.columns({name: value.strip() for name, value in raw.items()}, model.bundle.extras, {})
        keys = block_keys(model.bundle.declaration.blocking, standard)
        return _Query(model.scorer.encode(standard), self._sealer.block_tags(keys))

    async def _unseal(self, tx: Transaction, model: Model, records: Collection[RecordId], pool: _Pool) -> None:
        """Unseal candidates, and put into the pool what scoring needs."""
        versions = list((await tx.records.read(records)).values()) if records else []
        for start in range(0, len(versions), _AT_ONCE):
            some = versions[start : start + _AT_ONCE]
            for version, content in zip(some, self._sealer.unseal(some), strict=True):
                pool.encoded[version.record_id] = model.scorer.encode(content.reveal(self._access).standard)
            await asyncio.sleep(0)


async def _best(model: Model, query: Encoded, records: Collection[RecordId], pool: _Pool) -> list[Fit]:
    """Return the best fit of each identity that fits at all."""
    best: dict[IdentityId, Fit] = {}
    for number, record in enumerate(records, start=1):
        if number % _SCORED_AT_ONCE == 0:
            await asyncio.sleep(0)
        fit = _fit(model, query, pool.encoded[record], pool.current[record])
        known = best.get(fit.identity) if fit else None
        if fit and (known is None or (fit.decision_weight, fit.score.match_weight) > (known.decision_weight, known.score.match_weight)):
            best[fit.identity] = fit
    await asyncio.sleep(0)
    return list(best.values())


def _fit(model: Model, query: Encoded, record: Encoded, identity: IdentityId) -> Fit | None:
    """Return how a record's identity fits a query, or None if it does not."""
    scored = model.scorer.score(query, record)
    if scored.match_weight < model.bundle.thresholds.review:
        return None
    decision = model.decider.decide(scored.pattern, scored.match_weight, scored.household_adjustment)
    if decision.grade is None or decision.grade is EdgeGrade.VETO:
        return None
    return Fit(identity, decision.decision_weight, scored)
