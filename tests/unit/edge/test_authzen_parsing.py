"""Reading AuthZEN is total: any JSON becomes a request, or one refusal that names places."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.consent import authzen
from services.rpc.errors import RequestInvalidError

WORDS = st.sampled_from(
    ["record", "attribute", "attributes", "use", "contact", "crm", "42", "", "execute_all", "2026-05-04T12:00:00Z", "\ud800"]
)
KEYS = st.sampled_from(
    ["subject", "action", "resource", "context", "evaluations", "options", "type", "id", "properties", "name", "names", "source", "minor",
     "purpose", "recipient", "channel", "dry_run", "locale", "as_of_time", "min_revision", "evaluations_semantic", "else"]
)  # fmt: skip
ANY = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WORDS, st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=6)),
    max_leaves=25,
)
PART = st.fixed_dictionaries(
    {},
    optional={
        "subject": st.fixed_dictionaries({"type": WORDS, "id": WORDS}, optional={"properties": ANY}) | ANY,
        "action": st.fixed_dictionaries({"name": WORDS}) | ANY,
        "resource": st.fixed_dictionaries({"type": WORDS, "id": WORDS}, optional={"properties": ANY}) | ANY,
        "context": st.dictionaries(KEYS, WORDS | ANY, max_size=5) | ANY,
        "options": ANY,
        "evaluations": st.lists(ANY, max_size=3) | ANY,
    },
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(ANY, PART), st.binary(max_size=3))
def test_any_body_is_a_request_or_a_refusal_by_places(said: object, noise: bytes):
    body = json.dumps(said).encode() + noise
    read = authzen.read_evaluations if authzen._asks_many(body) else authzen.read_evaluation
    try:
        read(body).SerializeToString()
    except RequestInvalidError as refusal:
        assert refusal.violations  # noqa: PT017 - most bodies are refused, and the others must be too small to matter


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"evaluations":' * 50_000, b"", b"NaN", b"\x00"])
def test_a_hostile_body_is_refused(body):
    assert not authzen._asks_many(body)
    with pytest.raises(RequestInvalidError):
        authzen.read_evaluation(body)
