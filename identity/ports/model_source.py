"""Which model is active, compiled and at hand."""

from __future__ import annotations

from typing import Protocol

from identity.domain.model.model import Model
from identity.ports.transactor import Transaction

BUNDLE_KIND = "bundle"
"""The kind under which bundle documents are sealed (``Sealer.seal_blob``)."""


class ModelSource(Protocol):
    """Gives the active model; compiles a bundle once per process."""

    async def active(self, tx: Transaction) -> Model:
        """Return the promoted bundle's model as this transaction sees it, or the default one if none was ever promoted.

        Raises:
            IdentityError: ``BUNDLE_INVALID`` if the stored bundle does not verify.
        """
        ...
