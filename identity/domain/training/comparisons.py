"""Which comparisons the data deserve: zero configuration, from the columns that are there.

Rules
- A column that is absent is left out; a comparison that lost its columns is not made; levels that need an absent column neither.
- Given name and surname are apart, because a household shares one of them. One comparison for the whole address, because its
  parts agree together: counted apart, they would vote several times (research: identity §9, lesson 2).
- Exchanged given and family names are told by the given name; the surname is then silent, so that the exchange counts once.
- Two e-mail addresses that merely look alike differ: people of one name have such, and a household too (typing errors apart).
"""

from __future__ import annotations

from collections.abc import Callable

from identity.domain.attributes import EXTRA_PREFIX, ComparisonKind
from identity.domain.model.declaration import Comparison, Role, otherwise
from identity.domain.model.levels import (
    AllOf,
    AnyOf,
    ColumnsCross,
    ColumnsSwapped,
    Condition,
    DamerauLevenshtein,
    DateWithin,
    DayMonthSwapped,
    Exact,
    InitialsOf,
    JaroWinkler,
    Level,
    Missing,
    NumberWithin,
    PrefixOf,
    SamePrefix,
    SameSuffix,
    TermFrequency,
    TokensContained,
    TokensShared,
)
from identity.domain.training.patterns import CROSSED
from identity.domain.training.statistics import LEAST_VALUES, Columns, has

_UNIQUE = 1.05
"""Records per value below which a text column is an identifier rather than a description."""


def declare_comparisons(columns: Columns, kinds: dict[str, ComparisonKind] | None = None) -> tuple[Comparison, ...]:
    """Return the comparisons for these columns; ``kinds`` gives the declared kind of an extra column, else it is told from the data."""
    made = [make(columns) for make in _KNOWN]
    known = [comparison for comparison in made if comparison is not None]
    extras = [
        _extra(name, (kinds or {}).get(name) or _kind(columns, name), columns)
        for name in sorted(columns)
        if name.startswith(EXTRA_PREFIX) and has(columns, name)
    ]
    return (*known, *extras)


def _frequency(columns: Columns, column: str) -> TermFrequency | None:
    """Correct by term frequency where values differ enough for it to matter."""
    return TermFrequency(column) if has(columns, column) and columns[column].distinct >= LEAST_VALUES else None


def _level(label: str, when: Condition, frequency: TermFrequency | None = None) -> Level:
    return Level(label, when, frequency)


def _missing(*columns: str) -> Condition:
    """Nothing to compare: each of the columns is missing on one side or the other."""
    parts = tuple(Missing(column) for column in columns)
    return parts[0] if len(parts) == 1 else AllOf(parts)


def _kept(columns: Columns, levels: list[tuple[tuple[str, ...], Level]]) -> list[Level]:
    """Return the levels whose columns are all there."""
    return [level for needs, level in levels if has(columns, *needs)]


def given_name(columns: Columns) -> Comparison | None:
    """Compare given names: nicknames, initials, several given names, exchange with the family name."""
    if not has(columns, "given_name"):
        return None
    levels = [
        ((), _level("exact", Exact("given_name"), _frequency(columns, "given_name"))),
        (("family_name",), _level("swapped", ColumnsSwapped("given_name", "family_name"))),
        (("family_name",), _level(CROSSED, ColumnsCross("given_name", "family_name"))),
        (("given_root",), _level("same_root", Exact("given_root"), _frequency(columns, "given_root"))),
        ((), _level("contained", TokensContained("given_name"))),
        ((), _level("close", AnyOf((JaroWinkler("given_name", 0.92), DamerauLevenshtein("given_name", 1))))),
        ((), _level("initial", AnyOf((InitialsOf("given_name"), PrefixOf("given_name", 1))))),
        ((), _level("alike", JaroWinkler("given_name", 0.85))),
        (("given_sound",), _level("sounds", Exact("given_sound"))),
        ((), _level("distant", JaroWinkler("given_name", 0.7))),
    ]
    return Comparison("given_name", Role.PERSON, (_level("missing", Missing("given_name")), *_kept(columns, levels), otherwise()))


