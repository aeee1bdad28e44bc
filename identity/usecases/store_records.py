"""Store records: decide what is new or changed, seal it, give it an identity; within a transaction of the caller's."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from identity.domain.attributes import Attribute, Attributes
from identity.domain.ingest import FRESH, IncomingRecord, Outcome, RecordResult, decide, unread
from identity.domain.mapping import Reading, Refusal, attributes_fault, key_fault
from identity.domain.model.blocking import Blocking, CompiledBlocking
from identity.domain.personal import Access, Personal
from identity.domain.source_record import IdentityId, RecordAddress, RecordHead, RecordId, RecordRef, SealedVersion
from identity.domain.standardise import STANDARDISER, Standardiser
from identity.ports.id_source import IdSource
from identity.ports.model_source import ModelSource
from identity.ports.sealer import Draft, RecordContent, Sealer
from identity.ports.transactor import Transaction

_AT_ONCE = 8
_IN_STEP = 250
"""Records that take each step together: a third faster than all steps of one record after the other, since code stays at hand."""
_KNOWN = frozenset(attribute.value for attribute in Attribute)


class Assigner(Protocol):
    """Assigns stored records to identities, within a transaction (``identity.usecases.assign_records``)."""

    async def within(self, tx: Transaction, records: Collection[RecordId], *, at: datetime) -> object: ...
    async def found_new(self, tx: Transaction, records: Collection[RecordId], *, at: datetime) -> None: ...
    async def found_alone(self, tx: Transaction, records: Collection[RecordId], *, at: datetime) -> None: ...
    async def forget(self, tx: Transaction, records: Collection[RecordId], *, at: datetime) -> object: ...


class Named(NamedTuple):
    """A record that may be stored, under its address and content MAC. ``raw`` is revealed: never shown, kept inside one call."""

    ref: RecordRef
    raw: Attributes
    address: RecordAddress
    content_mac: bytes
    deleted: bool

    def __repr__(self) -> str:
        return f"Named(address={self.address!r}, deleted={self.deleted!r})"


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of some records, and the blocking rules in force."""

    heads: Mapping[RecordAddress, RecordHead]
    blocking: Blocking


@dataclass(frozen=True, slots=True)
class StoragePlan:
    """What becomes of each record, and the sealed versions of those that are new or changed."""

    results: list[RecordResult]
    sealed: list[SealedVersion]


