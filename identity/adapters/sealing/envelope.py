"""The form of every ciphertext: ``version ‖ algorithm ‖ key id ‖ nonce ‖ ciphertext and tag``.

Rules
- AES-256-GCM (NIST SP 800-38D) with random 96-bit nonces; no key seals anywhere near 2^32 messages.
- GCM does not commit to its key, so the header carries ``key_id``: 16 bytes of SHA-256 over the key, checked before opening.
- The additional data is a list of byte strings, each with its length before it, so that no two lists read alike. The header is part of it.
"""

from __future__ import annotations

import hashlib
import os
from typing import Final, final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
ID_BYTES: Final = 16
NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_PREFIX: Final = b"\x01\x01"  # envelope version 1, algorithm 1 = AES-256-GCM
_NONCE_AT: Final = len(_PREFIX) + ID_BYTES
_HEADER_BYTES: Final = _NONCE_AT + NONCE_BYTES
OVERHEAD_BYTES: Final = _HEADER_BYTES + _TAG_BYTES
"""How much longer a ciphertext is than its plaintext."""


class NotOpenedError(Exception):
    """The envelope does not open: altered, moved, truncated, or sealed under another key. Deliberately without detail."""


def key_id(key: bytes) -> bytes:
    """Return the 16 bytes that name ``key`` and commit to it."""
    return hashlib.sha256(b"entente/key-id/1\x00" + key).digest()[:ID_BYTES]


def bind(*parts: bytes) -> bytes:
    """Return the parts as additional data, each with its length (4 bytes, big-endian) before it."""
    return b"".join([piece for part in parts for piece in (len(part).to_bytes(4, "big"), part)])


def fresh_key() -> bytes:
    """Return a new random 256-bit key."""
    return os.urandom(KEY_BYTES)


@final
class SealingKey:
    """A key that seals and opens envelopes. Never shows its bytes; safe to use from several threads."""

    __slots__ = ("_aead", "_head", "id")

    def __init__(self, key: bytes) -> None:
        self.id = key_id(key)
        self._head = _PREFIX + self.id
        self._aead = AESGCM(key)

    def seal(self, plaintext: bytes, bound: bytes, nonce: bytes | None = None) -> bytes:
        """Return ``plaintext`` sealed and bound to ``bound``, under ``nonce`` if the caller drew fresh randomness already."""
        nonce = nonce or os.urandom(NONCE_BYTES)
        return b"".join((self._head, nonce, self._aead.encrypt(nonce, plaintext, self._head + bound)))

    def open(self, envelope: bytes, bound: bytes) -> bytes:
        """Return what was sealed.

        Raises:
            NotOpenedError: for every reason there may be.
        """
        if len(envelope) < OVERHEAD_BYTES or not envelope.startswith(self._head):
            raise NotOpenedError
        try:
            return self._aead.decrypt(envelope[_NONCE_AT:_HEADER_BYTES], envelope[_HEADER_BYTES:], self._head + bound)
        except InvalidTag:
            raise NotOpenedError from None

    def __repr__(self) -> str:
        return f"SealingKey({self.id.hex()})"
