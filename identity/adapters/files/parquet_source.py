"""Parquet: columns of any flat type, as text; batches travel to lanes as Arrow streams."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from identity.adapters.files.columns import check_columns
from identity.adapters.files.jsonl_source import text_of_number
from identity.domain.mapping import Rejection, SourceMapping
from identity.ports.record_source import Chunk, Row, RowReader, SourceFileError, SourceTraits

_BATCH: Final = 20_000


class ParquetReader:
    """Reads chunks that are Arrow streams of the mapping's columns. A row's "line" is its number, from 1."""

    def __init__(self, mapping: SourceMapping) -> None:
        self._columns = mapping.columns

    def rows(self, chunk: Chunk) -> Iterator[tuple[int, Row] | Rejection]:
        with pa.ipc.open_stream(pa.py_buffer(chunk.payload)) as stream:
            table = stream.read_all()
        columns = [as_texts(table.column(column)) for column in self._columns]
        yield from enumerate(zip(*columns, strict=True), start=chunk.first_line)


class ParquetSource:
    """An opened Parquet file that has the mapping's columns, in types that have a text."""

    def __init__(self, path: Path, mapping: SourceMapping) -> None:
        self._path = path
        self._mapping = mapping
        try:
            schema = pq.read_schema(path)
        except (pa.ArrowException, OSError):
            raise SourceFileError(path.name, "is not a Parquet file, or is damaged") from None
        check_columns(path.name, mapping, schema.names)
        unfit = [f'"{column}" ({schema.field(column).type})' for column in mapping.columns if not _is_flat(schema.field(column).type)]
        if unfit:
            raise SourceFileError(path.name, f"has columns whose values are not single texts, numbers or dates: {', '.join(unfit)}")
        self.traits = SourceTraits("parquet", path.stat().st_size)

    @property
    def reader(self) -> RowReader:
        return ParquetReader(self._mapping)

    def chunks(self, sizes: Iterable[int]) -> Iterator[Chunk]:
        row = 1
        remaining = iter(sizes)
        size = next(remaining, 0)
        with pq.ParquetFile(self._path) as file:
            total = file.metadata.num_rows or 1
            for batch in self._batches(file):
                start = 0
                while start < batch.num_rows and size:
                    piece = batch.slice(start, size)
                    start += piece.num_rows
                    row += piece.num_rows
                    offset = int(self.traits.size * (row - 1) / total)
                    yield Chunk(_stream(piece), row - piece.num_rows, piece.num_rows, offset)
                    size = next(remaining, 0)

    def _batches(self, file: pq.ParquetFile) -> Iterator[pa.RecordBatch]:
        try:
            yield from file.iter_batches(batch_size=_BATCH, columns=list(self._mapping.columns))
        except (pa.ArrowException, OSError):
            raise SourceFileError(self._path.name, "is damaged: what came before the damage was read") from None


def _stream(batch: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue().to_pybytes()


def _is_flat(kind: pa.DataType) -> bool:
    types = pa.types
    if types.is_dictionary(kind):
        return _is_flat(kind.value_type)
    fits: tuple[Callable[[pa.DataType], bool], ...] = (
        types.is_string, types.is_large_string, types.is_string_view, types.is_integer, types.is_floating, types.is_boolean,
        types.is_date, types.is_timestamp, types.is_decimal, types.is_null,
    )  # fmt: skip
    return any(fit(kind) for fit in fits)


def as_texts(column: pa.ChunkedArray[Any]) -> Sequence[str | None]:
    """Return a column's values as texts: dates in ISO form, whole floats without a point, NaN absent."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_floating(kind):
        return [None if value is None else text_of_number(value) for value in column.cast(pa.float64()).to_pylist()]
    if pa.types.is_boolean(kind):
        return [None if value is None else text_of_number(value) for value in column.to_pylist()]
    if pa.types.is_timestamp(kind):
        return [_moment(value) for value in column.cast(pa.timestamp("us", kind.tz), safe=False).to_pylist()]
    if pa.types.is_decimal(kind):
        return [None if value is None else f"{value.normalize():f}" for value in column.to_pylist()]
    return column.cast(pa.string()).to_pylist()


def _moment(value: Any) -> str | None:  # noqa: ANN401 - the stubs take a moment for a number
    if value is None:
        return None
    midnight = (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0)
    return str(value.date() if midnight else value)
