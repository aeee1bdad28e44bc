"""The rejects file: line, column and reason of each row that was not taken. No values: it may be mailed to whoever made the export."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Final, Self, final

from identity.domain.mapping import Rejection

_MODE: Final = 0o600
_HEADER: Final = b"line,column,reason\n"


def rejects_path(data: Path) -> Path:
    """Return where the rejected rows of a file are listed."""
    return data.with_name(data.name + ".rejects.csv")


@final
class RejectsFile:
    """The list at ``rejects_path``, readable by its owner; absent when nothing was rejected. A context manager.

    Chunks of a file are added as they are done, in any order; on leaving, the list is put in the order of the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = rejects_path(path)
        self._file: BinaryIO | None = None
        self._parts: list[tuple[int, int, int]] = []  # of each chunk: first line, where its rows begin, how many bytes they are
        self.count = 0

    def __enter__(self) -> Self:
        self.path.unlink(missing_ok=True)  # an earlier run's
        return self

    def __exit__(self, *exc: object) -> None:
        if self._file:
            if self._parts != sorted(self._parts):
                self._sort(self._file)
            self._file.close()

    def add(self, rejections: Iterable[Rejection]) -> None:
        """Append the rejections of a chunk."""
        rows = sorted(rejections, key=lambda rejection: rejection.line)
        if not rows:
            return
        if self._file is None:
            self._file = self._create()
        part = io.StringIO()
        csv.writer(part, lineterminator="\n").writerows((row.line, _plain(row.column), row.refusal) for row in rows)
        self._parts.append((rows[0].line, self._file.tell(), self._file.write(part.getvalue().encode())))
        self.count += len(rows)

    def _create(self) -> BinaryIO:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _MODE)
        file = os.fdopen(descriptor, "w+b")
        file.write(_HEADER)
        return file

    def _sort(self, file: BinaryIO) -> None:
        """Write the parts anew, in the order of their lines, reading one at a time."""
        self.path.unlink()
        with self._create() as ordered:
            for _, start, length in sorted(self._parts):
                file.seek(start)
                ordered.write(file.read(length))


def _plain(column: str) -> str:
    """Return a column's name so that no spreadsheet takes it for a formula."""
    return f"'{column}" if column.startswith(("=", "+", "-", "@")) else column
