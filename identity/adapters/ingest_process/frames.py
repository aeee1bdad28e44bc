"""What travels between a load and its lanes: a kind, the number of the question, a JSON head and, for chunks and keys, bytes after it."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Collection
from dataclasses import asdict
from enum import IntEnum
from typing import Any, Final

from identity.domain.errors import IdentityError, Reason
from identity.domain.ingest import IngestCounts
from identity.domain.mapping import Refusal, Rejection
from identity.ports.ingest_lane import IdentifiedChunk, LoadedChunk
from identity.ports.record_source import Chunk

_PREFIX: Final = struct.Struct(">BIII")  # kind, number, bytes of the head, bytes of the body
LARGEST: Final = 64 << 20


class Kind(IntEnum):
    """What a frame says. A lane answers each of the first four with ``DONE`` or ``FAILED`` under the same number, in any order."""

    SET_UP = 1
    IDENTIFY = 2
    PREPARE = 3
    COMMIT = 4
    DONE = 5
    FAILED = 6


async def read_frame(reader: asyncio.StreamReader) -> tuple[Kind, int, Any, bytes]:
    """Return the next frame: what it says, the number of the question, head and body.

    Raises:
        asyncio.IncompleteReadError: if the other side is gone.
    """
    kind, number, head, body = _PREFIX.unpack(await reader.readexactly(_PREFIX.size))
    if head > LARGEST or body > LARGEST:
        raise ValueError("a frame beyond its limit")
    return Kind(kind), number, json.loads(await reader.readexactly(head)), await reader.readexactly(body)


async def write_frame(writer: asyncio.StreamWriter, kind: Kind, number: int, head: object = None, body: bytes = b"") -> None:
    """Write a frame and wait until there is room for more.

    Raises:
        OSError: if nobody reads any more.
    """
    text = json.dumps(head, separators=(",", ":")).encode()
    try:
        writer.write(_PREFIX.pack(kind, number, len(text), len(body)) + text)
        writer.write(body)
    except RuntimeError:  # uvloop's word for a pipe whose reader is gone
        raise BrokenPipeError from None
    await writer.drain()


def chunk_head(chunk: Chunk) -> list[Any]:
    """Return a chunk without its payload, as JSON."""
    return [chunk.first_line, chunk.rows, chunk.offset, _rejections(chunk.rejected)]


def read_chunk(head: list[Any], payload: bytes) -> Chunk:
    """Return the chunk that ``chunk_head`` described."""
    return Chunk(payload, head[0], head[1], head[2], _read_rejections(head[3]))


def read_identified(head: int, keys: bytes) -> IdentifiedChunk:
    """Return identified keys, of which the head counts the rows without one."""
    return IdentifiedChunk(keys, head)


def loaded_head(loaded: LoadedChunk) -> list[Any]:
    """Return what became of a chunk without its fresh ids, as JSON: counts, positions and reasons."""
    return [asdict(loaded.counts), _rejections(loaded.rejected)]


def read_loaded(head: list[Any], fresh: bytes) -> LoadedChunk:
    """Return what ``loaded_head`` described."""
    return LoadedChunk(IngestCounts(**head[0]), _read_rejections(head[1]), fresh)


def error_head(error: Exception) -> list[Any]:
    """Return a failure as JSON: its reason and facts if it is ours, otherwise only its type, since its text may hold values."""
    if isinstance(error, IdentityError):
        return [error.reason.value, error.facts]
    return [Reason.STORE_UNAVAILABLE.value, {"cause": "ingest-lane-failed", "error": type(error).__name__}]


def read_error(head: list[Any]) -> IdentityError:
    """Return the error that ``error_head`` described."""
    return IdentityError(Reason(head[0]), **head[1])


def _rejections(rejections: Collection[Rejection]) -> list[list[Any]]:
    return [[rejection.line, rejection.column, rejection.refusal.value] for rejection in rejections]


def _read_rejections(rows: list[list[Any]]) -> tuple[Rejection, ...]:
    return tuple(Rejection(line, column, Refusal(refusal)) for line, column, refusal in rows)
