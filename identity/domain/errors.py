"""What can go wrong in the identity context, each with a stable reason.

Rules
- Constructors take facts, not sentences; attributes are identifiers we minted, enumerations, counts
  and limits. Nothing personal is ever an attribute of an error.
- No status code: ``services/identity/error_catalog.py`` maps a ``Reason`` to one, and a test proves that
  catalogue, ``Reason`` and ``error_reason.proto`` are the same set.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Stable names of failures; also the values of ``ErrorReason`` on the wire."""

    INVALID_ATTRIBUTES = "INVALID_ATTRIBUTES"
    INVALID_MAPPING = "INVALID_MAPPING"
    INVALID_PAGE_TOKEN = "INVALID_PAGE_TOKEN"  # noqa: S105 - a reason, not a secret
    TOO_MANY_ITEMS = "TOO_MANY_ITEMS"
    RECORD_NOT_FOUND = "RECORD_NOT_FOUND"
    IDENTITY_NOT_FOUND = "IDENTITY_NOT_FOUND"
    IDENTITY_NOT_CURRENT = "IDENTITY_NOT_CURRENT"
    SPLIT_NOT_APPLICABLE = "SPLIT_NOT_APPLICABLE"
    JUDGEMENT_CONTRADICTS = "JUDGEMENT_CONTRADICTS"
    JUDGEMENT_ON_ITSELF = "JUDGEMENT_ON_ITSELF"
    BUNDLE_INVALID = "BUNDLE_INVALID"
    BUNDLE_NOT_FOUND = "BUNDLE_NOT_FOUND"
    MODEL_NOT_TRAINED = "MODEL_NOT_TRAINED"
    NOT_ENOUGH_DATA = "NOT_ENOUGH_DATA"
    CHURN_OVER_BUDGET = "CHURN_OVER_BUDGET"
    REQUEST_ID_REUSED = "REQUEST_ID_REUSED"
    SEAL_BROKEN = "SEAL_BROKEN"
    KEY_RING_UNUSABLE = "KEY_RING_UNUSABLE"
    STORE_UNAVAILABLE = "STORE_UNAVAILABLE"
    LINKER_FAILED = "LINKER_FAILED"


class IdentityError(Exception):
    """Base of every error this context raises. ``facts`` may be shown: they hold nothing personal."""

    reason: Reason

    def __init__(self, reason: Reason, **facts: str | int | float) -> None:
        self.reason = reason
        self.facts = facts
        super().__init__(reason.value, facts)

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.reason.value}({told})" if told else self.reason.value
