"""Dates of birth in every way that a silo writes them; the impossible and the made-up ones are absent."""

import pytest

from identity.domain.standardise.dates import LATEST_YEAR, MAX_FORMAT, PIVOT, date, format_fault

UNDECLARED = [
    ("1980-03-12", "1980-03-12"),
    ("1980/03/12", "1980-03-12"),
    ("1980.03.12", "1980-03-12"),
    ("1980-3-2", "1980-03-02"),
    ("1980-03-12T00:00:00Z", "1980-03-12"),
    ("1980-03-12 00:00:00.000", "1980-03-12"),
    ("1980-03-12T22:00:00+02:00", "1980-03-12"),  # the day is taken as written, without moving time zones
    ("12/03/1980", "1980-03-12"),  # day first, as in France
    ("12.03.1980", "1980-03-12"),
    ("12-03-1980", "1980-03-12"),
    ("12 03 1980", "1980-03-12"),
    ("12 / 03 / 1980", "1980-03-12"),
    ("2/3/1980", "1980-03-02"),
    ("12/03/1980 00:00", "1980-03-12"),
    ("12/03/80", "1980-03-12"),
    ("12/03/05", "2005-03-12"),
    (f"12/03/{PIVOT}", f"20{PIVOT}-03-12"),
    (f"12/03/{PIVOT + 1}", f"19{PIVOT + 1}-03-12"),
    ("12/25/1980", "1980-12-25"),  # month first is the only reading left
    ("25/12/1980", "1980-12-25"),
    ("19800312", "1980-03-12"),
    ("12031980", "1980-03-12"),
    ("19121980", "1980-12-19"),  # cannot be the 80th of the 19th month of 1912... nor of 1980
    ("120380", "1980-03-12"),
    ("19800312.0", "1980-03-12"),  # a number column exported as a float
    ("19800312T000000", "1980-03-12"),
    ("12 mars 1980", "1980-03-12"),
    ("12 MARS 1980", "1980-03-12"),
    ("1er mars 1980", "1980-03-01"),
    ("1ᵉʳ août 1980", "1980-08-01"),
    ("12 févr. 1980", "1980-02-12"),
    ("12-déc-80", "1980-12-12"),
    ("12 decembre 1980", "1980-12-12"),
    ("12avr1980", "1980-04-12"),
    ("mercredi 12 mars 1980", "1980-03-12"),
    ("né le 12/03/1980", "1980-03-12"),
    ("Née le : 12 mars 1980", "1980-03-12"),
    ("12 March 1980", "1980-03-12"),
    ("March 12, 1980", "1980-03-12"),
    ("Mar 12 1980", "1980-03-12"),
    ("12-Mar-1980", "1980-03-12"),
    ("3rd July 1980", "1980-07-03"),
    ("1980 March 12", "1980-03-12"),
    ("１２/０３/１９８０", "1980-03-12"),  # full-width digits
    ("  12/03/1980 ", "1980-03-12"),
    ("29/02/2000", "2000-02-29"),
    ("1198-05-12", "1198-05-12"),  # 1998 typed wrong: still evidence beside the right year
    ("1630-08-01", "1630-08-01"),  # an archive
    ("31/02/1980", None),
    ("30/02/2000", None),
    ("29/02/1900", None),  # 1900 had no leap day
    ("29/02/1981", None),
    ("31/04/1980", None),
    ("32/01/1980", None),
    ("00/00/1980", None),
    ("00/00/0000", None),
    ("0000-00-00", None),
    ("12/13/1980", "1980-12-13"),
    ("13/13/1980", None),
    ("01/01/1900", None),  # the default of many a form
    ("1900-01-01", None),
    ("01/01/1970", None),  # the epoch
    ("1970-01-01 00:00:00", None),
    ("30/12/1899", None),  # zero in a spreadsheet
    ("1753-01-01", None),  # the earliest date of a database
    ("01/01/0001", None),
    ("11/11/1111", "1111-11-11"),
    ("9999-12-31", None),
    (f"01/02/{LATEST_YEAR + 1}", None),
    ("2099-01-01", None),
    ("0980-03-12", None),
    ("1980", None),
    ("03/1980", None),
    ("mars 1980", None),
    ("29/2", None),
    ("29221", None),  # a spreadsheet's day count might be anything else: no guess
    ("inconnue", None),
    ("-", None),
    ("n/a", None),
    ("", None),
    ("12//1980", None),
]

