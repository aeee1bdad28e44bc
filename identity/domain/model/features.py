"""What a comparison looks at: features of a value, derived once per record.

Rules
- A feature is None where the value is missing, empty, or not of the kind asked for; no condition is true of None.
- ``identity.adapters.splink_duckdb.rendering`` derives the same features in SQL; the parity test holds the two together.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Any

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")


class Feature(StrEnum):
    """The kinds of feature; the value names the derived column in the batch frame."""

    TEXT = "text"
    BYTES = "bytes"
    WORDS = "words"  # distinct space-separated tokens
    DAYS = "days"  # of a date, counted from a fixed day
    SWAPPED = "swapped"  # a date with day and month exchanged
    INITIALS = "initials"  # of two or more words
    NUMBER = "number"


def is_date(value: str) -> bool:
    """Whether a value reads ``yyyy-mm-dd`` and exists in the calendar."""
    return days(value) is not None


def days(value: str) -> int | None:
    """Return the day number of a date, or None if the value is none."""
    if not _DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value).toordinal()
    except ValueError:
        return None


def swapped(value: str) -> str | None:
    """Return a date with day and month exchanged (it need not exist), or None if the value is no date."""
    return f"{value[:4]}-{value[8:]}-{value[5:7]}" if is_date(value) else None


def initials(value: str) -> str | None:
    """Return the first letters of two or more words, or None."""
    words = [word for word in value.split(" ") if word]
    return "".join(word[0] for word in words) if len(words) > 1 else None


def number(value: str) -> float | None:
    """Return a plain decimal number, or None."""
    return float(value) if _NUMBER.fullmatch(value) else None


DERIVE: dict[Feature, Callable[[str], Any]] = {
    Feature.TEXT: str,
    Feature.BYTES: str.encode,
    Feature.WORDS: lambda value: frozenset(value.split(" ")),
    Feature.DAYS: days,
    Feature.SWAPPED: swapped,
    Feature.INITIALS: initials,
    Feature.NUMBER: number,
}
"""How each feature is derived from a value that is not empty."""
