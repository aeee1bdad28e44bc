"""Where a file's rows come from, in pieces small enough to hold and whole enough to read apart from each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from identity.domain.errors import IdentityError, Reason
from identity.domain.mapping import Rejection

Row: TypeAlias = Sequence[str | None]
"""A row's values, in the order of ``SourceMapping.columns``."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole rows, undecoded: ``payload`` holds personal values and goes nowhere but to a lane of this program.

    ``first_line`` is where the first row begins, ``rows`` about how many there are, ``offset`` how many bytes of the file were read
    by its end. ``rejected`` are rows that could not even be told apart.
    """

    payload: bytes = field(repr=False)
    first_line: int
    rows: int
    offset: int
    rejected: tuple[Rejection, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceTraits:
    """What was found out about a file, for the report: kind (csv, parquet, jsonl), encoding, delimiter; sizes in bytes.

    ``likelier_encoding`` is set where the declared encoding does not fit and another one does; ``lost`` says that values hold U+FFFD,
    which somebody's program put in the place of letters that it could not read.
    """

    kind: str
    size: int
    encoding: str = ""
    delimiter: str = ""
    notes: tuple[str, ...] = ()
    likelier_encoding: str = ""
    lost: bool = False


class RowReader(Protocol):
    """Reads the rows of a chunk, wherever it was carried to."""

    def rows(self, chunk: Chunk) -> Iterator[tuple[int, Row] | Rejection]:
        """Yield each row with its line, or why it cannot be read. Never raises because of the data."""
        ...


class RecordSource(Protocol):
    """An opened file whose columns are known to serve the mapping."""

    @property
    def traits(self) -> SourceTraits: ...

    @property
    def reader(self) -> RowReader:
        """The reader of this source's chunks."""
        ...

    def chunks(self, sizes: Iterable[int]) -> Iterator[Chunk]:
        """Yield the rows in order, each chunk of about the next size (in rows); memory is bounded by the chunk."""
        ...


class RejectsSink(Protocol):
    """Takes down the rows that were rejected: line, column and reason, no values."""

    def add(self, rejections: Iterable[Rejection]) -> None: ...


class SourceFileError(IdentityError):
    """A file cannot be read, or does not fit its mapping. ``fault`` says why; it names the file and columns, no values."""

    def __init__(self, filename: str, fault: str) -> None:
        self.filename = filename
        self.fault = fault
        super().__init__(Reason.INVALID_MAPPING, file=filename, fault=fault)

    def __str__(self) -> str:
        return f"{self.filename}: {self.fault}"
