"""A gate that permits everything and says so in each answer: for tests of what stands behind the gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from identity.domain.source_record import RecordAddress, RecordId
from identity.ports.profile_gate import ProfileRelease, Ruling
from identity.ports.purpose_gate import Release, Subject, Use

WARNING = "a test's gate permits everything"
PERMITTED = Ruling(permitted=True, reason="OTHER_GROUND", basis="contract")


class OpenGate:
    """Fulfils ``Gate``."""

    def warnings_for(self, use: Use) -> tuple[str, ...]:
        return (WARNING,)

    async def may_release(self, use: Use, subjects: Sequence[Subject]) -> list[Release]:
        return [Release(permitted=True, ground="test") for _ in subjects]

    async def may_use(
        self, use: Use, asked: RecordAddress, subject: Subject | None, wanted: Sequence[str], channel: str | None
    ) -> ProfileRelease:
        names = tuple(wanted)
        rulings = dict.fromkeys(names, PERMITTED)
        members = [address for group in subject.groups for address in group] if subject else []
        return ProfileRelease(PERMITTED, names, rulings, dict.fromkeys(members, rulings))

    async def may_link(self, records: Mapping[RecordId, RecordAddress]) -> frozenset[RecordId]:
        return frozenset(records)
