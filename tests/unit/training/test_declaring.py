"""What is declared for which columns, and what is taken out again for want of evidence."""

from __future__ import annotations

import numpy as np

from identity.domain.attributes import ComparisonKind
from identity.domain.model.declaration import Role
from identity.domain.standardise import COLUMNS
from identity.domain.training.comparisons import declare_comparisons
from identity.domain.training.patterns import Patterns, RandomPairs
from identity.domain.training.pruning import prune
from identity.domain.training.rules import propose_rules
from identity.domain.training.statistics import ColumnStatistics

FULL = ColumnStatistics(records=10_000, filled=9_000, distinct=2_000)
EVERYTHING = dict.fromkeys(COLUMNS, FULL)


def test_every_column_that_is_there_is_compared_once() -> None:
    names = [comparison.name for comparison in declare_comparisons(EVERYTHING)]
    assert names == [
        "given_name", "surname", "birth_date", "sex", "birth_place", "address", "email", "phone", "national_id", "loyalty_id",
    ]  # fmt: skip


def test_absent_and_nearly_absent_columns_are_left_out() -> None:
    nearly = ColumnStatistics(records=10_000, filled=90, distinct=80)
    constant = ColumnStatistics(records=10_000, filled=10_000, distinct=1)
    declared = declare_comparisons({"given_name": FULL, "phone": nearly, "sex": constant})
    assert [comparison.name for comparison in declared] == ["given_name"]
    assert set(declared[0].columns) == {"given_name"}


def test_levels_need_their_columns() -> None:
    address = next(c for c in declare_comparisons({"postal_code": FULL}) if c.name == "address")
    assert address.columns == ("postal_code",)


def test_what_a_household_shares_is_told_from_what_a_person_has() -> None:
    roles = {comparison.name: comparison.role for comparison in declare_comparisons(EVERYTHING)}
    persons = {name for name, role in roles.items() if role is Role.PERSON}
    assert persons == {"given_name", "birth_date", "sex", "national_id"}


def test_extras_are_compared_as_declared_or_as_they_look() -> None:
    columns = {
        "x_size": ColumnStatistics(1_000, 900, 40),
        "x_since": ColumnStatistics(1_000, 900, 800, dates=1.0),
        "x_badge": ColumnStatistics(1_000, 900, 900),
        "x_colour": ColumnStatistics(1_000, 900, 4),
    }
    told = {c.name: [level.label for level in c.live] for c in declare_comparisons(columns, {"x_size": ComparisonKind.NUMBER})}
    assert told["x_size"] == ["exact", "near", "different"]
    assert "day_month_swapped" in told["x_since"]
    assert told["x_badge"] == ["exact", "typo", "different"]
    assert told["x_colour"] == ["exact", "different"]


def test_frequencies_count_only_where_values_differ() -> None:
    few = ColumnStatistics(records=10_000, filled=9_000, distinct=3)
    declared = {c.name: c for c in declare_comparisons({"given_name": FULL, "sex": few})}
    assert declared["given_name"].frequency_columns == ("given_name",)
    assert declared["sex"].frequency_columns == ()


def test_rules_are_proposed_for_present_columns_only() -> None:
    proposed = propose_rules({"email_canonical": FULL, "birth_date": FULL})
    assert {"email", "born"} <= {rule.name for rule in proposed}
    assert all(piece.columns[0] in {"email_canonical", "birth_date"} for rule in proposed for piece in rule.parts)


def test_no_rule_stands_on_a_surname_or_a_town_alone() -> None:
    alone = {rule.parts[0].columns[0] for rule in propose_rules(EVERYTHING) if len(rule.parts) == 1}
    assert not alone & {"surnames", "family_name", "family_sound", "city", "given_name", "given_root"}


def test_levels_without_evidence_are_merged_downwards_and_reported() -> None:
    (sex,) = declare_comparisons({"sex": ColumnStatistics(1_000, 900, 2)})
    phone = next(c for c in declare_comparisons({"phone": FULL}))
    levels = np.array([[1, 2], [0, 1], [0, 0], [-1, -1]])
    counts = np.array([50.0, 3.0, 60.0, 9.0])
    nothing, mask = np.zeros(4), np.zeros(4, dtype=np.int64)
    random = RandomPairs((np.array([0.5, 0.5]), np.array([0.98, 0.01, 0.01])), (1.0, 1.0), 1e6)
    pruned = prune((sex, phone), Patterns(levels, counts, nothing, nothing, mask, mask), random)
    assert pruned.dropped == (("phone", "typo"),)
    assert [level.label for level in pruned.comparisons[1].live] == ["exact", "different"]
    assert pruned.patterns.levels.tolist() == [[1, 1], [0, 0], [0, 0], [-1, -1]]
    assert np.allclose(pruned.random.share[1], [0.99, 0.01])


def test_a_comparison_that_never_agrees_is_dropped() -> None:
    phone = next(c for c in declare_comparisons({"phone": FULL}))
    sex = next(c for c in declare_comparisons({"sex": ColumnStatistics(1_000, 900, 2)}))
    nothing, mask = np.zeros(2), np.zeros(2, dtype=np.int64)
    patterns = Patterns(np.array([[0, 1], [-1, 0]]), np.array([500.0, 500.0]), nothing, nothing, mask, mask)
    random = RandomPairs((np.array([0.98, 0.01, 0.01]), np.array([0.5, 0.5])), (1.0, 1.0), 1e6)
    pruned = prune((phone, sex), patterns, random)
    assert pruned.dropped == (("phone", "*"),)
    assert [comparison.name for comparison in pruned.comparisons] == ["sex"]
