"""What can go wrong in the consent context, each with a stable reason.

Rules
- Constructors take facts, not sentences; facts are identifiers we minted, names of the catalogue, enumerations, counts and limits.
- A refusal is an answer (``decision.py``), an impossibility is an error: nothing here stands for "no".
- No status code: ``services/consent/error_catalog.py`` maps a ``Reason`` to one.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Stable names of failures; also the values of ``ErrorReason`` on the wire."""

    INVALID_EVENT = "INVALID_EVENT"
    INVALID_CATALOGUE = "INVALID_CATALOGUE"
    INVALID_REVISION = "INVALID_REVISION"
    INVALID_PAGE_TOKEN = "INVALID_PAGE_TOKEN"  # noqa: S105 - a reason, not a secret
    TOO_MANY_ITEMS = "TOO_MANY_ITEMS"
    PURPOSE_NOT_FOUND = "PURPOSE_NOT_FOUND"
    NOTICE_NOT_FOUND = "NOTICE_NOT_FOUND"
    VERSION_IS_PUBLISHED = "VERSION_IS_PUBLISHED"
    REVISION_NOT_REACHED = "REVISION_NOT_REACHED"
    READER_TOO_SLOW = "READER_TOO_SLOW"
    REQUEST_ID_REUSED = "REQUEST_ID_REUSED"
    EVENT_ALTERED = "EVENT_ALTERED"
    EVENT_NOT_FOUND = "EVENT_NOT_FOUND"
    RECEIPT_INVALID = "RECEIPT_INVALID"
    DIRECTORY_UNAVAILABLE = "DIRECTORY_UNAVAILABLE"
    STORE_UNAVAILABLE = "STORE_UNAVAILABLE"


class ConsentError(Exception):
    """Base of every error this context raises. ``facts`` may be shown: they hold nothing personal."""

    def __init__(self, reason: Reason, **facts: str | int) -> None:
        self.reason = reason
        self.facts = facts
        super().__init__(reason.value, facts)

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.reason.value}({told})" if told else self.reason.value
