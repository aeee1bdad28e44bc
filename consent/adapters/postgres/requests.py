"""Answered requests in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from consent.adapters.macs import RowMac
from consent.adapters.postgres.link import Link
from consent.ports.request_store import Answered

_TABLE: Final = "consent.request/1"

_FIND = "SELECT body_mac, answer, at, mac FROM consent.request WHERE caller = $1 AND method = $2 AND request_id = $3"

_KEEP = "INSERT INTO consent.request (caller, method, request_id, body_mac, answer, at, mac) VALUES ($1, $2, $3, $4, $5, $6, $7)"


class PostgresRequestStore:
    """Fulfils ``RequestStore``."""

    def __init__(self, link: Link, macs: RowMac) -> None:
        self._link = link
        self._macs = macs

    async def find(self, caller: str, method: str, request_id: str) -> Answered | None:
        row = await self._link.fetchrow(_FIND, caller, method, request_id)
        if row is None:
            return None
        body_mac, answer, at, mac = row
        self._macs.check(_TABLE, (caller, method, request_id, body_mac, answer, at), mac)
        return Answered(body_mac, answer)

    async def keep(self, caller: str, method: str, request_id: str, answered: Answered, *, at: datetime) -> None:
        row = (caller, method, request_id, answered.body_mac, answered.answer, at)
        await self._link.execute(_KEEP, *row, self._macs.of(_TABLE, row))
