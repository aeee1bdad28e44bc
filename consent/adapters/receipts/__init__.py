"""Receipts signed with a key of their own, and what it takes to verify them without us."""

from consent.adapters.receipts.issuer import SignedReceipts
from consent.adapters.receipts.key_set import KeySetError, PublicKeySet
from consent.adapters.receipts.profile import check_profile
from consent.adapters.receipts.signing_key import ReceiptKey, ReceiptKeyError, open_receipt_key, publish_key

__all__ = [
    "KeySetError",
    "PublicKeySet",
    "ReceiptKey",
    "ReceiptKeyError",
    "SignedReceipts",
    "check_profile",
    "open_receipt_key",
    "publish_key",
]
