"""Bundles: one canonical form, one digest, nothing unknown accepted."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from identity.adapters.ed25519_bundles import Ed25519BundleSigner
from identity.domain.attributes import ComparisonKind
from identity.domain.errors import IdentityError, Reason
from identity.domain.model.bundle import LevelParameters, TermTable
from identity.domain.model.codec import canonical, digest, parse
from identity.domain.model.declaration import Comparison, Declaration, Role, Veto, missing, otherwise
from identity.domain.model.levels import Exact, Level
from tests.builders.models import BLOCKING, GIVEN, bundle

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
VETO = Veto("v", when=(("given_name", ("different",)),))


def refused(call: Callable[[], object], reason: Reason = Reason.BUNDLE_INVALID) -> None:
    with pytest.raises(IdentityError) as failure:
        call()
    assert failure.value.reason is reason


def test_a_bundle_comes_back_equal_under_the_same_digest() -> None:
    given = TermTable(1000, {"zoé": 7, "jean": 30}, 5, 0.00099)
    model = replace(
        bundle(vetoes=(VETO,), tables={"given_name": given}), extras={"x_size": ComparisonKind.NUMBER}, facts={"records": 3, "f": 0.5}
    )
    again = parse(canonical(model))
    assert again == model
    assert digest(again) == digest(model)


def test_any_change_changes_the_digest() -> None:
    model = bundle()
    assert digest(replace(model, match_prior=0.00031)) != digest(model)
    assert digest(replace(model, standardiser=2)) != digest(model)


def _without(data: dict[str, Any]) -> None:
    del data["thresholds"]


def _extra(data: dict[str, Any]) -> None:
    data["surprise"] = 1


def _format(data: dict[str, Any]) -> None:
    data["format"] = 2


def _condition(data: dict[str, Any]) -> None:
    data["declaration"]["comparisons"][0]["levels"][1]["when"]["is"] = "Exec"


def _type(data: dict[str, Any]) -> None:
    data["match_prior"] = "0.5"


def _probability(data: dict[str, Any]) -> None:
    data["parameters"]["given_name"][0]["u"] = 0


def _column(data: dict[str, Any]) -> None:
    data["declaration"]["comparisons"][0]["levels"][1]["when"]["column"] = "a; DROP TABLE x"


def _rare(data: dict[str, Any]) -> None:
    data["term_tables"]["given_name"]["counts"]["one person's name"] = 1


def _veto(data: dict[str, Any]) -> None:
    data["declaration"]["vetoes"] = [{"name": "v", "unless": [], "when": [["given_name", ["no such level"]]]}]


def _thresholds(data: dict[str, Any]) -> None:
    data["thresholds"]["link"] = 1


@pytest.mark.parametrize("change", [_without, _extra, _format, _condition, _type, _probability, _column, _rare, _veto, _thresholds])
def test_a_document_that_is_not_a_sound_bundle_is_refused(change: Callable[[dict[str, Any]], None]) -> None:
    data = json.loads(canonical(bundle()))
    change(data)
    refused(lambda: parse(rfc8785.dumps(data)))


@pytest.mark.parametrize("document", [b"", b"null", b"[]", b"{}", b"[" * 100_000, b"\xff", b'{"a":NaN}'])
def test_what_is_no_bundle_at_all_is_refused(document: bytes) -> None:
    refused(lambda: parse(document))
    refused(lambda: Ed25519BundleSigner(KEY).open(document))


def test_a_document_that_is_not_canonical_is_refused() -> None:
    refused(lambda: parse(json.dumps(json.loads(canonical(bundle())), indent=1).encode()))


def test_a_signed_bundle_opens_for_whoever_trusts_the_key() -> None:
    model = bundle()
    signer = Ed25519BundleSigner(KEY)
    document = signer.sign(model)
    assert signer.open(document) == model
    refused(lambda: Ed25519BundleSigner(OTHER).open(document))
    own = signer._private.public_key().public_bytes_raw()
    assert Ed25519BundleSigner(OTHER, trusted=(own,)).open(document) == model


@pytest.mark.parametrize("field", ["digest", "signature", "key", "bundle"])
def test_a_signed_bundle_that_was_altered_is_refused(field: str) -> None:
    signer = Ed25519BundleSigner(KEY)
    data = json.loads(signer.sign(bundle()))
    data[field] = {**data["bundle"], "name": "other"} if field == "bundle" else data[field][:-1] + ("0" if data[field][-1] != "0" else "1")
    refused(lambda: signer.open(rfc8785.dumps(data)))


def test_the_key_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "bundle.key"
    document = Ed25519BundleSigner.from_file(path).sign(bundle())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Ed25519BundleSigner.from_file(path).open(document) == bundle()
    path.chmod(0o644)
    refused(lambda: Ed25519BundleSigner.from_file(path), Reason.KEY_RING_UNUSABLE)
    path.chmod(0o600)
    path.write_text("nonsense")
    refused(lambda: Ed25519BundleSigner.from_file(path), Reason.KEY_RING_UNUSABLE)


def test_a_comparison_must_begin_with_null_and_end_with_otherwise() -> None:
    exact = Level("exact", Exact("a"))
    for levels in [(missing("a"), otherwise()), (missing("a"), exact, exact), (missing("a"), exact, exact, otherwise())]:
        refused(lambda levels=levels: Comparison("a", Role.PERSON, levels))  # type: ignore[misc] # mypy cannot infer a lambda's default


def test_two_comparisons_of_one_name_are_refused() -> None:
    refused(lambda: Declaration((GIVEN, GIVEN), BLOCKING))


def test_parameters_must_fit_the_declaration() -> None:
    model = bundle()
    refused(lambda: replace(model, parameters={**model.parameters, "email": (LevelParameters(1, 1, 1),)}))
    refused(lambda: replace(model, term_tables={}))
