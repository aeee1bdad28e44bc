"""Give out the receipt of one event, to whom may see the anchor it was expressed on."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from consent.domain.anchor import Anchor
from consent.domain.errors import ConsentError, Reason
from consent.domain.event import ConsentEvent
from consent.domain.purpose import Published
from consent.ports.receipt_issuer import IssuedReceipt, ReceiptIssuer
from consent.ports.transactor import Transaction, Transactor


@dataclass(frozen=True, slots=True)
class GetReceipt:
    """The receipt of an event that was expressed on an anchor."""

    anchor: Anchor
    event_id: UUID


class ReceiptGiver:
    """Handles ``GetReceipt``."""

    def __init__(self, *, transactor: Transactor, issuer: ReceiptIssuer) -> None:
        self._transactor = transactor
        self._issuer = issuer

    async def __call__(self, command: GetReceipt) -> IssuedReceipt:
        """Return the receipt.

        Raises:
            ConsentError: ``EVENT_NOT_FOUND`` if the event is not the anchor's, whether or not it exists; ``EVENT_ALTERED``;
                ``STORE_UNAVAILABLE``.
        """

        async def read(tx: Transaction) -> tuple[list[ConsentEvent], Published]:
            return await tx.events.of([command.anchor]), await tx.catalogue.published()

        events, published = await self._transactor.run(read, read_only=True)
        found = next((event for event in events if event.event_id == command.event_id), None)
        if found is None:
            raise ConsentError(Reason.EVENT_NOT_FOUND)
        return self._issuer.issue(found, published)
