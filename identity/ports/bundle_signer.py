"""Who vouches for a model bundle."""

from __future__ import annotations

from typing import Protocol

from identity.domain.model.bundle import Bundle


class BundleSigner(Protocol):
    """Signs bundles and opens signed ones. A bundle that nobody known signed is no bundle."""

    def sign(self, bundle: Bundle) -> bytes:
        """Return the signed document: the canonical bundle with its digest, the key's id and the signature."""
        ...

    def open(self, document: bytes) -> Bundle:
        """Return the bundle of a signed document.

        Raises:
            IdentityError: ``BUNDLE_INVALID`` if the signature, the key, the digest or the form is wrong.
        """
        ...
