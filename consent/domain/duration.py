"""Durations as catalogues write them (ISO 8601: ``P3Y``, ``P25M``, ``PT24H``), and what a date is after one.

Rules
- Months and years are the calendar's: three years after 29 February 2024 is 28 February 2027.
- Of two durations the longer is the one that ends later from 1 January 2001, before three common years: ``P3Y`` is ``P36M`` is ``P1095D``.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

_ISO: Final = re.compile(
    r"P(?=\d|T\d)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?=\d)(?:(\d{1,5})H)?(?:(\d{1,5})M)?(?:(\d{1,5})S)?)?",
    re.ASCII,
)
_COMMON: Final = datetime(2001, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Duration:
    """Some months of the calendar, and some time besides."""

    months: int = 0
    rest: timedelta = timedelta()

    def after(self, start: datetime) -> datetime:
        """Return when the duration has passed since ``start``; the last day of a month that is too short."""
        month = start.month - 1 + self.months
        year, month = start.year + month // 12, month % 12 + 1
        return start.replace(year=year, month=month, day=min(start.day, monthrange(year, month)[1])) + self.rest

    def before(self, end: datetime) -> datetime:
        """Return when the duration began that passes at ``end``."""
        return Duration(-self.months, -self.rest).after(end)

    def exceeds(self, other: Duration) -> bool:
        """Whether it is longer."""
        return self.after(_COMMON) > other.after(_COMMON)


def parse_duration(text: str) -> Duration | None:
    """Return the duration that an ISO 8601 text says, None if it says none or one of no length."""
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    years, months, weeks, days, hours, minutes, seconds = (int(number or 0) for number in found.groups())
    duration = Duration(years * 12 + months, timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds))
    return duration if duration.exceeds(Duration()) else None
