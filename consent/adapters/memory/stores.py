"""Lists that only ever grow, so that taking a transaction back is cutting them to the length they had."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from consent.domain.anchor import Anchor
from consent.domain.catalogue_codec import notice_from_json, notice_to_json, purpose_from_json, purpose_to_json
from consent.domain.errors import ConsentError, Reason
from consent.domain.event import ConsentEvent, Echo
from consent.domain.purpose import Notice, Published, Purpose
from consent.ports.request_store import Answered


class Memory:
    """What was written. ``revision`` is the newest committed one; ``taken`` that of the transaction that runs, if it took one."""

    def __init__(self) -> None:
        self.revision = 0
        self.taken = 0
        self.writable = False
        self.events: dict[UUID, ConsentEvent] = {}
        self.echoes: dict[tuple[Anchor, UUID], None] = {}
        self.purposes: dict[tuple[str, int], bytes] = {}
        self.notices: dict[tuple[str, int], bytes] = {}
        self.requests: dict[tuple[str, str, str], Answered] = {}
        self.published: Published | None = Published()
        self._lengths: tuple[int, ...] = ()

    def begin(self, *, read_only: bool) -> None:
        """Start a transaction."""
        self._lengths = tuple(len(table) for table in self._tables())
        self.writable = not read_only
        self.taken = 0

    def commit(self) -> None:
        """Keep everything."""
        self.revision = self.taken or self.revision
        self.writable = False

    def roll_back(self) -> None:
        """Take everything back."""
        for table, length in zip(self._tables(), self._lengths, strict=True):
            while len(table) > length:
                table.popitem()
        self.published = None
        self.writable = False

    def require_writable(self) -> None:
        """Refuse to write.

        Raises:
            RuntimeError: if nothing may be written now.
        """
        if not self.writable:
            raise RuntimeError("this transaction is read-only")

    def take(self) -> int:
        """Return the transaction's revision."""
        self.require_writable()
        self.taken = self.revision + 1
        return self.taken

    def _tables(self) -> tuple[dict, ...]:  # type: ignore[type-arg]  # of every kind
        return self.events, self.echoes, self.purposes, self.notices, self.requests


class MemoryEventStore:
    """Fulfils ``EventStore``."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def next_revision(self) -> int:
        return self._memory.take()

    async def revision(self) -> int:
        return self._memory.revision

    async def append(self, events: Sequence[ConsentEvent], echoes: Sequence[tuple[Anchor, UUID]]) -> None:
        memory = self._memory
        memory.require_writable()
        echoes = [one for one in echoes if one not in memory.echoes]
        if not events and not echoes:
            return
        revision = memory.take()
        if any(event.revision != revision for event in events):
            raise ValueError("an event is recorded under its transaction's revision")
        memory.events |= {event.event_id: event for event in sorted(events, key=lambda event: event.event_id.bytes)}
        if any(event_id not in memory.events for _, event_id in echoes):
            raise ValueError("an echo is of an event that is there")
        memory.echoes |= dict.fromkeys(echoes)

    async def of(self, anchors: Collection[Anchor]) -> list[ConsentEvent]:
        asked = frozenset(anchors)
        found = [event for event in self._memory.events.values() if event.anchor in asked]
        return sorted(found, key=lambda event: (event.revision, event.event_id.bytes))

    async def echoes(self, anchors: Collection[Anchor]) -> list[Echo]:
        asked = frozenset(anchors)
        return [Echo(anchor, self._memory.events[event_id]) for anchor, event_id in self._memory.echoes if anchor in asked]

    async def since(self, revision: int, *, limit: int) -> list[ConsentEvent]:
        return [event for event in self._memory.events.values() if event.revision > revision][:limit]


class MemoryCatalogueStore:
    """Fulfils ``CatalogueStore``."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def published(self) -> Published:
        if self._memory.published is None:
            purposes: dict[str, tuple[Purpose, ...]] = {}
            for (name, _), document in sorted(self._memory.purposes.items()):
                purposes[name] = (*purposes.get(name, ()), purpose_from_json(document))
            notices: dict[str, tuple[Notice, ...]] = {}
            for (name, _), document in sorted(self._memory.notices.items()):
                notices[name] = (*notices.get(name, ()), notice_from_json(document))
            self._memory.published = Published(purposes, notices)
        return self._memory.published

    async def publish(self, purposes: Sequence[Purpose], notices: Sequence[Notice], *, at: datetime) -> None:  # noqa: ARG002 - nobody asks when
        self._memory.require_writable()
        said = {(one.purpose_id, one.version): purpose_to_json(one) for one in purposes}
        shown = {(one.notice_id, one.version): notice_to_json(one) for one in notices}
        for table, versions in ((self._memory.purposes, said), (self._memory.notices, shown)):
            for (name, version), document in versions.items():
                if (name, version) not in table:
                    self._memory.take()
                    self._memory.published = None
                if table.setdefault((name, version), document) != document:
                    raise ConsentError(Reason.VERSION_IS_PUBLISHED, name=name, version=version)


class MemoryRequestStore:
    """Fulfils ``RequestStore``."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def find(self, caller: str, method: str, request_id: str) -> Answered | None:
        return self._memory.requests.get((caller, method, request_id))

    async def keep(self, caller: str, method: str, request_id: str, answered: Answered, *, at: datetime) -> None:  # noqa: ARG002 - nobody asks when
        self._memory.require_writable()
        self._memory.requests[caller, method, request_id] = answered
