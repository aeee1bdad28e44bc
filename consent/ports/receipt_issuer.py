"""Who makes receipts: signed copies of events that anyone can verify without asking us."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from consent.domain.event import ConsentEvent
from consent.domain.purpose import Published


@dataclass(frozen=True, slots=True)
class IssuedReceipt:
    """A receipt as a file, byte for byte, and the name of the key that signed it."""

    event_id: UUID
    document: bytes
    key_id: str


class ReceiptIssuer(Protocol):
    """Makes receipts."""

    def issue(self, event: ConsentEvent, published: Published) -> IssuedReceipt:
        """Return the receipt of an event: the same bytes for the same event, however often it is asked for."""
        ...
