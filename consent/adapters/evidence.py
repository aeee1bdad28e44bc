"""Evidence, sealed: a file number or the name of a recording may say who somebody is.

Rules
- AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce: ``version ‖ nonce ‖ ciphertext and tag``. One key, far from 2^32 messages.
- Bound to the event's id, so that no evidence proves another event. No evidence is no ciphertext.
"""

from __future__ import annotations

import os
from typing import Final, final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from consent.domain.errors import ConsentError, Reason

_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
_BOUND: Final = b"consent.event.evidence/1"


@final
class EvidenceSealer:
    """Seals and opens evidence. Never shows its key."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def seal(self, event_id: UUID, evidence: str) -> bytes | None:
        """Return the sealed evidence, or None if there is none."""
        if not evidence:
            return None
        nonce = os.urandom(_NONCE_BYTES)
        return b"".join((_VERSION, nonce, self._aead.encrypt(nonce, evidence.encode("utf-8", "surrogatepass"), _BOUND + event_id.bytes)))

    def open(self, event_id: UUID, sealed: bytes | None) -> str:
        """Return what was sealed.

        Raises:
            ConsentError: ``EVENT_ALTERED``.
        """
        if sealed is None:
            return ""
        nonce, content = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            if sealed.startswith(_VERSION):
                return self._aead.decrypt(nonce, content, _BOUND + event_id.bytes).decode("utf-8", "surrogatepass")
        except (InvalidTag, ValueError):
            pass
        raise ConsentError(Reason.EVENT_ALTERED, table="consent.event")

    def __repr__(self) -> str:
        return "EvidenceSealer()"
