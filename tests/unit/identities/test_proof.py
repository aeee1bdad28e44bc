"""What proves two records to be of one person, and who counts as a child."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.domain.attributes import Assurance
from identity.domain.proof import proofs, proved_groups, says_child

VERIFIED, CHECKED, DECLARED = Assurance.VERIFIED, Assurance.CHECKED_BY_AGENT, Assurance.DECLARED
ZOE = {"email": "zoe@mail.example", "phone": "+33639980012", "loyalty_id": "7", "given_name": "zoe", "given_root": "zoe"}


def test_what_two_sources_vouch_for_alike_proves_one_person() -> None:
    crm = proofs(ZOE, {"email": VERIFIED})
    shop = proofs({**ZOE, "phone": None}, {"email": CHECKED, "given_name": CHECKED})
    assert proved_groups({"crm": crm, "shop": shop}) == {frozenset({"crm", "shop"})}


@pytest.mark.parametrize(
    ("assured", "other"),
    [({"email": VERIFIED}, {"email": DECLARED}), ({"email": VERIFIED}, {"phone": VERIFIED}), ({}, {}), ({"given_name": VERIFIED},) * 2],
)
def test_anything_less_proves_nothing(assured: dict[str, Assurance], other: dict[str, Assurance]) -> None:
    assert len(proved_groups({"crm": proofs(ZOE, assured), "shop": proofs(ZOE, other)})) == 2


def test_another_value_proves_nothing_and_proof_carries_on() -> None:
    one = proofs(ZOE, {"email": VERIFIED})
    both = proofs(ZOE, {"email": VERIFIED, "phone": CHECKED})
    far = proofs({"phone": ZOE["phone"], "given_root": "zoe"}, {"phone": VERIFIED})
    stranger = proofs({"phone": "+33639980099", "given_root": "zoe"}, {"phone": VERIFIED})
    brother = proofs({"phone": ZOE["phone"], "given_root": "leo"}, {"phone": VERIFIED})
    nameless = proofs({"phone": ZOE["phone"]}, {"phone": VERIFIED})
    found = proved_groups({1: one, 2: far, 3: stranger, 4: both, 5: brother, 6: nameless})
    assert found == {frozenset({1, 2, 4}), frozenset({3}), frozenset({5}), frozenset({6})}


@given(st.dictionaries(st.integers(0, 30), st.frozensets(st.tuples(st.sampled_from(["email", "phone"]), st.sampled_from("abcdef")))))
def test_groups_are_a_partition_in_which_sharers_are_together(records: dict[int, frozenset[tuple[str, str]]]) -> None:
    groups = proved_groups(records)
    assert sorted(record for group in groups for record in group) == sorted(records)
    home = {record: group for group in groups for record in group}
    assert all(home[one] == home[other] for one in records for other in records if records[one] & records[other])
    for group in groups:  # nobody is in a group without being held there by a proof
        assert len(group) == 1 or all(any(records[one] & records[other] for other in group - {one}) for one in group)


@pytest.mark.parametrize(
    ("born", "child"), [("2011-06-02", True), ("2011-06-01", False), ("1980-01-01", False), (None, False), ("2025-01-01", True)]
)
def test_a_child_is_under_fifteen(born: str | None, child: bool) -> None:
    assert says_child({"birth_date": born}, datetime(2026, 6, 1, 12, tzinfo=UTC)) is child
