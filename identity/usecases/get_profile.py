"""Get a profile: what a use may know of the person behind a record, attribute by attribute, and not one attribute more.

Rules
- The records are read first and the gate is asked after, outside the transaction: whatever was withdrawn before the gate was asked is in
  its answer.
- A value is told only if the gate permits the attribute for the very record that it comes from. What the gate does not speak of is denied.
- Somebody unknown, somebody erased, somebody in quarantine and somebody who refused get answers of one shape, and no pseudonym.
- Where a value comes from is told by its source system and assurance, never by a record key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from identity.domain.attributes import Assurance
from identity.domain.personal import Access, Personal
from identity.domain.profile import Survivor, Voice, survivor
from identity.domain.proof import proofs, proved_groups, says_child
from identity.domain.source_record import IdentityId, RecordAddress, RecordId, RecordRef, SealedVersion
from identity.ports.clock import Clock
from identity.ports.profile_gate import ProfileGate, ProfileRelease, Ruling
from identity.ports.purpose_gate import Subject, Use
from identity.ports.sealer import RecordContent, Sealer
from identity.ports.transactor import Transaction, Transactor

_AT_ONCE: Final = 8
"""Records unsealed before others get a turn on the event loop (below a millisecond)."""
_UNRULED: Final = Ruling(permitted=False, reason="NOT_EVALUABLE")


class ProfileOutcome(StrEnum):
    """What becomes of the request as a whole."""

    PERMIT = "permit"
    PARTIAL = "partial"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class GetProfile:
    """What may this use know of the person behind a record? ``attributes`` empty: all that the purpose needs."""

    use: Use
    ref: RecordRef
    attributes: tuple[str, ...] = ()
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class ProfileAttribute:
    """One attribute: the ruling on it and, if that permits and a record has one, the value with its source system and assurance."""

    name: str
    ruling: Ruling
    value: Personal[str] | None = None
    source: str = ""
    assurance: Assurance | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What is told. ``pseudonym`` is the recipient's own, empty if nothing is permitted; ``use`` is the ruling on the use itself."""

    outcome: ProfileOutcome
    pseudonym: str
    attributes: tuple[ProfileAttribute, ...]
    use: Ruling
    obligations: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """An identity's records as they were read."""

    identity: IdentityId
    versions: tuple[SealedVersion, ...]
    written: Mapping[RecordId, datetime]


class ProfileReader:
    """Handles ``GetProfile``."""

    def __init__(self, *, transactor: Transactor, sealer: Sealer, gate: ProfileGate, access: Access, clock: Clock) -> None:
        self._transactor = transactor
        self._sealer = sealer
        self._gate = gate
        self._access = access
        self._clock = clock

    async def __call__(self, query: GetProfile) -> Profile:
        """Answer one query. Nobody found is an answer, not an error.

        Raises:
            IdentityError: ``SEAL_BROKEN``, ``STORE_UNAVAILABLE``; or as the gate raises when it cannot rule: nothing is told then.
        """
        asked = self._sealer.address(query.ref)

        async def look(tx: Transaction) -> _Found | None:
            return await _find(tx, asked)

        found = await self._transactor.run(look, read_only=True)
        contents = await self._unseal(found.versions) if found else []
        subject = self._subject(found, contents) if found else None
        release = await self._gate.may_use(query.use, asked, subject, query.attributes, query.channel)
        voices = (
            [] if found is None else [_voice(found, version, content) for version, content in zip(found.versions, contents, strict=True)]
        )
        attributes = tuple(_told(name, voices, release) for name in query.attributes or release.wanted)
        outcome = _outcome(attributes, release.use)
        permitted = found is not None and outcome is not ProfileOutcome.DENY
        return Profile(
            outcome,
            self._sealer.pseudonym(query.use.recipient, found.identity) if found is not None and permitted else "",
            attributes,
            release.use,
            release.obligations if permitted else (),
            release.warnings,
        )

    async def _unseal(self, versions: Sequence[SealedVersion]) -> list[RecordContent]:
        contents: list[RecordContent] = []
        for start in range(0, len(versions), _AT_ONCE):
            contents += [content.reveal(self._access) for content in self._sealer.unseal(versions[start : start + _AT_ONCE])]
            await asyncio.sleep(0)
        return contents

    def _subject(self, found: _Found, contents: Sequence[RecordContent]) -> Subject:
        now = self._clock.now()
        held = {v.address: proofs(c.standard, c.assurance) for v, c in zip(found.versions, contents, strict=True)}
        return Subject(found.identity, proved_groups(held), minor=any(says_child(content.standard, now) for content in contents))


async def _find(tx: Transaction, asked: RecordAddress) -> _Found | None:
    """Return the records of the identity that holds the record of that address; None if nobody may be told of it."""
    head = (await tx.records.find([asked])).get(asked)
    if head is None or head.deleted:
        return None
    identity = (await tx.identities.current([head.record_id])).get(head.record_id)
    if identity is None or (await tx.identities.read([identity]))[identity].quarantined:
        return None
    members = (await tx.identities.members([identity]))[identity]
    versions = await tx.records.read(members)
    return _Found(identity, tuple(versions[record] for record in sorted(versions)), await tx.records.written(versions))


def _voice(found: _Found, version: SealedVersion, content: RecordContent) -> Voice:
    record = version.record_id
    return Voice(record, version.address, found.written[record], content.raw, content.standard, content.assurance)


def _told(name: str, voices: Sequence[Voice], release: ProfileRelease) -> ProfileAttribute:
    rulings = {voice.address: release.by_record.get(voice.address, {}).get(name, _UNRULED) for voice in voices}
    speaking = [voice for voice in voices if rulings[voice.address].permitted]
    best: Survivor | None = survivor(name, speaking)
    if best is not None:
        return ProfileAttribute(name, rulings[best.address], Personal(best.value), best.address.source, best.assurance)
    otherwise = release.otherwise.get(name, _UNRULED)
    if not speaking or otherwise.permitted:
        return ProfileAttribute(name, otherwise)
    return ProfileAttribute(name, rulings[min(speaking, key=lambda voice: voice.address).address])


def _outcome(attributes: Sequence[ProfileAttribute], use: Ruling) -> ProfileOutcome:
    effects = {attribute.ruling.permitted for attribute in attributes} or {use.permitted}
    if effects == {True}:
        return ProfileOutcome.PERMIT
    return ProfileOutcome.PARTIAL if True in effects else ProfileOutcome.DENY