def surname(columns: Columns) -> Comparison | None:
    """Compare all surnames of a person, whatever order and marriage made of them."""
    column = "surnames" if has(columns, "surnames") else "family_name"
    if not has(columns, column):
        return None
    nothing: Condition = Missing(column)
    if has(columns, "given_name", "family_name"):
        nothing = AnyOf((nothing, ColumnsCross("given_name", "family_name")))
    frequency = _frequency(columns, column)
    levels = [
        ((), _level("exact", Exact(column), frequency)),
        ((), _level("shared", TokensShared(column, 1), frequency)),
        (("birth_name", "family_name"), _level("married", ColumnsCross("family_name", "birth_name"))),
        ((), _level("close", AnyOf((JaroWinkler(column, 0.92), DamerauLevenshtein(column, 1))))),
        ((), _level("alike", JaroWinkler(column, 0.85))),
        (("family_sound",), _level("sounds", Exact("family_sound"))),
        ((), _level("distant", JaroWinkler(column, 0.7))),
    ]
    return Comparison("surname", Role.HOUSEHOLD, (_level("missing", nothing), *_kept(columns, levels), otherwise()))


def _dates(column: str) -> tuple[Level, ...]:
    return (
        _level("missing", Missing(column)),
        _level("exact", Exact(column)),
        _level("day_month_swapped", DayMonthSwapped(column)),
        _level("typo", DamerauLevenshtein(column, 1)),
        _level("same_month", SamePrefix(column, 7)),
        _level("same_day_other_year", SameSuffix(column, 5)),
        _level("within_month", DateWithin(column, 31)),
        _level("two_typos", DamerauLevenshtein(column, 2)),
        _level("within_year", DateWithin(column, 396)),
        _level("within_ten_years", DateWithin(column, 3660)),
        otherwise(),
    )


def birth_date(columns: Columns) -> Comparison | None:
    """Compare birth dates: typing errors, exchanged day and month, a wrong year."""
    return Comparison("birth_date", Role.PERSON, _dates("birth_date")) if has(columns, "birth_date") else None


def sex(columns: Columns) -> Comparison | None:
    """Compare sex."""
    return _exact("sex", "sex", Role.PERSON, columns) if has(columns, "sex") else None


def birth_place(columns: Columns) -> Comparison | None:
    """Compare birth places, which brothers and sisters often share."""
    return _text("birth_place", "birth_place", Role.HOUSEHOLD, columns) if has(columns, "birth_place") else None


def address(columns: Columns) -> Comparison | None:
    """Compare the whole address at once, finest agreement first; what is missing on a side is told from what differs."""
    parts = [column for column in ("address_line", "postal_code", "city") if has(columns, column)]
    if not parts:
        return None
    line, street = Exact("address_line"), Exact("address_street")
    close = AnyOf((JaroWinkler("address_line", 0.92), DamerauLevenshtein("address_line", 2)))
    code, city, near = Exact("postal_code"), Exact("city"), DamerauLevenshtein("postal_code", 1)
    town, no_line = JaroWinkler("city", 0.9), Missing("address_line")
    codes, cities = _frequency(columns, "postal_code"), _frequency(columns, "city")
    ap, ac = ("address_line", "postal_code"), ("address_line", "city")
    levels = [
        (ap, _level("same_line_and_code", AllOf((line, code)))),
        (ac, _level("same_line_and_city", AllOf((line, city)))),
        (ap, _level("close_line_and_code", AllOf((close, code)))),
        (ac, _level("close_line_and_city", AllOf((close, town)))),
        (ap, _level("close_line_near_code", AllOf((close, near)))),
        (("address_street", "postal_code"), _level("same_street_and_code", AllOf((street, code)))),
        (("address_line",), _level("same_line", line)),
        (ap, _level("code_line_unknown", AllOf((no_line, code)), codes)),
        (ac, _level("city_line_unknown", AllOf((no_line, city)), cities)),
        (("postal_code",), _level("same_code", code, codes)),
        (("city",), _level("same_city", city, cities)),
        (("address_line",), _level("close_line", close)),
        (("city",), _level("close_city", town)),
        (("postal_code",), _level("near_code", near)),
        (("postal_code",), _level("same_region", SamePrefix("postal_code", 2))),
    ]
    return Comparison("address", Role.HOUSEHOLD, (_level("missing", _missing(*parts)), *_kept(columns, levels), otherwise()))


