"""Bundles for tests: every kind of condition, invented numbers, no training."""

from __future__ import annotations

from identity.domain.model.blocking import Blocking, BlockingRule, KeyPart, Take, part
from identity.domain.model.bundle import Bundle, LevelParameters, TermTable, Thresholds
from identity.domain.model.declaration import Comparison, Declaration, Role, Veto, missing, otherwise
from identity.domain.model.levels import (
    AllOf,
    AnyOf,
    ColumnsCross,
    ColumnsSwapped,
    DamerauLevenshtein,
    DateWithin,
    DayMonthSwapped,
    Exact,
    InitialsOf,
    JaroWinkler,
    Level,
    Levenshtein,
    Missing,
    NumberWithin,
    PrefixOf,
    SamePrefix,
    SameSuffix,
    TermFrequency,
    TokensContained,
    TokensShared,
)

GIVEN = Comparison(
    "given_name",
    Role.PERSON,
    (
        missing("given_name"),
        Level("exact", Exact("given_name"), TermFrequency("given_name", 0.7, 0.0005)),
        Level("swapped", ColumnsSwapped("given_name", "family_name")),
        Level("initials", AnyOf((InitialsOf("given_name"), PrefixOf("given_name", 1)))),
        Level("close", JaroWinkler("given_name", 0.9), TermFrequency("given_name")),
        Level("contained", TokensContained("given_name")),
        Level("typo", DamerauLevenshtein("given_name", 2)),
        otherwise(),
    ),
)
SURNAME = Comparison(
    "surname",
    Role.HOUSEHOLD,
    (
        Level("missing", AllOf((Missing("family_name"), Missing("birth_name")))),
        Level("exact", Exact("family_name"), TermFrequency("family_name")),
        Level("shared", TokensShared("family_name", 1), TermFrequency("family_name", 0.5)),
        Level("married", ColumnsCross("family_name", "birth_name"), TermFrequency("birth_name", 1.0, 0.001)),
        Level("close", AnyOf((JaroWinkler("family_name", 0.88), Levenshtein("family_name", 1)))),
        otherwise(),
    ),
)
BIRTH = Comparison(
    "birth",
    Role.PERSON,
    (
        missing("birth_date"),
        Level("exact", Exact("birth_date")),
        Level("swapped", DayMonthSwapped("birth_date")),
        Level("month", DateWithin("birth_date", 31)),
        Level("year", AllOf((SamePrefix("birth_date", 4), SameSuffix("birth_date", 3)))),
        Level("typo", DamerauLevenshtein("birth_date", 1)),
        Level("decade", DateWithin("birth_date", 3653)),
        otherwise(),
    ),
)
EMAIL = Comparison("email", Role.HOUSEHOLD, (missing("email"), Level("exact", Exact("email"), TermFrequency("email")), otherwise()))
SIZE = Comparison(
    "size",
    Role.NEUTRAL,
    (missing("x_size"), Level("equal", NumberWithin("x_size", 0.0)), Level("near", NumberWithin("x_size", 0.3)), otherwise()),
)

BLOCKING = Blocking(
    rules=(
        BlockingRule("birth", (part("birth_date"), part("given_name", Take.FIRST, 1))),
        BlockingRule("names", (KeyPart(("given_name",), Take.EACH_WORD), KeyPart(("family_name",), Take.EACH_WORD)), unordered=True),
        BlockingRule("email", (part("email"),)),
    ),
    cap=60,
)


def parameters(comparison: Comparison) -> tuple[LevelParameters, ...]:
    """Return plausible parameters: agreement likelier for one person, household fields likelier for a household."""
    count = len(comparison.live)
    raw = [(3.0 ** (count - i), 1.7**i * (0.02 if i < count - 1 else 3.0)) for i in range(count)]
    ms, us = sum(m for m, _ in raw), sum(u for _, u in raw)
    hs = [(m / ms + u / us) / 2 if comparison.role is Role.HOUSEHOLD else u / us for m, u in raw]
    return tuple(LevelParameters(m / ms, u / us, h) for (m, u), h in zip(raw, hs, strict=True))


def bundle(
    *comparisons: Comparison,
    vetoes: tuple[Veto, ...] = (),
    tables: dict[str, TermTable] | None = None,
    thresholds: Thresholds | None = None,
    blocking: Blocking = BLOCKING,
) -> Bundle:
    """Return a sound bundle over the comparisons (all of them by default)."""
    declaration = Declaration(comparisons or (GIVEN, SURNAME, BIRTH, EMAIL, SIZE), blocking, vetoes)
    given = tables or {}
    return Bundle(
        name="test",
        standardiser=1,
        declaration=declaration,
        match_prior=0.0003,
        household_prior=0.002,
        parameters={comparison.name: parameters(comparison) for comparison in declaration.comparisons},
        term_tables={c: given.get(c, TermTable(1000, {}, 5, 1 / 1001)) for c in declaration.frequency_columns},
        thresholds=thresholds or Thresholds(14.0, 9.0, 6.0, 2.0, "invented for a test"),
    )
