"""Blocking keys: what two records must share to be looked at."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from identity.domain.model.blocking import MAX_KEYS, Blocking, BlockingRule, CompiledBlocking, KeyPart, Take, block_keys, part, rule_keys

TEXT = st.text("abc -0123456789", min_size=0, max_size=12)
RULES = (
    BlockingRule("whole", (part("a"), part("b", Take.FIRST, 3))),
    BlockingRule("words", (KeyPart(("a", "b"), Take.EACH_WORD), part("c", Take.YEAR)), unordered=True),
    BlockingRule("sorted", (part("a", Take.SORTED_WORDS), part("b", Take.LAST, 2), part("c", Take.MONTH_DAY), part("c", Take.FIRST_WORD))),
)


def test_a_record_without_a_part_has_no_key() -> None:
    assert rule_keys(RULES[0], {"a": "x", "b": None}) == []
    assert rule_keys(RULES[0], {"a": "x", "b": "yz"}) == []


def test_exchanged_columns_meet_under_an_unordered_rule() -> None:
    rule = BlockingRule("names", (part("given"), part("family")), unordered=True)
    assert rule_keys(rule, {"given": "paul", "family": "martin"}) == rule_keys(rule, {"given": "martin", "family": "paul"})


def test_a_swapped_day_and_month_stay_in_one_block() -> None:
    rule = BlockingRule("birth", (part("c", Take.YEAR), part("c", Take.MONTH_DAY)))
    assert rule_keys(rule, {"c": "1980-03-04"}) == rule_keys(rule, {"c": "1980-04-03"})
    assert rule_keys(rule, {"c": "1980-03-04"}) != rule_keys(rule, {"c": "1980-03-05"})


def test_each_word_gives_a_key() -> None:
    rule = BlockingRule("words", (part("a", Take.EACH_WORD),))
    assert rule_keys(rule, {"a": "jean marie jean"}) == ["jean", "marie"]


def test_keys_of_different_parts_never_run_together() -> None:
    rule = BlockingRule("two", (part("a"), part("b")))
    assert rule_keys(rule, {"a": "ab", "b": "c"}) != rule_keys(rule, {"a": "a", "b": "bc"})


@given(st.fixed_dictionaries({"a": TEXT | st.none(), "b": TEXT | st.none(), "c": TEXT | st.none()}))
def test_keys_are_few_distinct_and_a_function_of_the_record(row: dict[str, str | None]) -> None:
    keys = block_keys(Blocking(RULES), row)
    assert keys == block_keys(Blocking(RULES), dict(row))
    assert len(set(keys)) == len(keys)
    assert all(sum(name == rule.name for name, _ in keys) <= MAX_KEYS for rule in RULES)


ANY_VALUE = st.none() | st.sampled_from(["a", "ab", "jean marie", "1980-02-03", "x y x", "martin"])
ANY_PART = st.builds(
    KeyPart, st.sampled_from([("a",), ("b",), ("c",), ("a", "b")]), st.sampled_from(list(Take)), st.sampled_from([0, 1, 2, 5])
)
ANY_RULE = st.builds(BlockingRule, st.sampled_from(["r", "s"]), st.lists(ANY_PART, min_size=1, max_size=3).map(tuple), st.booleans())


@given(st.lists(ANY_RULE, max_size=4).map(tuple), st.fixed_dictionaries({"a": ANY_VALUE, "b": ANY_VALUE, "c": ANY_VALUE}))
def test_compiled_rules_give_the_same_keys(rules: tuple[BlockingRule, ...], standard: dict[str, str | None]) -> None:
    blocking = Blocking(rules)
    assert CompiledBlocking(blocking).keys(standard) == block_keys(blocking, standard)
