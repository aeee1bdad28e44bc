"""The one connection a transaction works on."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

import asyncpg

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Link: TypeAlias = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Row: TypeAlias = asyncpg.Record
else:
    Link = asyncpg.Connection
    Row = asyncpg.Record

BEFORE_ALL = UUID(int=0)
"""Less than every id: where a scan begins."""
