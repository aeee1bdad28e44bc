"""The published keys of receipts: a JSON Web Key Set (RFC 7517) of Ed25519 keys (RFC 8037), each named by its thumbprint (RFC 7638).

Holds every key that ever signed: a receipt stays verifiable after its key was replaced.
"""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import Final, final

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from consent.domain.signed_receipt import altered

_KEY_BYTES: Final = 32
_LARGEST: Final = 1 << 20
_SAID: Final = {"alg": "EdDSA", "crv": "Ed25519", "kty": "OKP", "use": "sig"}


class KeySetError(Exception):
    """A file is no key set of receipts."""


@final
class PublicKeySet:
    """Fulfils ``PublishedKeys``."""

    def __init__(self, keys: Iterable[bytes]) -> None:
        self._keys: Mapping[str, bytes] = {thumbprint(key): key for key in keys}

    @classmethod
    def from_jwks(cls, document: bytes) -> PublicKeySet:
        """Read a key set. Keys of other kinds are passed over, as RFC 7517, 5 has it; one that is not what it is named is not.

        Raises:
            KeySetError: if it is none, has no key of receipts, or has one that is not the key it is named.
        """
        try:
            said = json.loads(document) if len(document) <= _LARGEST else {}
            found = {str(entry["kid"]): _raw(entry["x"]) for entry in said["keys"] if _SAID.items() <= entry.items()}
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            raise KeySetError("is not a JSON Web Key Set") from None
        if not found:
            raise KeySetError("has no Ed25519 key for signatures")
        if any(len(key) != _KEY_BYTES or thumbprint(key) != name for name, key in found.items()):
            raise KeySetError("has a key that is not the one it is named")
        return cls(found.values())

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The names of the keys."""
        return tuple(sorted(self._keys))

    def jwks(self) -> bytes:
        """Return the set as a file, one key a line."""
        keys = [json.dumps({**_SAID, "kid": name, "x": _text(self._keys[name])}, sort_keys=True) for name in self.key_ids]
        return ('{"keys": [\n' + ",\n".join(keys) + "\n]}\n").encode("ascii")

    def joined(self, key: bytes) -> PublicKeySet:
        """Return the set with a key more."""
        return PublicKeySet((*self._keys.values(), key))

    def check(self, key_id: str, signature: bytes, message: bytes) -> None:
        key = self._keys.get(key_id)
        if key is None:
            raise altered()
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        except InvalidSignature:
            raise altered() from None


def thumbprint(key: bytes) -> str:
    """Return the name of a public key: the SHA-256 of its required members (RFC 7638, RFC 8037 A.3), base64url."""
    return _text(hashlib.sha256(rfc8785.dumps({"crv": "Ed25519", "kty": "OKP", "x": _text(key)})).digest())


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).decode("ascii").rstrip("=")


def _raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
