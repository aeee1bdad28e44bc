"""Bundles signed with Ed25519 (RFC 8032), the key in a file that only its owner may read.

The signed document is canonical JSON: ``bundle`` (the canonical bundle as an object), ``digest``, ``key`` (first 16 hex digits of the
public key's SHA-256) and ``signature`` (hex, over ``PREFIX`` and the canonical bundle).
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from identity.domain.errors import IdentityError, Reason
from identity.domain.model.bundle import Bundle
from identity.domain.model.codec import canonical, parse

PREFIX = b"entente bundle v1\x00"
_FIELDS = {"bundle", "digest", "key", "signature"}


class Ed25519BundleSigner:
    """Fulfils ``BundleSigner`` with one private key, and accepts what it or one of ``trusted`` (raw public keys) signed."""

    def __init__(self, private_key: bytes, trusted: tuple[bytes, ...] = ()) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(private_key)
        own = self._private.public_key().public_bytes_raw()
        self._key = key_id(own)
        self._public = {key_id(key): Ed25519PublicKey.from_public_bytes(key) for key in (own, *trusted)}

    @classmethod
    def from_file(cls, path: Path, trusted: tuple[bytes, ...] = ()) -> Ed25519BundleSigner:
        """Read the 32-byte key from ``path``, or make it there (mode 0600) if there is none.

        Raises:
            IdentityError: ``KEY_RING_UNUSABLE`` if the file cannot be read or written, is open to others, or holds something else.
        """
        try:
            if not path.exists():
                _create(path)
            if path.stat().st_mode & 0o077:
                raise IdentityError(Reason.KEY_RING_UNUSABLE, file=path.name, why="readable by others")
            return cls(bytes.fromhex(path.read_text("ascii").strip()), trusted)
        except (OSError, ValueError):
            raise IdentityError(Reason.KEY_RING_UNUSABLE, file=path.name, why="not a key file") from None

    def sign(self, bundle: Bundle) -> bytes:
        """Return the signed document of a bundle."""
        plain = canonical(bundle)
        envelope = {
            "bundle": json.loads(plain),
            "digest": hashlib.sha256(plain).hexdigest(),
            "key": self._key,
            "signature": self._private.sign(PREFIX + plain).hex(),
        }
        return rfc8785.dumps(envelope)

    def open(self, document: bytes) -> Bundle:
        """Return the bundle of a signed document; ``BUNDLE_INVALID`` for every defect."""
        plain, claimed, key, signature = _envelope(document)
        public = self._public.get(key)
        if public is None:
            raise IdentityError(Reason.BUNDLE_INVALID, why="unknown key")
        try:
            public.verify(signature, PREFIX + plain)
        except InvalidSignature:
            raise IdentityError(Reason.BUNDLE_INVALID, why="signature") from None
        if hashlib.sha256(plain).hexdigest() != claimed:
            raise IdentityError(Reason.BUNDLE_INVALID, why="digest")
        return parse(plain)


def key_id(public_key: bytes) -> str:
    """Return the short name of a raw public key."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def _envelope(document: bytes) -> tuple[bytes, str, str, bytes]:
    """Return (canonical bundle, digest, key id, signature) of a document."""
    try:
        envelope = json.loads(document)
        _exactly(envelope)
        return rfc8785.dumps(envelope["bundle"]), str(envelope["digest"]), str(envelope["key"]), bytes.fromhex(envelope["signature"])
    except (ValueError, TypeError, RecursionError, rfc8785.CanonicalizationError):
        raise IdentityError(Reason.BUNDLE_INVALID, why="not a signed bundle") from None


def _exactly(envelope: object) -> None:
    if not isinstance(envelope, dict) or set(envelope) != _FIELDS:
        raise ValueError


def _create(path: Path) -> None:
    """Make a fresh key, never over an existing one."""
    key = Ed25519PrivateKey.generate().private_bytes_raw().hex()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
