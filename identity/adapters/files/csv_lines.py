"""The lines of a CSV file, and which of them belong together because a quoted value holds line ends.

Rules
- A line without a quote is a record; otherwise Python's own ``csv`` says where the record ends.
- A quote that never closes costs its own line only: the lines after it are read afresh.
- A line or record beyond ``MAX_RECORD`` characters or ``MAX_LINES`` lines is refused, so memory stays bounded whatever the file holds.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from typing import Final, TextIO

MAX_RECORD: Final = 1 << 20
MAX_LINES: Final = 1000

csv.field_size_limit(max(csv.field_size_limit(), 2 * MAX_RECORD))


class CsvLines:
    """Takes records off a text file, counting lines from 1."""

    def __init__(self, file: TextIO, delimiter: str) -> None:
        self._file = file
        self._delimiter = delimiter
        self._again: deque[str] = deque()
        self.line = 1
        """The line on which the next record begins."""

    def take(self) -> tuple[str, ...] | None:
        """Return the lines of the next record, () at the end, None for a record that is refused (``line`` is then past its first line)."""
        first = self._next()
        if not first:
            return ()
        if not first.endswith(("\n", "\r")) and len(first) >= MAX_RECORD:
            self._skip_rest_of_line()
            self.line += 1
            return None
        if '"' not in first:
            self.line += 1
            return (first,)
        lines, closed = self._record(first)
        if not closed:
            self._again.extendleft(reversed(lines[1:]))
            self.line += 1
            return None
        self.line += len(lines)
        return tuple(lines)

    def _record(self, first: str) -> tuple[list[str], bool]:
        """Return the lines that the record takes, and whether it ends within bounds."""
        lines = [first]
        starved = False

        def feed() -> Iterator[str]:
            nonlocal starved
            yield first
            size = len(first)
            while size <= MAX_RECORD and len(lines) < MAX_LINES:
                more = self._next()
                if not more:
                    break
                lines.append(more)
                size += len(more)
                yield more
            starved = True

        try:
            next(csv.reader(feed(), delimiter=self._delimiter), None)
        except csv.Error:
            starved = True
        return lines, not starved

    def _next(self) -> str:
        return self._again.popleft() if self._again else self._file.readline(MAX_RECORD)

    def _skip_rest_of_line(self) -> None:
        while (piece := self._file.readline(MAX_RECORD)) and not piece.endswith(("\n", "\r")):
            pass
