"""What the identity services offer, read from their own descriptors."""

from __future__ import annotations

from typing import Final

from entente.identity.v1 import record_service_pb2, resolution_service_pb2, stewardship_service_pb2

RECORD_SERVICE: Final = "entente.identity.v1.RecordService"
RESOLUTION_SERVICE: Final = "entente.identity.v1.ResolutionService"
STEWARDSHIP_SERVICE: Final = "entente.identity.v1.StewardshipService"
STEWARD_METHOD: Final = f"{STEWARDSHIP_SERVICE}/GetIdentityHistory"
"""Whoever is registered for it may see internal identity ids."""

METHODS: Final = frozenset(
    f"{service.full_name}/{method.name}"
    for file in (record_service_pb2, resolution_service_pb2, stewardship_service_pb2)
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
)
"""Every method, as the caller registry names it."""