class RecordStorer:
    """Stores records. Its steps let a bulk load drop repeated keys, and seal outside the transaction."""

    def __init__(
        self,
        *,
        sealer: Sealer,
        ids: IdSource,
        access: Access,
        models: ModelSource,
        assigner: Assigner,
        standardiser: Standardiser = STANDARDISER,
    ) -> None:
        self._sealer = sealer
        self._ids = ids
        self._access = access
        self._models = models
        self._assigner = assigner
        self._standardiser = standardiser

    def treatment(self, reading: Reading) -> str:
        """Return what content MACs depend on besides the values: how they are read, and the standardiser that reads them."""
        return reading.treatment(self._standardiser.version)

    def name(self, records: Sequence[IncomingRecord], reading: Reading) -> list[Named | RecordResult]:
        """Return each record under its address, or its rejection; the second and later of one key are rejected."""
        treatment = self.treatment(reading)
        seen: set[RecordAddress] = set()
        named = [self._name(record, reading, treatment) for record in records]
        for position, record in enumerate(named):
            if isinstance(record, Named):
                if record.address in seen:
                    named[position] = RecordResult(Outcome.REJECTED, refusal=Refusal.DUPLICATE_KEY)
                seen.add(record.address)
        return named

    def _name(self, record: IncomingRecord, reading: Reading, treatment: str) -> Named | RecordResult:
        key = record.ref.key.strip()
        raw = {name: text for name, value in record.raw.reveal(self._access).items() if (text := value.strip())}
        fault = key_fault(key)
        if fault is not None:
            return RecordResult(Outcome.REJECTED, refusal=fault)
        wrong = None if record.deleted else attributes_fault(raw, reading.extras, _KNOWN)
        if wrong is not None:
            return RecordResult(Outcome.REJECTED, attribute=wrong[0], refusal=wrong[1])
        return self.name_all([(RecordRef(record.ref.source, key), raw, record.deleted)], treatment)[0]

    def name_all(self, records: Sequence[tuple[RecordRef, Attributes, bool]], treatment: str) -> list[Named]:
        """Return records (reference, attributes, whether deleted) that are known to be sound, each under its address."""
        addresses = [self._sealer.address(ref) for ref, _, _ in records]
        macs = [b"" if deleted else self._sealer.content_mac(ref, raw, treatment) for ref, raw, deleted in records]
        return [Named(ref, raw, address, mac, deleted) for (ref, raw, deleted), address, mac in zip(records, addresses, macs, strict=True)]

    async def look(self, tx: Transaction, records: Sequence[Named], *, all_new: bool = False) -> Known:
        """Read what deciding about the records needs; if they are taken to be ``all_new``, applying the plan will tell otherwise."""
        heads = {} if all_new else await tx.records.find([record.address for record in records])
        return Known(heads, (await self._models.active(tx)).bundle.declaration.blocking)

    async def plan(self, records: Sequence[Named], reading: Reading, known: Known) -> StoragePlan:
        """Decide what becomes of each record, and seal what is new or changed."""
        ids = iter(self._ids.many(sum(record.address not in known.heads for record in records)))
        results = [_decide(record, known.heads.get(record.address), ids) for record in records]
        changed = [(record, result) for record, result in zip(records, results, strict=True) if result.outcome in FRESH]
        puzzling: dict[RecordId, tuple[str, ...]] = {}
        if len(changed) > _AT_ONCE:  # many records would hold up whoever else this event loop serves
            sealed = await asyncio.to_thread(self._seal_all, changed, reading, known.blocking, puzzling)
        else:
            sealed = self._seal_all(changed, reading, known.blocking, puzzling)
        if puzzling:
            results = [_told(result, puzzling) for result in results]
        return StoragePlan(results, sealed)

    async def apply(self, tx: Transaction, plan: StoragePlan, *, at: datetime, assign: bool) -> list[RecordResult]:
        """Carry a plan out: store, delete, and assign, with their like at once or each alone (``assign`` False).

        Raises:
            ConcurrentChangeError: if one of the records changed since the plan was made.
        """
        if plan.sealed:
            await tx.records.add(plan.sealed, at)
        gone = [result.record_id for result in plan.results if result.outcome is Outcome.DELETED and result.record_id]
        if gone:
            await delete_records(tx, self._assigner, gone, at=at)
        if assign and plan.sealed:
            await self._assigner.within(tx, [version.record_id for version in plan.sealed], at=at)
        elif plan.sealed:
            await self._found(tx, plan.sealed, at)
        return plan.results

    async def _found(self, tx: Transaction, sealed: Sequence[SealedVersion], at: datetime) -> None:
        new = [version.record_id for version in sealed if version.version == 1]
        if new:
            await self._assigner.found_new(tx, new, at=at)
        if len(new) < len(sealed):
            await self._assigner.found_alone(tx, [version.record_id for version in sealed if version.version != 1], at=at)

    async def store(self, tx: Transaction, records: Sequence[Named], reading: Reading, *, at: datetime, assign: bool) -> list[RecordResult]:
        """Look, plan and apply.

        Raises:
            ConcurrentChangeError: if one of the records changed meanwhile; the transactor retries.
        """
        return await self.apply(tx, await self.plan(records, reading, await self.look(tx, records)), at=at, assign=assign)

    async def still_holds(self, tx: Transaction, known: Known) -> bool:
        """Whether the blocking rules a plan was made by are in force (its record heads are checked when it is applied)."""
        return (await self._models.active(tx)).bundle.declaration.blocking == known.blocking

    def _seal_all(
        self,
        changed: Sequence[tuple[Named, RecordResult]],
        reading: Reading,
        blocking: Blocking,
        puzzling: dict[RecordId, tuple[str, ...]],
    ) -> list[SealedVersion]:
        """Seal records; note in ``puzzling`` the attributes of each that were not understood."""
        compiled = CompiledBlocking(blocking)
        sealed: list[SealedVersion] = []
        for start in range(0, len(changed), _IN_STEP):
            some = changed[start : start + _IN_STEP]
            contents = _contents([record for record, _ in some], reading, self._standardiser)
            keys = [compiled.keys(content.standard) for content in contents]
            tags = [self._sealer.block_tags(of_one) for of_one in keys]
            sealed += self._sealer.seal_all(
                [
                    Draft(result.record_id, result.version, Personal(content), of_one, record.address, record.content_mac)
                    for (record, result), content, of_one in zip(some, contents, tags, strict=True)
                    if result.record_id  # created and updated records have one
                ]
            )
            for (_, result), content in zip(some, contents, strict=True):
                if result.record_id and (nothing := unread(content.raw, content.standard)):
                    puzzling[result.record_id] = nothing
        return sealed


def _contents(records: Sequence[Named], reading: Reading, standardiser: Standardiser) -> list[RecordContent]:
    declared: dict[tuple[str, ...], Reading] = {}
    readings = []
    for record in records:
        names = tuple(record.raw)
        if names not in declared:
            declared[names] = _reading_of(names, reading)
        readings.append(declared[names])
    standards = standardiser.all_columns([(record.raw, own.extras, own.formats) for record, own in zip(records, readings, strict=True)])
    return [
        RecordContent(record.ref, record.raw, standard, standardiser.version, own.extras, own.assurance, own.formats)
        for record, own, standard in zip(records, readings, standards, strict=True)
    ]


def _reading_of(names: Collection[str], reading: Reading) -> Reading:
    """Return what is declared of these attributes, not all that was: a declaration must not cost by records times extras."""
    return Reading(
        formats={name: reading.formats[name] for name in names if name in reading.formats},
        extras={name: reading.extras[name] for name in names if name in reading.extras},
        assurance={name: reading.assurance[name] for name in names if name in reading.assurance},
    )


def _decide(record: Named, head: RecordHead | None, ids: Iterator[UUID]) -> RecordResult:
    outcome = decide(head, record.content_mac, deleted=record.deleted)
    if outcome is Outcome.ABSENT:
        return RecordResult(outcome)
    if head is None:
        return RecordResult(outcome, RecordId(next(ids)), 1)
    return RecordResult(outcome, head.record_id, head.version + (outcome is Outcome.UPDATED))


def _told(result: RecordResult, puzzling: Mapping[RecordId, tuple[str, ...]]) -> RecordResult:
    """Return the result with what was not understood of its record."""
    unread = puzzling.get(result.record_id) if result.record_id else None
    return result._replace(unread=unread) if unread else result


async def delete_records(tx: Transaction, assigner: Assigner, records: Sequence[RecordId], *, at: datetime) -> None:
    """Un-link records and mark them deleted."""
    await assigner.forget(tx, records, at=at)
    await tx.records.delete(records, at)


def with_identities(results: Sequence[RecordResult], identities: dict[RecordId, IdentityId]) -> tuple[RecordResult, ...]:
    """Return the results with the identity of each record that has one."""
    return tuple(result._replace(identity_id=identities.get(result.record_id)) if result.record_id else result for result in results)
