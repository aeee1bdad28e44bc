"""The declaration rendered to Splink: conditions to DuckDB SQL, comparisons to custom comparisons.

Only identifiers that ``Comparison`` has checked and numbers reach the SQL, never a value of a record. What is derived per
record (words, day numbers, …) is a column of the frame, made by ``derived_sql``, so that no pair derives it again.
"""

from __future__ import annotations

from typing import Any

from splink import SettingsCreator
from splink.blocking_rule_library import CustomRule
from splink.comparison_library import CustomComparison

from identity.domain.model.bundle import Bundle, LevelParameters
from identity.domain.model.declaration import Comparison, Declaration
from identity.domain.model.features import Feature
from identity.domain.model.levels import (
    SIMILARITY_MARGIN,
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
    Levenshtein,
    Missing,
    NumberWithin,
    Otherwise,
    PrefixOf,
    SamePrefix,
    SameSuffix,
    TokensContained,
    TokensShared,
)

_IS_DATE = "regexp_full_match({c}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') AND {c} >= '0001' AND try_cast({c} AS DATE) IS NOT NULL"
_IS_NUMBER = r"regexp_full_match({c}, '-?[0-9]{{1,15}}(\.[0-9]{{1,9}})?')"
_WORD_LIST = "list_filter(string_split({c}, ' '), lambda w: w <> '')"
_DERIVED = {
    Feature.WORDS: "list_distinct(string_split({c}, ' '))",
    Feature.DAYS: f"CASE WHEN {_IS_DATE} THEN date_diff('day', DATE '1970-01-01', try_cast({{c}} AS DATE)) END",
    Feature.SWAPPED: f"CASE WHEN {_IS_DATE} THEN concat({{c}}[1:4], '-', {{c}}[9:10], '-', {{c}}[6:7]) END",
    Feature.INITIALS: f"CASE WHEN len({_WORD_LIST}) > 1 THEN array_to_string(list_transform({_WORD_LIST}, lambda w: w[1]), '') END",
    Feature.NUMBER: f"CASE WHEN {_IS_NUMBER} THEN try_cast({{c}} AS DOUBLE) END",
}


def derived_name(column: str, feature: Feature) -> str:
    """Return the frame column that holds a feature of a standard column."""
    return f"{column}__{feature.value}"


def derived_sql(column: str, feature: Feature) -> str:
    """Return the SQL that derives a feature from a standard column."""
    return _DERIVED[feature].format(c=column)


def features_of(declaration: Declaration) -> tuple[tuple[str, Feature], ...]:
    """Return the (column, feature) pairs that the frame must hold besides the standard columns."""
    levels = (level for comparison in declaration.comparisons for level in comparison.levels)
    return tuple(dict.fromkeys(need for level in levels for need in _features(level.when)))


def _features(condition: Condition) -> tuple[tuple[str, Feature], ...]:  # noqa: PLR0911 - one case per kind
    match condition:
        case AllOf(parts) | AnyOf(parts):
            return tuple(need for part in parts for need in _features(part))
        case TokensShared(column) | TokensContained(column):
            return ((column, Feature.WORDS),)
        case DateWithin(column):
            return ((column, Feature.DAYS),)
        case DayMonthSwapped(column):
            return ((column, Feature.SWAPPED),)
        case InitialsOf(column):
            return ((column, Feature.INITIALS),)
        case NumberWithin(column):
            return ((column, Feature.NUMBER),)
        case _:
            return ()


def condition_sql(condition: Condition) -> str:
    """Return a condition as a DuckDB expression over ``<column>_l`` and ``<column>_r``."""
    match condition:
        case AllOf(parts):
            return "(" + " AND ".join(condition_sql(part) for part in parts) + ")"
        case AnyOf(parts):
            return "(" + " OR ".join(condition_sql(part) for part in parts) + ")"
        case Otherwise():
            return "ELSE"
        case ColumnsSwapped(a, b):
            return f"({a}_l = {b}_r AND {b}_l = {a}_r)"
        case ColumnsCross(a, b):
            return f"({a}_l = {b}_r OR {b}_l = {a}_r)"
        case _:
            return _column_sql(condition)


