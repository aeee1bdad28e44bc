"""CSV: any encoding, any of the usual delimiters, line ends inside quotes, ragged rows refused one by one."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Final, TextIO

from identity.adapters.files.columns import check_columns, looks_like_a_name
from identity.adapters.files.csv_lines import MAX_RECORD, CsvLines
from identity.adapters.files.encoding import detect_encoding, doubt_encoding
from identity.domain.mapping import Refusal, Rejection, SourceMapping
from identity.ports.record_source import Chunk, Row, RowReader, SourceFileError, SourceTraits

_DELIMITERS: Final = (";", ",", "\t", "|")
_MAX_CHUNK: Final = 8 << 20


@dataclass(frozen=True, slots=True)
class CsvForm:
    """What a lane needs to know of a CSV file: its delimiter and its header."""

    delimiter: str
    header: tuple[str, ...]


class CsvReader:
    """Reads chunks of CSV text (UTF-8, as the source re-encoded it)."""

    def __init__(self, form: CsvForm, mapping: SourceMapping) -> None:
        self._form = form
        self._mapped = mapping.columns
        self._pick = _picker([form.header.index(column) for column in mapping.columns])

    def rows(self, chunk: Chunk) -> Iterator[tuple[int, Row] | Rejection]:
        try:
            text, damaged = chunk.payload.decode("utf-8"), False
        except UnicodeDecodeError:
            text, damaged = chunk.payload.decode("utf-8", "surrogatepass"), True
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self._form.delimiter)
        width, pick = len(self._form.header), self._pick
        line = chunk.first_line
        while True:
            try:
                row = next(reader, None)
            except csv.Error:
                yield Rejection(line, "", Refusal.VALUE_TOO_LONG)
                row = []
            if row is None:
                break
            if damaged and row and (column := self._undecoded(row)) is not None:
                yield Rejection(line, column, Refusal.UNDECODABLE)
            elif len(row) == width or (len(row) > width and not any(row[width:])):
                yield line, pick(row)
            elif row:
                yield self._ragged(line, row)
            line = chunk.first_line + reader.line_num
        yield from chunk.rejected  # a refused row ends its chunk

    def _ragged(self, line: int, row: list[str]) -> Rejection:
        width = len(self._form.header)
        if len(row) > width:
            return Rejection(line, f"#{width + 1}", Refusal.TOO_MANY_FIELDS)
        return Rejection(line, self._column(len(row)), Refusal.TOO_FEW_FIELDS)

    def _undecoded(self, row: list[str]) -> str | None:
        for position, value in enumerate(row):
            if any("\ud800" <= character <= "\udfff" for character in value):
                return self._column(position)
        return None

    def _column(self, position: int) -> str:
        """Return a column's name, or its number if it has none or one that may be somebody's value."""
        name = self._form.header[position] if position < len(self._form.header) else ""
        return name if name in self._mapped or looks_like_a_name(name) else f"#{position + 1}"


class CsvSource:
    """An opened CSV file that has the mapping's columns."""

    def __init__(self, path: Path, mapping: SourceMapping) -> None:
        self._path = path
        self._encoding, told = detect_encoding(path, mapping.format.encoding)
        self.form = self._find_form(mapping)
        check_columns(path.name, mapping, self.form.header, **self._delimiter_hint(mapping))
        self._mapping = mapping
        shown = "tab" if self.form.delimiter == "\t" else self.form.delimiter
        doubt = doubt_encoding(path, self._encoding, declared=mapping.format.encoding is not None)
        self.traits = SourceTraits("csv", path.stat().st_size, told, shown, likelier_encoding=doubt.likelier, lost=doubt.lost)

    @property
    def reader(self) -> RowReader:
        return CsvReader(self.form, self._mapping)

    def chunks(self, sizes: Iterable[int]) -> Iterator[Chunk]:
        with self._open() as file:
            lines = CsvLines(file, self.form.delimiter)
            while (taken := lines.take()) is not None and taken and not "".join(taken).strip():
                pass  # blank lines before the header; the header itself was read when the file was opened
            for size in sizes:
                chunk = self._chunk(lines, size, file)
                if chunk is None:
                    return
                yield chunk

    def _chunk(self, lines: CsvLines, size: int, file: TextIO) -> Chunk | None:
        """Gather about ``size`` rows; stop early at a refused one, so that the lines of a chunk follow each other."""
        first, kept, rows, letters = lines.line, list[str](), 0, 0
        rejected: tuple[Rejection, ...] = ()
        while rows < size and letters < _MAX_CHUNK:
            line = lines.line
            taken = lines.take()
            if taken is None:
                rejected = (Rejection(line, "", Refusal.UNCLOSED_QUOTE),)
                break
            if not taken:
                break
            kept.extend(taken)
            rows += 1
            letters += len(taken[0]) if len(taken) == 1 else sum(map(len, taken))
        if not kept and not rejected:
            return None
        payload = "".join(kept).encode("utf-8", "surrogatepass")
        return Chunk(payload, first, rows, _offset(file), rejected)

    def _open(self) -> TextIO:
        # An undecodable byte becomes a lone surrogate, which the reader finds; UTF-16 and UTF-32 put U+FFFD in its place.
        errors = (
            "replace"
            if self._encoding.lower().startswith(("utf-16", "utf_16", "utf16", "utf-32", "utf_32", "utf32"))
            else "surrogateescape"
        )
        return self._path.open(encoding=self._encoding, errors=errors, newline="")

    def _find_form(self, mapping: SourceMapping) -> CsvForm:
        """Read the header with the declared delimiter, or with the one that finds most of the mapped columns."""
        declared = mapping.format.delimiter
        return self._form_of([declared] if declared else _DELIMITERS, mapping)

    def _form_of(self, delimiters: Sequence[str], mapping: SourceMapping) -> CsvForm:
        forms = [CsvForm(delimiter, self._header(delimiter)) for delimiter in delimiters]
        return max(forms, key=lambda form: (len(set(form.header) & set(mapping.columns)), len(form.header)))

    def _delimiter_hint(self, mapping: SourceMapping) -> dict[str, str]:
        """Say which delimiter finds mapped columns, if the declared one finds none."""
        declared = mapping.format.delimiter
        if declared is None or set(self.form.header) & set(mapping.columns):
            return {}
        likelier = self._form_of(_DELIMITERS, mapping)
        if not set(likelier.header) & set(mapping.columns):
            return {}
        declares, finds = _shown(declared), _shown(likelier.delimiter)
        return {"hint": f"declared as separated by {declares}, the file is by {finds}; correct delimiter under [format]"}

    def _header(self, delimiter: str) -> tuple[str, ...]:
        with self._open() as file:
            lines = CsvLines(file, delimiter)
            while True:
                try:
                    taken = lines.take()
                except UnicodeError:
                    raise SourceFileError(self._path.name, f"is not in the encoding {self._encoding}") from None
                if taken is None:
                    raise SourceFileError(
                        self._path.name, f"has no header: its first line has a quote that never closes, or over {MAX_RECORD} characters"
                    )
                if not taken:
                    raise SourceFileError(self._path.name, "is empty: it needs a header line with the names of its columns")
                if "".join(taken).strip():
                    header = next(csv.reader(taken, delimiter=delimiter))
                    return tuple(name.strip().removeprefix("\ufeff") for name in header)


def _shown(delimiter: str) -> str:
    return "a tab" if delimiter == "\t" else f'"{delimiter}"'


def _picker(positions: Sequence[int]) -> Callable[[Sequence[str]], Row]:
    if len(positions) == 1:
        only = positions[0]
        return lambda row: (row[only],)
    return itemgetter(*positions)


def _offset(file: TextIO) -> int:
    """Return how many bytes were read, a buffer ahead at most."""
    return int(file.buffer.raw.tell()) if isinstance(file, io.TextIOWrapper) and isinstance(file.buffer, io.BufferedReader) else 0
