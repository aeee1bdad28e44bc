"""One identity, a record of each source, and whoever asks for its profile: memory stores, and the gate that a test brings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from identity.adapters.memory import MemoryTransactor
from identity.domain.attributes import Assurance
from identity.domain.personal import Access, Personal
from identity.domain.source_record import IdentityId, RecordAddress, RecordId, RecordRef
from identity.domain.standardise import STANDARDISER_VERSION, standardise
from identity.domain.unified_identity import AssignmentPlan, Cause
from identity.ports.purpose_gate import Use
from identity.ports.sealer import RecordContent
from identity.ports.transactor import Transaction
from identity.usecases.get_profile import GetProfile, Profile, ProfileReader
from tests.builders.identities import TickingClock
from tests.fakes.plain_sealer import PlainSealer

NOW = datetime(2025, 6, 1, tzinfo=UTC)


class House:
    """One identity and its records, in memory."""

    def __init__(self, gate: Any, use: Use, sealer: PlainSealer | None = None) -> None:
        self.gate = gate
        self.use = use
        self.transactor = MemoryTransactor()
        self.access = Access("tests")
        self.sealer = sealer or PlainSealer(self.access)
        self.read = ProfileReader(transactor=self.transactor, sealer=self.sealer, gate=gate, access=self.access, clock=TickingClock())

    async def hold(
        self,
        source: str,
        raw: Mapping[str, str],
        *,
        identity: int = 1,
        day: int = 0,
        quarantined: bool = False,
        **assurance: Assurance,
    ) -> None:
        """Store record ``1`` of a source and put it into an identity."""
        record = RecordId(UUID(bytes=source.encode().ljust(16, b"\0")))
        content = Personal(RecordContent(RecordRef(source, "1"), raw, standardise(raw), STANDARDISER_VERSION, assurance=assurance))
        meant = IdentityId(UUID(int=identity))

        async def work(tx: Transaction) -> None:
            at = NOW + timedelta(days=day)
            await tx.records.add([self.sealer.seal(record, 1, content, ())], at)
            created = () if await tx.identities.read([meant]) else (meant,)
            plan = AssignmentPlan(created=created, assigned={record: meant}, quarantined=(meant,) if quarantined else ())
            await tx.identities.apply(plan, at=at, cause=Cause.INGEST)

        await self.transactor.run(work)

    def address(self, source: str) -> RecordAddress:
        return self.sealer.address(RecordRef(source, "1"))

    async def ask(self, source: str, *attributes: str, channel: str | None = None) -> Profile:
        return await self.read(GetProfile(self.use, RecordRef(source, "1"), attributes, channel))

    def values(self, profile: Profile) -> dict[str, str]:
        return {one.name: one.value.reveal(self.access) for one in profile.attributes if one.value is not None}
