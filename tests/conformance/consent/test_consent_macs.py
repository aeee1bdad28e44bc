"""What keyed proofs promise: tokens, request MACs, pseudonyms, and how rows are written before their MAC is taken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.adapters.evidence import EvidenceSealer
from consent.adapters.keys import derive_keys
from consent.adapters.macs import HmacPseudonyms, HmacRequestMac, HmacRevisionSigner, RowMac
from consent.domain.anchor import Anchor
from consent.domain.errors import ConsentError, Reason
from tests.unit.consent.consenting import A, B

KEY, OTHER = b"k" * 32, b"o" * 32


@given(st.integers(0, 2**63 - 1))
def test_a_token_tells_its_revision_to_its_maker_and_to_nobody_else(revision: int) -> None:
    token = HmacRevisionSigner(KEY).token(revision)
    assert HmacRevisionSigner(KEY).revision(token) == revision
    with pytest.raises(ConsentError) as refused:
        HmacRevisionSigner(OTHER).revision(token)
    assert refused.value.reason is Reason.INVALID_REVISION


def test_tokens_of_neighbours_have_nothing_in_common_to_see() -> None:
    one, two = (HmacRevisionSigner(KEY).token(number).removeprefix("r1_") for number in (1, 2))
    assert sum(a == b for a, b in zip(one, two, strict=True)) < 8


@given(st.integers(0, 1000), st.data())
def test_no_changed_token_is_taken(revision: int, data: st.DataObject) -> None:
    token = HmacRevisionSigner(KEY).token(revision)
    place = data.draw(st.integers(0, len(token) - 1))
    changed = token[:place] + data.draw(st.sampled_from("AZaz09-_=+/é ").filter(lambda one: one != token[place])) + token[place + 1 :]
    for bad in (changed, token[:-4], token + "AAAA", data.draw(st.text())):
        with pytest.raises(ConsentError):
            HmacRevisionSigner(KEY).revision(bad)


def test_request_macs_tell_bodies_and_keys_apart() -> None:
    macs = {HmacRequestMac(key).request_mac(body) for key in (KEY, OTHER) for body in (b"", b"a", b"b")}
    assert len(macs) == 6
    assert {len(mac) for mac in macs} == {32}


def test_pseudonyms_differ_by_caller_and_anchor_and_are_always_the_same() -> None:
    anchors = (A, B, Anchor("webshop", A.mac), Anchor("c", A.mac))
    names = {HmacPseudonyms(KEY).pseudonym(caller, anchor) for caller in ("crm", "rm", "crm|3:crm") for anchor in anchors}
    assert len(names) == 12
    assert HmacPseudonyms(KEY).pseudonym("crm", A) == HmacPseudonyms(KEY).pseudonym("crm", A)
    assert HmacPseudonyms(KEY).pseudonym("crm", A) != HmacPseudonyms(OTHER).pseudonym("crm", A)


COLUMNS = st.lists(st.one_of(st.none(), st.text("|:-0a"), st.text()), min_size=3, max_size=3)


@given(COLUMNS, COLUMNS)
def test_no_two_rows_read_alike(one: list[str | None], two: list[str | None]) -> None:
    macs = RowMac(KEY)
    assert (macs.of("t", one) == macs.of("t", two)) == (one == two)


def test_a_rows_mac_is_of_its_table_and_of_what_the_columns_mean() -> None:
    macs = RowMac(KEY)
    at = datetime(2026, 1, 1, 12, tzinfo=UTC)
    row = ("x", 1, b"\x01", UUID(int=1), at, None)
    assert macs.of("t", row) == macs.of("t", (*row[:4], at.astimezone(timezone(timedelta(hours=2))), None))
    assert macs.of("t", row) != macs.of("u", row)
    assert macs.of("t", row) != RowMac(OTHER).of("t", row)
    assert macs.of("t", row) != macs.of("t", (*row[:4], at + timedelta(microseconds=1), None))
    with pytest.raises(TypeError):
        macs.of("t", (1.5,))


def test_evidence_opens_for_its_event_only() -> None:
    sealer = EvidenceSealer(KEY)
    sealed = sealer.seal(UUID(int=1), "dossier 4711")
    assert sealed is not None
    assert sealer.open(UUID(int=1), sealed) == "dossier 4711"
    assert sealer.seal(UUID(int=1), "") is None
    assert sealer.open(UUID(int=1), None) == ""
    for opener, event_id, bad in ((sealer, 2, sealed), (EvidenceSealer(OTHER), 1, sealed), (sealer, 1, sealed[:-1]), (sealer, 1, b"")):
        with pytest.raises(ConsentError):
            opener.open(UUID(int=event_id), bad)


def test_no_key_is_used_twice_and_none_is_shown() -> None:
    uses: list[str] = []

    def derive(use: str) -> bytes:
        uses.append(use)
        return use.encode().ljust(32, b"#")

    keys = derive_keys(derive)
    assert len(set(uses)) == len(uses) == 5
    for shown in (
        keys,
        RowMac(keys.rows),
        EvidenceSealer(keys.evidence),
        HmacRevisionSigner(keys.revisions),
        HmacPseudonyms(keys.pseudonyms),
    ):
        assert "consent-" not in repr(shown)