DECLARED = [
    ("03/12/1980", "%m/%d/%Y", "1980-03-12"),
    ("03/12/1980", "%d/%m/%Y", "1980-12-03"),
    ("12/25/1980", "%d/%m/%Y", None),  # the declared format is believed: no other reading is tried
    ("12/03/1980", "jj/mm/aaaa", "1980-03-12"),
    ("12/03/80", "JJ/MM/AA", "1980-03-12"),
    ("1980-03-12", "%d/%m/%Y", "1980-03-12"),  # ISO passes always: our own output
    ("19800312", "%Y%m%d", "1980-03-12"),
    ("12031980", "%d%m%Y", "1980-03-12"),
    ("800312", "%y%m%d", "1980-03-12"),
    ("12 mars 1980", "%d %B %Y", "1980-03-12"),  # French months, whatever the machine's locale
    ("12-Mar-80", "%d-%b-%y", "1980-03-12"),
    ("March 12, 1980", "%B %d, %Y", "1980-03-12"),
    ("12/03/1980 14:30:00", "%d/%m/%Y %H:%M:%S", "1980-03-12"),
    ("12/03/1980 00:00", "%d/%m/%Y", "1980-03-12"),
    ("1980-03-12T00:00:00+0000", "%Y-%m-%dT%H:%M:%S%z", "1980-03-12"),
    ("03-12-1980", "mdy", None),
    ("03/12/1980", "mdy", "1980-03-12"),
    ("1980/03/12", "iso", "1980-03-12"),
    ("31/02/1980", "%d/%m/%Y", None),
    ("03/1980", "%m/%Y", None),  # no day: no date of birth
    ("12/03/1980", "nonsense", None),
    ("12/03/1980", "%d/%m/%d %Q (", None),
]


@pytest.mark.parametrize(("raw", "expected"), UNDECLARED)
def test_a_date_is_read_without_a_declared_format(raw: str, expected: str | None) -> None:
    assert date(raw) == expected


@pytest.mark.parametrize(("raw", "declared", "expected"), DECLARED)
def test_a_declared_format_settles_the_reading(raw: str, declared: str, expected: str | None) -> None:
    assert date(raw, declared) == expected


TIRESOME = [
    "%H" * 26 + "%d/%m/%Y",  # each %H may take one digit or two: two ways, 26 times over
    "%f%f%f%f%f%f%d/%m/%Y",
    "%a%A%B %d %Y",
    "%A%b%d%Y",
    "%T%H %d/%m/%Y",
    "%F%Y",
    "%%%%%d/%m/%Y",
    "%d/%m/%Y" + " " * MAX_FORMAT,
    "jj/mm/aaaa jj",
]


@pytest.mark.parametrize("declared", TIRESOME)
def test_a_format_that_could_freeze_whoever_reads_by_it_reads_nothing(declared: str) -> None:
    assert date("1" * 39 + "x", declared) is None
    assert date("1980-03-12", declared) is None
    if "%" in declared:
        assert format_fault(declared) is not None


def test_the_longest_format_that_is_taken_has_few_ways_to_match() -> None:
    declared = "%I%S%M%H%f%d%m%y"
    assert format_fault(declared) is None
    assert date("1" * 39 + "x", declared) is None
    gaps = "%d \u200b \u200b %m \u200b \u200b %H \u200b \u200b %M \u200b \u200b %S \u200b \u200b %y"
    assert format_fault(gaps) is None
    assert date("1 " * 32 + "x", gaps) is None
