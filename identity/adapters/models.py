"""The active model: read from the bundle store, verified, compiled once per process and digest."""

from __future__ import annotations

from identity.domain.errors import IdentityError, Reason
from identity.domain.model.model import Model
from identity.ports.bundle_signer import BundleSigner
from identity.ports.model_source import BUNDLE_KIND
from identity.ports.sealer import Sealer
from identity.ports.transactor import Transaction

_KEPT = 4


class StoredModels:
    """Fulfils ``ModelSource``."""

    def __init__(self, *, signer: BundleSigner, sealer: Sealer, default: Model) -> None:
        self._signer = signer
        self._sealer = sealer
        self._default = default
        self._models: dict[str, Model] = {}

    async def active(self, tx: Transaction) -> Model:
        """Return the promoted bundle's model, or the default one if none was ever promoted."""
        digest = await tx.bundles.active()
        if digest is None or digest == self._default.digest:
            return self._default
        model = self._models.get(digest)
        return model if model is not None else await self._load(tx, digest)

    async def _load(self, tx: Transaction, digest: str) -> Model:
        stored = await tx.bundles.get(digest)
        if stored is None:
            raise IdentityError(Reason.BUNDLE_NOT_FOUND, digest=digest)
        model = Model(self._signer.open(self._sealer.unseal_blob(BUNDLE_KIND, stored.document)))
        if model.digest != digest:
            raise IdentityError(Reason.BUNDLE_INVALID, why="digest")
        self._models[digest] = model
        while len(self._models) > _KEPT:  # a compiled model holds its term tables
            del self._models[next(iter(self._models))]
        return model
