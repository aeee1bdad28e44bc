"""Sealed records in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from identity.adapters.memory.journal import Index, Journal, Table
from identity.domain.source_record import RecordAddress, RecordHead, RecordId, SealedVersion
from identity.ports.record_store import Candidates
from identity.ports.transactor import ConcurrentChangeError


class MemoryRecordStore:
    """Fulfils ``RecordStore``."""

    def __init__(self, journal: Journal) -> None:
        self._heads: Table[RecordId, RecordHead] = Table(journal)
        self._by_address: Table[RecordAddress, RecordId] = Table(journal)
        self._of_source: Index[str, RecordId] = Index(journal)
        self._versions: Table[tuple[RecordId, int], SealedVersion] = Table(journal)
        self._written: Table[RecordId, datetime] = Table(journal)
        self._blocks: Index[int, RecordId] = Index(journal)

    async def find(self, addresses: Collection[RecordAddress]) -> dict[RecordAddress, RecordHead]:
        return {address: self._heads[self._by_address[address]] for address in addresses if address in self._by_address}

    async def heads(self, record_ids: Collection[RecordId]) -> dict[RecordId, RecordHead]:
        return {record: self._heads[record] for record in record_ids if record in self._heads}

    async def add(self, versions: Sequence[SealedVersion], at: datetime) -> None:
        for new in versions:
            head = self._heads.get(new.record_id)
            known = self._by_address.get(new.address)
            if new.version != (head.version if head else 0) + 1 or known not in (None, new.record_id):
                raise ConcurrentChangeError
            self._unblock(head)
            self._versions.put((new.record_id, new.version), new)
            self._written.put(new.record_id, at)
            self._heads.put(new.record_id, RecordHead(new.record_id, new.address, new.version, new.content_mac, deleted=False))
            self._by_address.put(new.address, new.record_id)
            self._of_source.add(new.address.source, new.record_id)
            for key in new.block_keys:
                self._blocks.add(key, new.record_id)

    async def delete(self, record_ids: Collection[RecordId], at: datetime) -> None:
        del at
        for record in record_ids:
            head = self._heads.get(record)
            if head is not None and not head.deleted:
                self._unblock(head)
                self._heads.put(record, replace(head, deleted=True))
                self._of_source.discard(head.address.source, record)

    async def retag(self, keys: Mapping[RecordId, Sequence[int]]) -> None:
        for record, tags in keys.items():
            head = self._heads.get(record)
            if head is None or head.deleted:
                continue
            self._unblock(head)
            self._versions.put((record, head.version), self._versions[record, head.version]._replace(block_keys=tuple(tags)))
            for key in tags:
                self._blocks.add(key, record)

    async def read(self, record_ids: Collection[RecordId]) -> dict[RecordId, SealedVersion]:
        heads = (self._heads.get(record) for record in record_ids)
        return {head.record_id: self._versions[head.record_id, head.version] for head in heads if head and not head.deleted}

    async def written(self, record_ids: Collection[RecordId]) -> dict[RecordId, datetime]:
        live = await self.read(record_ids)
        return {record: self._written[record] for record in live}

    async def candidates(self, keys: Collection[int], *, cap: int) -> Candidates:
        present = {key: self._blocks.size(key) for key in set(keys)}
        return Candidates(
            by_key={key: tuple(sorted(self._blocks.get(key))) for key, size in present.items() if 0 < size <= cap},
            truncated=frozenset(key for key, size in present.items() if size > cap),
        )

    async def scan(self, *, batch: int = 5000) -> AsyncIterator[list[SealedVersion]]:
        live = self._live()
        for start in range(0, len(live), batch):
            yield [self._versions[head.record_id, head.version] for head in live[start : start + batch]]

    async def scan_heads(self, *, batch: int = 20000) -> AsyncIterator[list[RecordHead]]:
        live = self._live()
        for start in range(0, len(live), batch):
            yield live[start : start + batch]

    async def scan_source(self, source: str, *, batch: int = 20000) -> AsyncIterator[list[RecordHead]]:
        live = sorted((self._heads[record] for record in self._of_source.get(source)), key=lambda head: head.address.key_mac)
        for start in range(0, len(live), batch):
            yield live[start : start + batch]

    async def sources(self) -> list[str]:
        return sorted(self._of_source)

    async def count(self) -> int:
        return sum(not head.deleted for head in self._heads.values())

    def _live(self) -> list[RecordHead]:
        return sorted((head for head in self._heads.values() if not head.deleted), key=lambda head: head.record_id)

    def _unblock(self, head: RecordHead | None) -> None:
        if head is not None and not head.deleted:
            for key in self._versions[head.record_id, head.version].block_keys:
                self._blocks.discard(key, head.record_id)
