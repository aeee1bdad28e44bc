"""The rejects file: line, column and reason of each row that was not taken. No values: it may be mailed to whoever made the export."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Self, TextIO, final

from identity.domain.mapping import Rejection

_MODE: Final = 0o600


def rejects_path(data: Path) -> Path:
    """Return where the rejected rows of a file are listed."""
    return data.with_name(data.name + ".rejects.csv")


@final
class RejectsFile:
    """The list at ``rejects_path``, readable by its owner; absent when nothing was rejected. A context manager."""

    def __init__(self, path: Path) -> None:
        self.path = rejects_path(path)
        self._file: TextIO | None = None
        self.count = 0

    def __enter__(self) -> Self:
        self.path.unlink(missing_ok=True)  # an earlier run's
        return self

    def __exit__(self, *exc: object) -> None:
        if self._file:
            self._file.close()

    def add(self, rejections: Iterable[Rejection]) -> None:
        for rejection in rejections:
            if self._file is None:
                descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _MODE)
                self._file = os.fdopen(descriptor, "w", encoding="utf-8", newline="")
                csv.writer(self._file, lineterminator="\n").writerow(("line", "column", "reason"))
            csv.writer(self._file, lineterminator="\n").writerow((rejection.line, _plain(rejection.column), rejection.refusal))
            self.count += 1


def _plain(column: str) -> str:
    """Return a column's name so that no spreadsheet takes it for a formula."""
    return f"'{column}" if column.startswith(("=", "+", "-", "@")) else column
