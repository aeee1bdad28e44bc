"""Receipts, put together: the key that signs them, the published keys, and verifying a file without a database or a server.

``<home>/keys/receipts.key`` is the secret key; ``<home>/receipts.jwks.json`` are the published keys, to hand
out: they verify, and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from consent.adapters.receipts import (
    KeySetError,
    PublicKeySet,
    ReceiptKeyError,
    SignedReceipts,
    check_profile,
    open_receipt_key,
    publish_key,
)
from consent.domain.receipt import Controller
from consent.domain.signed_receipt import VerifiedReceipt, verify_receipt
from consent.ports.receipt_issuer import ReceiptIssuer
from consent.ports.sealing import Pseudonyms
from identity.domain.errors import IdentityError, Reason
from services.settings import Settings

KEY_SET: Final = "receipts.jwks.json"
_KEY: Final = Path("keys") / "receipts.key"


class UnreadableKeySetError(Exception):
    """The keys to verify with cannot be used."""


def open_receipts(settings: Settings, pseudonyms: Pseudonyms) -> ReceiptIssuer:
    """Return who issues receipts, with the key made and published on first use.

    Raises:
        IdentityError: ``KEY_RING_UNUSABLE`` if the key or the published set is damaged, open to others, or cannot be read or made.
    """
    try:
        key = open_receipt_key(settings.home / _KEY)
        publish_key(settings.home / KEY_SET, key)
    except ReceiptKeyError as error:
        raise IdentityError(Reason.KEY_RING_UNUSABLE, file=error.file, fault=error.fault) from None
    controller = Controller(name=settings.controller, contact=settings.contact, choices=settings.choices)
    return SignedReceipts(key, pseudonyms, controller)


def verify_receipt_file(document: bytes, keys: bytes) -> VerifiedReceipt:
    """Return what a receipt says, once it is sure that a key of a published set (JWKS) signed exactly this. Needs no home.

    Raises:
        UnreadableKeySetError: if ``keys`` is no key set of receipts.
        ConsentError: ``RECEIPT_INVALID``.
    """
    try:
        published = PublicKeySet.from_jwks(keys)
    except KeySetError as error:
        raise UnreadableKeySetError(str(error)) from None
    return verify_receipt(document, published, check_profile)


@dataclass(frozen=True, slots=True)
class ReceiptSummary:
    """What a verified receipt says, for a person to read. ``purpose`` is its title by language, empty for every purpose."""

    event_id: str
    event: str
    status: str
    purpose: Mapping[str, str]
    expressed_at: str
    recorded_at: str
    source: str
    subject: str
    channels: tuple[str, ...]
    valid_until: str | None
    key_id: str


def summary_of(verified: VerifiedReceipt) -> ReceiptSummary:
    """Return the summary; the record has the form of the profile, so that every field that is asked for is there."""
    record = verified.record
    process = record["dpv:hasProcess"]
    said: Mapping[str, Any] = record.get("dpv:hasConsentStatus") or record["dct:hasPart"]
    lasting = said.get("dpv:hasDuration")
    return ReceiptSummary(
        event_id=record["dct:identifier"],
        event=record["ent:event"],
        status=said["@type"],
        purpose={text["@language"]: text["@value"] for text in process.get("dpv:hasPurpose", {}).get("dct:title", ())},
        expressed_at=said["dpv:isIndicatedAtTime"]["@value"],
        recorded_at=record["dct:created"]["@value"],
        source=record["ent:source"],
        subject=record["dpv:hasDataSubject"]["@id"].removeprefix("ent:subject/"),
        channels=tuple(process.get("ent:channel", ())),
        valid_until=lasting["rdf:value"]["@value"] if lasting else None,
        key_id=verified.key_id,
    )
