"""What the consent services offer, read from their own descriptors."""

from __future__ import annotations

from typing import Final

from entente.consent.v1 import catalog_service_pb2, consent_service_pb2, decision_service_pb2

CATALOG_SERVICE: Final = "entente.consent.v1.CatalogService"
CONSENT_SERVICE: Final = "entente.consent.v1.ConsentService"
DECISION_SERVICE: Final = "entente.consent.v1.DecisionService"
DECIDE: Final = f"{DECISION_SERVICE}/Decide"
BATCH_DECIDE: Final = f"{DECISION_SERVICE}/BatchDecide"
OFFICER_METHOD: Final = f"{CONSENT_SERVICE}/ListConsentEvents"
"""Whoever is registered for it may ask about the past."""

METHODS: Final = frozenset(
    f"{service.full_name}/{method.name}"
    for file in (catalog_service_pb2, consent_service_pb2, decision_service_pb2)
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
)
"""Every method, as the caller registry names it."""