def _column_sql(condition: Condition) -> str:  # noqa: PLR0911 - one case per kind
    """Render a condition on one column."""
    match condition:
        case Missing(c):
            return f"({c}_l IS NULL OR {c}_r IS NULL)"
        case Exact(c):
            return f"{c}_l = {c}_r"
        case JaroWinkler(c, at_least):
            least = f"cast({at_least - SIMILARITY_MARGIN!r} as float8)"
            return f"jaro_winkler_similarity({c}_l, {c}_r, {least}) >= {least}"  # told the cutoff, it gives up early
        case DamerauLevenshtein(c, at_most):
            return _damerau(c, at_most)
        case Levenshtein(c, at_most):
            return f"levenshtein({c}_l, {c}_r) <= {at_most}"
        case SamePrefix(c, n):
            return f"(left({c}_l, {n}) = left({c}_r, {n}) AND length({c}_l) >= {n})"
        case SameSuffix(c, n):
            return f"(right({c}_l, {n}) = right({c}_r, {n}) AND length({c}_l) >= {n})"
        case PrefixOf(c, n):
            return f"((starts_with({c}_l, {c}_r) OR starts_with({c}_r, {c}_l)) AND length({c}_l) >= {n} AND length({c}_r) >= {n})"
        case _:
            return _derived_column_sql(condition)


def _damerau(column: str, at_most: int) -> str:
    """Render a Damerau-Levenshtein distance behind two cheap conditions that it implies: DuckDB's takes ten times as long as either.

    Each edit changes the length by one at most, and an exchange of neighbours is two plain edits.
    """
    one, other = f"{column}_l", f"{column}_r"
    length = f"abs(strlen({one}) - strlen({other})) <= {at_most}"
    return f"({length} AND levenshtein({one}, {other}) <= {2 * at_most} AND damerau_levenshtein({one}, {other}) <= {at_most})"


def _derived_column_sql(condition: Condition) -> str:
    """Render a condition on a derived column."""
    match condition:
        case TokensShared(c, n):
            d = derived_name(c, Feature.WORDS)
            return f"len(list_intersect({d}_l, {d}_r)) >= {n}"
        case TokensContained(c):
            d = derived_name(c, Feature.WORDS)
            return f"(list_has_all({d}_l, {d}_r) OR list_has_all({d}_r, {d}_l))"
        case DateWithin(c, days):
            d = derived_name(c, Feature.DAYS)
            return f"abs({d}_l - {d}_r) <= {days}"
        case DayMonthSwapped(c):
            d = derived_name(c, Feature.SWAPPED)
            return f"({c}_l = {d}_r OR {d}_l = {c}_r)"
        case InitialsOf(c):
            d = derived_name(c, Feature.INITIALS)
            return f"({c}_l = {d}_r OR {d}_l = {c}_r)"
        case NumberWithin(c, by):
            d = derived_name(c, Feature.NUMBER)
            return f"abs({d}_l - {d}_r) <= cast({by!r} as float8)"
        case _:
            raise TypeError(f"no rendering for {type(condition).__name__}")


def comparison_to_splink(comparison: Comparison, parameters: tuple[LevelParameters, ...] | None = None) -> CustomComparison:
    """Render a comparison, with its parameters if it has any yet (training renders it without)."""
    null = comparison.levels[0]
    levels: list[Any] = [{"sql_condition": condition_sql(null.when), "label_for_charts": null.label, "is_null_level": True}]
    for index, level in enumerate(comparison.live):
        known = {"m_probability": parameters[index].m, "u_probability": parameters[index].u} if parameters else {}
        levels.append(
            {"sql_condition": condition_sql(level.when), "label_for_charts": level.label, **known, **_frequency(comparison, index, level)}
        )
    return CustomComparison(levels, output_column_name=comparison.name)


def _frequency(comparison: Comparison, index: int, level: Level) -> dict[str, str | float | bool]:
    """Return the level's term-frequency options. A weight of 0 is left out: Splink would read it as 1 (research: identity §7)."""
    correction = level.term_frequency
    if correction is None or correction.weight == 0:
        return {}
    return {
        "tf_adjustment_column": correction.column,
        "tf_adjustment_weight": correction.weight,
        "tf_minimum_u_value": correction.floor,
        "disable_tf_exact_match_detection": comparison.frequency_base(index) == index,
    }


def settings_for(bundle: Bundle) -> SettingsCreator:
    """Render a bundle for prediction over one frame whose id column is ``idx``. Blocked pairs are registered, not derived by Splink."""
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="idx",
        probability_two_random_records_match=bundle.match_prior,
        comparisons=[comparison_to_splink(c, bundle.parameters[c.name]) for c in bundle.declaration.comparisons],
        blocking_rules_to_generate_predictions=[CustomRule("l.idx = r.idx")],
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
    )
