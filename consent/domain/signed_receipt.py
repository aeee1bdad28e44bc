"""The file of a receipt: canonical JSON (RFC 8785) of the receipt, its signature, and the places of its proof in the ledger.

    {"checkpoint": null, "format": "entente receipt 1", "inclusion_proof": null, "jws": "<header>..<signature>", "receipt": {…JSON-LD…}}

Rules
- ``jws`` is a JSON Web Signature with detached content (RFC 7515, Appendix F; EdDSA, RFC 8037) over the canonical JSON of ``receipt``: any
  JOSE library verifies it, given that member in canonical form.
- A file is valid in one form only: canonical to the byte, with one header to each key. There is nothing to vary, so whatever is altered is
  one and the same error; the reason of an altered file would only help who alters it.
- The signature is checked before anything is read: nothing that nobody signed is believed, not even to explain.
- ``inclusion_proof`` and ``checkpoint`` prove themselves once there is a ledger; until then they are null, and nothing else passes.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import rfc8785

from consent.domain.errors import ConsentError, Reason
from consent.domain.receipt import Json

FORMAT: Final = "entente receipt 1"
TYPE: Final = "entente-receipt+jws"
LARGEST: Final = 1 << 20
"""Bytes; receipts have some 4,000."""
_FIELDS: Final = {"checkpoint", "format", "inclusion_proof", "jws", "receipt"}
_HEADER: Final = {"alg", "kid", "typ"}
_SIGNATURE_BYTES: Final = 64


class PublishedKeys(Protocol):
    """The keys whose signatures count."""

    def check(self, key_id: str, signature: bytes, message: bytes) -> None:
        """Make sure that a key signed a message.

        Raises:
            ConsentError: ``RECEIPT_INVALID`` as ``altered``, also if there is no such key.
        """
        ...


Profile = Callable[[object], None]
"""Makes sure that a receipt has the form that receipts have; raises ``RECEIPT_INVALID`` saying where (``at``) it does not."""


@dataclass(frozen=True, slots=True)
class VerifiedReceipt:
    """What a receipt says that verifies: ``receipt`` is its JSON-LD, ``key_id`` the key that signed it."""

    receipt: Mapping[str, Any]
    key_id: str

    @property
    def record(self) -> Mapping[str, Any]:
        """The record that the receipt is of."""
        record: Mapping[str, Any] = self.receipt["dpv:hasRecordOfActivity"]
        return record


def altered() -> ConsentError:
    """Return the error of everything that is not to the byte what one of the keys signed."""
    return ConsentError(Reason.RECEIPT_INVALID, fault="altered")


def write_receipt(receipt: Json, key_id: str, sign: Callable[[bytes], bytes]) -> bytes:
    """Return the file of a receipt, signed by ``sign`` (Ed25519, 64 bytes) under the name of its key."""
    header = _header(key_id)
    signature = sign(_signed(header, rfc8785.dumps(receipt)))
    jws = f"{header}..{_base64(signature)}"
    return rfc8785.dumps({"checkpoint": None, "format": FORMAT, "inclusion_proof": None, "jws": jws, "receipt": receipt})


def verify_receipt(document: bytes, keys: PublishedKeys, profile: Profile) -> VerifiedReceipt:
    """Return what a receipt says, once it is sure that one of the keys signed exactly this.

    Raises:
        ConsentError: ``RECEIPT_INVALID``, with ``fault`` ``altered`` if the file is not to the byte what one of the keys signed, or
            ``profile`` if it was signed and has not the form of a receipt (``at`` is where).
    """
    file = _read(document)
    key_id, signature, message = _unpack(file)
    keys.check(key_id, signature, message)
    profile(file["receipt"])
    return VerifiedReceipt(file["receipt"], key_id)


def _read(document: bytes) -> Json:
    """Return the members of the file, if it is written as receipts are written."""
    try:
        file = json.loads(document) if len(document) <= LARGEST else None
        canonical = rfc8785.dumps(file)
    except (ValueError, RecursionError, rfc8785.CanonicalizationError):  # a wrong encoding is a ValueError too
        raise altered() from None
    if canonical != document or not isinstance(file, dict) or set(file) != _FIELDS or file["format"] != FORMAT:
        raise altered()
    if file["checkpoint"] is not None or file["inclusion_proof"] is not None:
        raise altered()
    return file


def _unpack(file: Json) -> tuple[str, bytes, bytes]:
    """Return the key's name, the signature and what it is over, if there is but one way to write them."""
    parts = file["jws"].split(".") if isinstance(file["jws"], str) else []
    try:
        header, detached, signature = parts
        said = json.loads(_unbase64(header))
        key_id = said["kid"]
        raw = _unbase64(signature)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise altered() from None
    if detached or len(raw) != _SIGNATURE_BYTES or not isinstance(key_id, str) or set(said) != _HEADER or header != _header(key_id):
        raise altered()
    return key_id, raw, _signed(header, rfc8785.dumps(file["receipt"]))


def _header(key_id: str) -> str:
    try:
        return _base64(rfc8785.dumps({"alg": "EdDSA", "kid": key_id, "typ": TYPE}))
    except rfc8785.CanonicalizationError:  # half a character, which no key is named by
        raise altered() from None


def _signed(header: str, content: bytes) -> bytes:
    """Return what a JWS signs (RFC 7515, 5.1)."""
    return f"{header}.{_base64(content)}".encode("ascii")


def _base64(content: bytes) -> str:
    return urlsafe_b64encode(content).decode("ascii").rstrip("=")


def _unbase64(text: str) -> bytes:
    """Return the bytes of base64url without padding (RFC 7515, 2), written in the one way there is.

    Raises:
        ValueError: otherwise.
    """
    content = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _base64(content) != text:
        raise ValueError
    return content
