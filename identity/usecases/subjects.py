"""Subjects: whose data it is, read in the caller's transaction, for the purpose gate and for whoever keeps what people chose.

Rules
- An identity's subject is its records as they stand. One that has none any more (superseded, split, retired) is the subject of those
  it ever had, each by itself: what became of them says whether its history may be told.
- Records are unsealed to see what proves them one person's; a record that is gone proves nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from identity.domain.personal import Access
from identity.domain.proof import Proof, proofs, proved_groups, says_child
from identity.domain.source_record import IdentityId, RecordAddress, RecordId
from identity.domain.unified_identity import Assignment
from identity.ports.clock import Clock
from identity.ports.purpose_gate import Subject
from identity.ports.sealer import Sealer
from identity.ports.transactor import Transaction, Transactor


class SubjectReader:
    """Reads subjects."""

    def __init__(self, *, sealer: Sealer, access: Access, clock: Clock) -> None:
        self._sealer = sealer
        self._access = access
        self._clock = clock

    async def of_identities(self, tx: Transaction, identities: Collection[IdentityId]) -> dict[IdentityId, Subject]:
        """Return the subject of each identity.

        Raises:
            IdentityError: ``SEAL_BROKEN`` if a record cannot be unsealed.
        """
        if not identities:
            return {}
        members: dict[IdentityId, frozenset[RecordId]] = await tx.identities.members(identities)
        for identity in sorted(identity for identity in identities if not members.get(identity)):
            history = await tx.identities.history(identity)
            members[identity] = frozenset(life.record_id for life in history.assignments) if history else frozenset()
        return await self.of_members(tx, members)

    async def of_members(self, tx: Transaction, members: Mapping[IdentityId, Collection[RecordId]]) -> dict[IdentityId, Subject]:
        """Return the subject of each identity, of these records."""
        records = {record for theirs in members.values() for record in theirs}
        heads = await tx.records.heads(records) if records else {}
        proved, children = await self._unsealed(tx, records)
        subjects = {}
        for identity, theirs in members.items():
            held = {heads[record].address: proved.get(record, frozenset()) for record in sorted(theirs) if record in heads}
            subjects[identity] = Subject(identity, proved_groups(held), minor=not children.isdisjoint(theirs))
        return subjects

    async def _unsealed(self, tx: Transaction, records: Collection[RecordId]) -> tuple[dict[RecordId, frozenset[Proof]], set[RecordId]]:
        """Return what each live record proves, and which are a child's."""
        sealed = await tx.records.read(records) if records else {}
        proved: dict[RecordId, frozenset[Proof]] = {}
        children: set[RecordId] = set()
        now = self._clock.now()
        for record, content in zip(sealed, self._sealer.unseal(list(sealed.values())), strict=True):
            told = content.reveal(self._access)
            proved[record] = proofs(told.standard, told.assurance)
            if says_child(told.standard, now):
                children.add(record)
        return proved, children


@dataclass(frozen=True, slots=True)
class SubjectsOf:
    """Whose are the records at these addresses, now or as of a time?"""

    addresses: frozenset[RecordAddress]
    as_of: datetime | None = None


class SubjectFinder:
    """Finds subjects by the addresses of their records."""

    def __init__(self, *, transactor: Transactor, subjects: SubjectReader) -> None:
        self._transactor = transactor
        self._subjects = subjects

    async def __call__(self, query: SubjectsOf) -> dict[RecordAddress, Subject]:
        """Return the subject of each address whose record has an identity (had one, as of a time); the others are nobody we know.

        As of a time, who belonged together is that time's, and what proves it is today's.

        Raises:
            IdentityError: ``SEAL_BROKEN``, ``STORE_UNAVAILABLE``.
        """

        async def read(tx: Transaction) -> dict[RecordAddress, Subject]:
            heads = await tx.records.find(query.addresses) if query.addresses else {}
            records = {head.record_id for head in heads.values()}
            if query.as_of is None:
                homes = await tx.identities.current(records) if records else {}
                subjects = await self._subjects.of_identities(tx, set(homes.values()))
            else:
                homes, members = await _as_of(tx, records, query.as_of)
                subjects = await self._subjects.of_members(tx, members)
            return {address: subjects[homes[head.record_id]] for address, head in heads.items() if head.record_id in homes}

        return await self._transactor.run(read, read_only=True)


async def _as_of(
    tx: Transaction, records: Collection[RecordId], at: datetime
) -> tuple[dict[RecordId, IdentityId], dict[IdentityId, set[RecordId]]]:
    """Return the identity that each record was in at a time, and what else was in it."""
    current = await tx.identities.current(records) if records else {}
    former = await tx.identities.former(records) if records else {}
    homes: dict[RecordId, IdentityId] = {}
    members: dict[IdentityId, set[RecordId]] = {}
    for identity in sorted({*current.values(), *(past for pasts in former.values() for past in pasts)}):
        history = await tx.identities.history(identity)
        stood = {life.record_id for life in (history.assignments if history else ()) if _held(life, at)}
        here = stood.intersection(records)
        if here:
            members[identity] = stood
            homes.update(dict.fromkeys(here, identity))
    return homes, members


def _held(life: Assignment, at: datetime) -> bool:
    return life.valid_from <= at and (life.valid_to is None or at < life.valid_to)
