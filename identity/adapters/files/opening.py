"""Opens a file by what it is, and rebuilds its row reader in another process."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from identity.adapters.files.csv_source import CsvForm, CsvReader, CsvSource
from identity.adapters.files.jsonl_source import JsonLinesReader, JsonLinesSource
from identity.domain.mapping import SourceMapping
from identity.ports.record_source import RecordSource, RowReader, SourceFileError

_SUFFIXES: Final = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".parquet": "parquet", ".pq": "parquet"}
_COMPRESSED: Final = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip (or a spreadsheet)", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bzip2"}


def open_source(path: Path, mapping: SourceMapping) -> RecordSource:
    """Open a CSV, Parquet or JSON Lines file (by its ending; a Parquet file also by its first bytes).

    Raises:
        SourceFileError: if it cannot be read or does not have the mapping's columns.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4)
        if not path.is_file():
            raise SourceFileError(path.name, "is not a regular file")
        kind = "parquet" if head == b"PAR1" else _SUFFIXES.get(path.suffix.lower(), "csv")
        for sign, name in _COMPRESSED.items():
            if head.startswith(sign):
                raise SourceFileError(path.name, f"is compressed ({name}): decompress it first")
        if kind == "jsonl":
            return JsonLinesSource(path, mapping)
        if kind == "csv":
            return CsvSource(path, mapping)
        from identity.adapters.files.parquet_source import ParquetSource  # noqa: PLC0415 - as below

        return ParquetSource(path, mapping)
    except OSError as error:
        raise SourceFileError(path.name, f"cannot be read: {os.strerror(error.errno or 0)}") from None


def reader_form(source: RecordSource) -> dict[str, Any]:
    """Return what ``reader_of`` needs to rebuild the source's reader elsewhere: plain JSON, no values."""
    form: dict[str, Any] = {"kind": source.traits.kind}
    if isinstance(source, CsvSource):
        form |= {"delimiter": source.form.delimiter, "header": list(source.form.header)}
    return form


def reader_of(form: Mapping[str, Any], mapping: SourceMapping) -> RowReader:
    """Return the reader of a source's chunks, as ``reader_form`` described it."""
    match form["kind"]:
        case "csv":
            return CsvReader(CsvForm(form["delimiter"], tuple(form["header"])), mapping)
        case "jsonl":
            return JsonLinesReader(mapping)
        case _:
            from identity.adapters.files.parquet_source import ParquetReader  # noqa: PLC0415 - Arrow: 0.2 s of each lane's start

            return ParquetReader(mapping)