def email(columns: Columns) -> Comparison | None:
    """Compare e-mail addresses."""
    column = "email_canonical" if has(columns, "email_canonical") else "email"
    if not has(columns, column):
        return None
    levels = (
        _level("missing", Missing(column)),
        _level("exact", Exact(column)),
        _level("typo", DamerauLevenshtein(column, 2)),
        _level("close", JaroWinkler(column, 0.95)),
        otherwise(),
    )
    return Comparison("email", Role.HOUSEHOLD, levels)


def phone(columns: Columns) -> Comparison | None:
    """Compare telephone numbers."""
    return _identifier("phone", "phone", Role.HOUSEHOLD) if has(columns, "phone") else None


def national_id(columns: Columns) -> Comparison | None:
    """Compare national identification numbers."""
    return _identifier("national_id", "national_id", Role.PERSON) if has(columns, "national_id") else None


def loyalty_id(columns: Columns) -> Comparison | None:
    """Compare loyalty card numbers, which a household may share."""
    return _identifier("loyalty_id", "loyalty_id", Role.HOUSEHOLD) if has(columns, "loyalty_id") else None


_KNOWN: tuple[Callable[[Columns], Comparison | None], ...] = (
    given_name,
    surname,
    birth_date,
    sex,
    birth_place,
    address,
    email,
    phone,
    national_id,
    loyalty_id,
)


def _exact(name: str, column: str, role: Role, columns: Columns) -> Comparison:
    return Comparison(
        name, role, (_level("missing", Missing(column)), _level("exact", Exact(column), _frequency(columns, column)), otherwise())
    )


def _identifier(name: str, column: str, role: Role) -> Comparison:
    levels = (
        _level("missing", Missing(column)),
        _level("exact", Exact(column)),
        _level("typo", DamerauLevenshtein(column, 1)),
        otherwise(),
    )
    return Comparison(name, role, levels)


def _text(name: str, column: str, role: Role, columns: Columns) -> Comparison:
    frequency = _frequency(columns, column)
    close = AnyOf((JaroWinkler(column, 0.9), DamerauLevenshtein(column, 1)))
    levels = (
        _level("missing", Missing(column)),
        _level("exact", Exact(column), frequency),
        _level("close", close),
        _level("alike", JaroWinkler(column, 0.8)),
        otherwise(),
    )
    return Comparison(name, role, levels)


def _number(name: str, column: str, columns: Columns) -> Comparison:
    levels = (
        _level("missing", Missing(column)),
        _level("exact", Exact(column), _frequency(columns, column)),
        _level("near", NumberWithin(column, 1.0)),
        otherwise(),
    )
    return Comparison(name, Role.HOUSEHOLD, levels)


def _kind(columns: Columns, column: str) -> ComparisonKind:
    """Tell from its values what an extra column is, when no mapping says."""
    seen = columns[column]
    if seen.dates > 0.9:  # noqa: PLR2004 - nearly all
        return ComparisonKind.DATE
    if seen.distinct < LEAST_VALUES:
        return ComparisonKind.EXACT
    if seen.repeats < _UNIQUE:
        return ComparisonKind.IDENTIFIER
    return ComparisonKind.TEXT


def _extra(column: str, kind: ComparisonKind, columns: Columns) -> Comparison:
    match kind:
        case ComparisonKind.DATE:
            return Comparison(column, Role.PERSON, _dates(column))
        case ComparisonKind.NUMBER:
            return _number(column, column, columns)
        case ComparisonKind.IDENTIFIER:
            return _identifier(column, column, Role.PERSON)
        case ComparisonKind.EXACT:
            return _exact(column, column, Role.HOUSEHOLD, columns)
        case ComparisonKind.NAME | ComparisonKind.TEXT:
            return _text(column, column, Role.HOUSEHOLD, columns)
