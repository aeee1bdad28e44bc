"""JSON Lines (RFC 8259 objects, one a line, UTF-8): texts, numbers and booleans; nested values are refused by name."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, NoReturn

from identity.adapters.files.columns import presentable
from identity.domain.mapping import Refusal, Rejection, SourceMapping
from identity.domain.mapping_file import nearest
from identity.ports.record_source import Chunk, Row, RowReader, SourceFileError, SourceTraits

_MAX_LINE: Final = 1 << 20
_MAX_CHUNK: Final = 8 << 20
_SAMPLE: Final = 1000
_MARK: Final = b"\xef\xbb\xbf"


class JsonLinesReader:
    """Reads chunks of JSON lines."""

    def __init__(self, mapping: SourceMapping) -> None:
        self._columns = mapping.columns
        self._key = mapping.key

    def rows(self, chunk: Chunk) -> Iterator[tuple[int, Row] | Rejection]:
        for number, line in enumerate(chunk.payload.split(b"\n"), start=chunk.first_line):
            if line and not line.isspace():
                yield self._row(number, line)
        yield from chunk.rejected  # a refused row ends its chunk

    def _row(self, number: int, line: bytes) -> tuple[int, Row] | Rejection:
        try:
            found = json.loads(line.decode("utf-8"), parse_constant=_refuse)
        except UnicodeDecodeError:
            return Rejection(number, "", Refusal.UNDECODABLE)
        except (ValueError, RecursionError):
            return Rejection(number, "", Refusal.NOT_JSON)
        if not isinstance(found, dict):
            return Rejection(number, "", Refusal.NOT_AN_OBJECT)
        values: list[str | None] = []
        for column in self._columns:
            value = found.get(column)
            if value is None or isinstance(value, str):
                if value is not None and not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
                    return Rejection(number, column, Refusal.UNDECODABLE)
                values.append(value)
            elif isinstance(value, (int, float)) and not (isinstance(value, bool) and column == self._key):
                values.append(text_of_number(value))
            else:  # true and false name two records at most
                return Rejection(number, column, Refusal.KEY_NO_TEXT if isinstance(value, bool) else Refusal.NESTED_VALUE)
        return number, values


class JsonLinesSource:
    """An opened JSON Lines file whose first objects have the mapping's key."""

    def __init__(self, path: Path, mapping: SourceMapping) -> None:
        self._path = path
        self._mapping = mapping
        self.traits = SourceTraits("jsonl", path.stat().st_size, "utf-8", notes=self._missing())

    @property
    def reader(self) -> RowReader:
        return JsonLinesReader(self._mapping)

    def chunks(self, sizes: Iterable[int]) -> Iterator[Chunk]:
        with self._path.open("rb") as file:
            file.seek(len(_MARK) if file.read(len(_MARK)) == _MARK else 0)
            line = 1
            for size in sizes:
                kept, length, rejected = list[bytes](), 0, tuple[Rejection, ...]()
                while len(kept) < size and length < _MAX_CHUNK:
                    text = file.readline(_MAX_LINE)
                    if not text:
                        break
                    if len(text) == _MAX_LINE and not text.endswith(b"\n"):
                        _skip_line(file)
                        rejected = (Rejection(line + len(kept), "", Refusal.VALUE_TOO_LONG),)
                        break
                    kept.append(text)
                    length += len(text)
                if not kept and not rejected:
                    return
                yield Chunk(b"".join(kept), line, len(kept), file.tell(), rejected)
                line += len(kept) + len(rejected)

    def _missing(self) -> tuple[str, ...]:
        """Look at the first objects: the key must be there; an attribute may be absent, but not if a near name is there."""
        seen: set[str] = set()
        objects = 0
        for chunk in self.chunks([_SAMPLE]):
            for line in chunk.payload.split(b"\n"):
                try:
                    found = json.loads(line.decode("utf-8"))
                except (ValueError, RecursionError):
                    continue
                if isinstance(found, list) and not objects:
                    raise SourceFileError(self._path.name, "holds JSON arrays: one object a line is read")
                if isinstance(found, dict):
                    objects += 1
                    seen |= {str(name) for name in found}
        if not objects:
            raise SourceFileError(self._path.name, f"has no JSON object in its first {_SAMPLE} lines: one object a line is read")
        absent = [column for column in self._mapping.columns if column not in seen]
        unused = seen - set(self._mapping.columns)
        shown = [name for name in presentable(self._mapping, seen) if name in unused]
        faults = [
            f'no object has "{column}"{nearest(column, shown)}'
            for column in absent
            if column == self._mapping.key or nearest(column, unused)
        ]
        if faults:
            raise SourceFileError(self._path.name, "; ".join(faults))
        return tuple(f'"{column}" is in none of the first {objects} objects' for column in absent)


def text_of_number(value: float) -> str | None:
    """Return a boolean or number as a silo would write it: 75011.0 is ``75011``; NaN and infinity are absent."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if value.bit_length() < 2048 else None  # noqa: PLR2004 - Python refuses to print huge integers
    if not math.isfinite(value):
        return None
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004 - exact in a double


def _refuse(_constant: str) -> NoReturn:
    raise ValueError("not JSON: NaN or Infinity")


def _skip_line(file: BinaryIO) -> None:
    for piece in iter(lambda: file.readline(_MAX_LINE), b""):
        if piece.endswith(b"\n"):
            return
