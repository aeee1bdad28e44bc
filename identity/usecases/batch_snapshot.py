"""What a batch run saw: every record, unsealed on its way to the linker, and just enough kept to know later what changed.

Rules
- The records are read in one snapshot, whose transaction ends with the last of them: the linker may take its time.
- Blocking keys are computed anew from the unsealed record, since the stored ones follow the rules and the standardiser of the day
  they were stored.
- Nothing personal is kept but birth dates as day numbers, in memory, for the length of the run.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from identity.domain.model.blocking import block_keys
from identity.domain.model.model import Model
from identity.domain.personal import Access
from identity.domain.source_record import RecordHead, RecordId, SealedVersion
from identity.ports.linker import LinkerRow
from identity.ports.purpose_gate import PurposeGate
from identity.ports.sealer import Sealer
from identity.ports.transactor import Transactor
from identity.usecases.record_reader import RecordReader
from identity.usecases.regroup import birth_day


class BatchSnapshot:
    """The records seen, in order of id, in compact form: about 150 bytes each."""

    def __init__(self) -> None:
        self.ids: list[RecordId] = []
        self.total = 0
        self.withheld = 0
        self.restandardised = 0
        self.stale: list[int] = []
        self._versions = array("q")
        self._birth_days = array("q")
        self._tags = array("q")
        self._tag_ends = array("q")

    def add(self, version: SealedVersion, tags: Sequence[int], birth_day: int) -> None:
        """Note a record; ids must come in order."""
        if set(tags) != set(version.block_keys):
            self.stale.append(len(self.ids))
            self._tags.extend(tags)
            self._tag_ends.append(len(self._tags))
        self.ids.append(version.record_id)
        self._versions.append(version.version)
        self._birth_days.append(birth_day)

    def number(self, record: RecordId) -> int | None:
        """Return a record's position, or None if it was not seen."""
        number = bisect_left(self.ids, record)
        return number if number < len(self.ids) and self.ids[number] == record else None

    def unchanged(self, number: int, head: RecordHead | None) -> bool:
        """Whether a record is still as it was seen."""
        return head is not None and not head.deleted and head.version == self._versions[number]

    def birth_day(self, number: int) -> int:
        """Return a record's birth date as a day number, 0 for none."""
        return self._birth_days[number]

    def tags_of(self, number: int) -> tuple[int, ...]:
        """Return the blocking keys that a stale record should have."""
        place = bisect_left(self.stale, number)
        first = self._tag_ends[place - 1] if place else 0
        return tuple(self._tags[first : self._tag_ends[place]])


class SnapshotReader:
    """Reads all records for the linker."""

    def __init__(self, *, transactor: Transactor, gate: PurposeGate, sealer: Sealer, access: Access) -> None:
        self._records = RecordReader(transactor)
        self._gate = gate
        self._sealer = sealer
        self._access = access

    async def rows(self, snapshot: BatchSnapshot, model: Model) -> AsyncGenerator[list[LinkerRow], None]:
        """Yield every record for the linker, noting all in the snapshot. Records that may not be linked are noted, and not yielded.

        Raises:
            IdentityError: ``SEAL_BROKEN``; ``STORE_UNAVAILABLE`` if the connection is lost on the way.
        """

        def counted(total: int) -> None:
            snapshot.total = total

        async with aclosing(self._records.batches(counted)) as batches:
            async for versions in batches:
                linkable = await self._gate.may_link({version.record_id: version.address for version in versions})
                yield self._unsealed(versions, linkable, snapshot, model)

    def _unsealed(
        self, versions: list[SealedVersion], linkable: frozenset[RecordId], snapshot: BatchSnapshot, model: Model
    ) -> list[LinkerRow]:
        blocking = model.bundle.declaration.blocking
        rows = []
        for version, content in zip(versions, self._sealer.unseal(versions), strict=True):
            record = content.reveal(self._access)
            standard = record.standard
            tags = self._sealer.block_tags(block_keys(blocking, standard))
            snapshot.add(version, tags, birth_day(standard))
            snapshot.restandardised += record.standardiser != version.standardiser
            if version.record_id in linkable:
                rows.append(LinkerRow(version.record_id, tags, standard))
            else:
                snapshot.withheld += 1
        return rows
