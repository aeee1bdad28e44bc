"""Whether a file has the columns that its mapping reads, told without showing what may be a person's values.

The first line of a file without a header, and the keys of an object that is keyed by people, are personal. So names that a file brings
along are shown only if one of them is a mapped column (then the line is a header), and only those that look like a name for a column.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from identity.domain.mapping import SourceMapping
from identity.domain.mapping_file import nearest
from identity.ports.record_source import SourceFileError

_NAME: Final = re.compile(r"[^\W\d_][\w ]{0,39}")
_DIGITS: Final = re.compile(r"\d{4}|\d\D?\d\D?\d\D?\d")
_MOST_SHOWN: Final = 40


def looks_like_a_name(name: str) -> bool:
    """Whether a name found in a file reads as one for a column: a letter, then letters (accents too), few digits, underscores, spaces."""
    return bool(_NAME.fullmatch(name)) and not _DIGITS.search(name)


def presentable(mapping: SourceMapping, found: Collection[str]) -> list[str]:
    """Return the names found in a file that may be shown: none of them unless one is a mapped column, upper and lower case aside."""
    mapped = {column.casefold() for column in mapping.columns}
    if not any(name.casefold() in mapped for name in found):
        return []
    return [name for name in found if name in mapping.columns or looks_like_a_name(name)]


def check_columns(filename: str, mapping: SourceMapping, found: Sequence[str], *, hint: str = "is there a header line?") -> None:
    """Make sure that every mapped column is there, once; ``hint`` is what to look at if none is.

    Raises:
        SourceFileError: naming each one that is not, with the nearest names that are, if the file has a header at all.
    """
    shown = presentable(mapping, found)
    if not shown:
        many = "1 column, not one" if len(found) == 1 else f"{len(found)} columns, none"
        raise SourceFileError(filename, f"has {many} of the mapped ones: {hint}")
    faults = [f'there is no column "{column}"{nearest(column, shown)}' for column in mapping.columns if column not in found]
    faults += [f'the column "{column}" is there {found.count(column)} times' for column in mapping.columns if found.count(column) > 1]
    if faults:
        present = ", ".join(f'"{column}"' for column in shown[:_MOST_SHOWN])
        raise SourceFileError(filename, "; ".join(faults) + (f"; the file has {present}" if len(faults) > 1 else ""))
