"""Published purposes and notices in PostgreSQL, and the last catalogue that was read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from consent.adapters.macs import RowMac
from consent.adapters.postgres.counter import Counter
from consent.adapters.postgres.link import Link
from consent.adapters.postgres.rows import altered
from consent.domain.catalogue_codec import digest, notice_from_json, notice_to_json, purpose_from_json, purpose_to_json
from consent.domain.errors import ConsentError, Reason
from consent.domain.purpose import Notice, Published, Purpose

_PURPOSES: Final = "purpose_version"
_NOTICES: Final = "notice_version"

_ALL = """
SELECT 'purpose_version', name, version, document, digest, published_at, mac FROM consent.purpose_version
UNION ALL
SELECT 'notice_version', name, version, document, digest, published_at, mac FROM consent.notice_version
ORDER BY 1, 2, 3
"""

_VERSIONS = {
    table: f"SELECT name, version, digest FROM consent.{table} WHERE name = ANY($1::text[])"  # noqa: S608 - our own names
    for table in (_PURPOSES, _NOTICES)
}

_INSERT = {
    table: f"INSERT INTO consent.{table} (name, version, document, digest, published_at, mac) VALUES ($1, $2, $3, $4, $5, $6)"  # noqa: S608 - our own names
    for table in (_PURPOSES, _NOTICES)
}


class LastRead:
    """The catalogue that was read last. Versions only ever join, so their number names the committed catalogue."""

    def __init__(self) -> None:
        self._read: tuple[int, Published] = (0, Published())

    def get(self, versions: int) -> Published | None:
        """Return the catalogue of so many versions, if it is the one."""
        count, published = self._read
        return published if count == versions else None

    def keep(self, versions: int, published: Published) -> None:
        """Remember a catalogue."""
        self._read = (versions, published)


class PostgresCatalogueStore:
    """Fulfils ``CatalogueStore``."""

    def __init__(self, link: Link, macs: RowMac, counter: Counter, last: LastRead) -> None:
        self._link = link
        self._macs = macs
        self._counter = counter
        self._last = last

    async def published(self) -> Published:
        versions = (await self._counter.now()).catalogue
        committed = versions == (await self._counter.found()).catalogue
        if committed and (kept := self._last.get(versions)) is not None:
            return kept
        published = await self._read(versions)
        if committed:
            self._last.keep(versions, published)
        return published

    async def _read(self, versions: int) -> Published:
        rows = await self._link.fetch(_ALL)
        if len(rows) != versions:
            altered("consent.purpose_version")
        purposes: dict[str, tuple[Purpose, ...]] = {}
        notices: dict[str, tuple[Notice, ...]] = {}
        for table, name, version, document, sha256, published_at, mac in rows:
            self._macs.check(_tag(table), (name, version, document, sha256, published_at), mac)
            if table == _PURPOSES:
                purposes[name] = (*purposes.get(name, ()), purpose_from_json(document))
            else:
                notices[name] = (*notices.get(name, ()), notice_from_json(document))
        return Published(purposes, notices)

    async def publish(self, purposes: Sequence[Purpose], notices: Sequence[Notice], *, at: datetime) -> None:
        said = [(one.purpose_id, one.version, purpose_to_json(one)) for one in purposes]
        shown = [(one.notice_id, one.version, notice_to_json(one)) for one in notices]
        new = await self._publish(_PURPOSES, said, at) + await self._publish(_NOTICES, shown, at)
        if new:
            await self._counter.add(catalogue=new)

    async def _publish(self, table: str, versions: Iterable[tuple[str, int, bytes]], at: datetime) -> int:
        wanted = [(name, version, document, digest(document)) for name, version, document in versions]
        if not wanted:
            return 0
        rows = await self._link.fetch(_VERSIONS[table], list({one[0] for one in wanted}))
        there: dict[tuple[str, int], bytes] = {(row[0], row[1]): row[2] for row in rows}
        new = 0
        for name, version, document, sha256 in wanted:
            if there.setdefault((name, version), sha256) != sha256:
                raise ConsentError(Reason.VERSION_IS_PUBLISHED, name=name, version=version)
            if len(there) > len(rows) + new:
                mac = self._macs.of(_tag(table), (name, version, document, sha256, at))
                await self._link.execute(_INSERT[table], name, version, document, sha256, at, mac)
                new += 1
        return new


def _tag(table: str) -> str:
    return f"consent.{table}/1"
