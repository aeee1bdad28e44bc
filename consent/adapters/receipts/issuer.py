"""Issues receipts: built, signed, and under a name of the anchor that nobody else uses."""

from __future__ import annotations

from typing import Final, final

from consent.adapters.receipts.signing_key import ReceiptKey
from consent.domain.event import ConsentEvent
from consent.domain.purpose import Published
from consent.domain.receipt import Controller, receipt_of
from consent.domain.signed_receipt import write_receipt
from consent.ports.receipt_issuer import IssuedReceipt
from consent.ports.sealing import Pseudonyms

READER: Final = "@receipts"
"""Whom anchors are named to in receipts: no caller's name (those have no ``@``), so that no caller can join receipts with its answers."""


@final
class SignedReceipts:
    """Fulfils ``ReceiptIssuer``. Ed25519 is deterministic (RFC 8032): the same event gives the same bytes."""

    def __init__(self, key: ReceiptKey, pseudonyms: Pseudonyms, controller: Controller) -> None:
        self._key = key
        self._pseudonyms = pseudonyms
        self._controller = controller

    def issue(self, event: ConsentEvent, published: Published) -> IssuedReceipt:
        subject = self._pseudonyms.pseudonym(READER, event.anchor)
        receipt = receipt_of(event, published, subject=subject, controller=self._controller)
        return IssuedReceipt(event.event_id, write_receipt(receipt, self._key.key_id, self._key.sign), self._key.key_id)
