"""Tables follow the catalogue and the registry of callers, and are made anew for nothing else."""

from __future__ import annotations

from consent.domain.decision import ReasonCode, Request
from consent.domain.tables import Scope
from consent.usecases.compiled import CompiledTables
from tests.unit.consent.consenting import published

REQUEST = Request("crm", "offers", "crm", ("email",))
OFFERS = Scope(frozenset({"offers"}), frozenset({"crm"}))


def test_a_caller_that_is_registered_or_struck_off_counts_at_once():
    scopes: dict[str, Scope] = {}
    tables, catalogue = CompiledTables(scopes), published()
    assert tables.of(catalogue).impersonal(REQUEST) is ReasonCode.PURPOSE_NOT_ALLOWED_FOR_CALLER
    scopes["crm"] = OFFERS
    assert tables.of(catalogue).impersonal(REQUEST) is None
    scopes["crm"] = Scope(frozenset(), frozenset({"crm"}))
    assert tables.of(catalogue).impersonal(REQUEST) is ReasonCode.PURPOSE_NOT_ALLOWED_FOR_CALLER


def test_a_new_catalogue_counts_at_once_and_nothing_is_compiled_for_nothing():
    tables, catalogue = CompiledTables({"crm": OFFERS}), published()
    compiled = tables.of(catalogue)
    assert tables.of(catalogue) is compiled
    assert tables.of(published()) is not compiled
