"""What passes between a worker and its parent, over pipes and nothing else.

To the worker's standard input: the job's header (length-prefixed JSON), then the rows as an Arrow IPC stream. From its standard output: the
results as an Arrow IPC stream. From its standard error: one JSON object a line: ``{"stage", "done", "total"}`` as it goes, at the end
``{"report": {…}}`` or ``{"failed": why, "stage": …}``. Nothing personal is ever on standard error.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO, TypeAlias

import pyarrow as pa

from identity.ports.linker import LinkerRow

TAGS = "tags"
"""Column of the incoming rows: the record's blocking tags, a list of signed 64-bit integers."""

Header: TypeAlias = Mapping[str, Any]
Report: TypeAlias = dict[str, Any]
Tell: TypeAlias = Callable[[str, int, int], None]
"""Tells progress: stage, done, total."""

_LENGTH = struct.Struct(">Q")


def pack_header(header: Header) -> bytes:
    """Return the header as the worker reads it."""
    body = json.dumps(header).encode()
    return _LENGTH.pack(len(body)) + body


def read_header(stream: BinaryIO) -> dict[str, Any]:
    """Read a header."""
    (length,) = _LENGTH.unpack(stream.read(_LENGTH.size))
    header: dict[str, Any] = json.loads(stream.read(length))
    return header


def row_schema(columns: Sequence[str]) -> pa.Schema:
    """Return the schema of the rows: position, blocking tags, one text per standard column."""
    fields: list[tuple[str, pa.DataType]] = [("idx", pa.int64()), (TAGS, pa.list_(pa.int64()))]
    fields.extend((column, pa.string()) for column in columns)
    return pa.schema(fields)


def row_batch(rows: Sequence[LinkerRow], first: int, columns: Sequence[str]) -> pa.RecordBatch:
    """Return rows as an Arrow batch; ``first`` is the position of the first."""
    content: dict[str, list[Any]] = {"idx": list(range(first, first + len(rows))), TAGS: [row.block_tags for row in rows]}
    for column in columns:
        content[column] = [row.standard.get(column) for row in rows]
    return pa.RecordBatch.from_pydict(content, schema=row_schema(columns))
