"""Whether a file has the columns that its mapping reads."""

from __future__ import annotations

from collections.abc import Sequence

from identity.domain.mapping import SourceMapping
from identity.domain.mapping_file import nearest
from identity.ports.record_source import SourceFileError


def check_columns(filename: str, mapping: SourceMapping, found: Sequence[str]) -> None:
    """Make sure that every mapped column is there, once.

    Raises:
        SourceFileError: naming each one that is not, with the nearest names that are.
    """
    faults = [f'there is no column "{column}"{nearest(column, found)}' for column in mapping.columns if column not in found]
    faults += [f'the column "{column}" is there {found.count(column)} times' for column in mapping.columns if found.count(column) > 1]
    if faults:
        present = ", ".join(f'"{column}"' for column in list(found)[:40])
        raise SourceFileError(filename, "; ".join(faults) + (f"; the file has {present}" if len(faults) > 1 else ""))
