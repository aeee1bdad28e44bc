"""Durations as catalogues write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.domain.duration import Duration, parse_duration


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("P3Y", Duration(36)),
        ("P25M", Duration(25)),
        ("P1Y6M", Duration(18)),
        ("P2W", Duration(0, timedelta(14))),
        ("P90D", Duration(0, timedelta(90))),
        ("PT24H", Duration(0, timedelta(1))),
        ("P1DT12H30M", Duration(0, timedelta(days=1, hours=12, minutes=30))),
    ],
)
def test_what_is_iso_8601_is_read(text: str, duration: Duration) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1", "3Y", "P-1Y", "P1.5Y", "P1Y ", "p1y", "P1D1Y", "P1DT", "P0D", "PT0S", "P٣Y", "3 years"]
)
def test_what_is_not_is_not(text: str) -> None:
    assert parse_duration(text) is None


def test_a_month_that_is_too_short_ends_on_its_last_day() -> None:
    assert Duration(1).after(datetime(2026, 1, 31, tzinfo=UTC)) == datetime(2026, 2, 28, tzinfo=UTC)
    assert Duration(36).after(datetime(2024, 2, 29, tzinfo=UTC)) == datetime(2027, 2, 28, tzinfo=UTC)


@pytest.mark.parametrize(("one", "other"), [("P3Y", "P36M"), ("P36M", "P1095D"), ("P1Y", "P365D"), ("P1W", "P7D")])
def test_equal_lengths_do_not_exceed_each_other(one: str, other: str) -> None:
    first, second = parse_duration(one), parse_duration(other)
    assert first
    assert second
    assert not first.exceeds(second)
    assert not second.exceeds(first)


@given(st.integers(0, 1200), st.integers(0, 9999), st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - given its zone beside
def test_a_duration_never_ends_before_it_begins(months: int, days: int, start: datetime) -> None:
    assert Duration(months, timedelta(days)).after(start) >= start
