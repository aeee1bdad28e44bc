"""Bundles: which models there are, which one serves, and going back to an earlier one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from identity.domain.errors import IdentityError, Reason
from identity.domain.model.bundle import Bundle
from identity.domain.model.model import Model
from identity.ports.bundle_signer import BundleSigner
from identity.ports.bundle_store import StoredBundle
from identity.ports.clock import Clock
from identity.ports.model_source import BUNDLE_KIND
from identity.ports.sealer import Sealer
from identity.ports.transactor import Transaction, Transactor

_LEAST_PREFIX = 8


@dataclass(frozen=True, slots=True)
class Promotion:
    """A bundle that was made the active one. ``packaged`` tells the one that ships with the product."""

    digest: str
    at: datetime
    packaged: bool


@dataclass(frozen=True, slots=True)
class BundleList:
    """The digest that serves now, every promotion and every bundle kept, newest first. Without promotion, the packaged one serves."""

    active: str
    packaged: str
    promotions: tuple[Promotion, ...]
    kept: tuple[tuple[str, datetime], ...]


class BundleKeeper:
    """Stores, promotes and rolls back bundles. Every change is a promotion; nothing is ever removed."""

    def __init__(self, *, transactor: Transactor, signer: BundleSigner, sealer: Sealer, clock: Clock, default: Model) -> None:
        self._transactor = transactor
        self._signer = signer
        self._sealer = sealer
        self._clock = clock
        self._default = default

    async def keep(self, bundle: Bundle, *, promote: bool) -> str:
        """Sign, seal and store a bundle, and make it the active one if ``promote``; return its digest."""
        stored = self._sealed(Model(bundle))

        async def work(tx: Transaction) -> str:
            await tx.bundles.put(stored)
            if promote:
                await tx.bundles.promote(stored.digest, self._clock.now())
            return stored.digest

        return await self._transactor.run(work)

    async def serving_like(self, bundle: Bundle) -> str | None:
        """Return the digest of the bundle that serves, if it differs from this one by no more than its name."""

        async def read(tx: Transaction) -> str | None:
            digest = await tx.bundles.active() or self._default.digest
            stored = await tx.bundles.get(digest)
            if stored is None:
                return None
            try:
                serving = self._signer.open(self._sealer.unseal_blob(BUNDLE_KIND, stored.document))
            except IdentityError:
                return None
            return digest if Model(replace(bundle, name=serving.name)).digest == digest else None

        return await self._transactor.run(read, read_only=True)

    async def list(self) -> BundleList:
        """Return what serves and what served."""
        packaged = self._default.digest

        async def read(tx: Transaction) -> BundleList:
            told = tuple(Promotion(digest, at, digest == packaged) for digest, at in await tx.bundles.promotions())
            return BundleList(await tx.bundles.active() or packaged, packaged, told, tuple(await tx.bundles.stored()))

        return await self._transactor.run(read, read_only=True)

    async def promote(self, prefix: str) -> str:
        """Make the one kept bundle (or the packaged one) whose digest begins with ``prefix`` the active one; return its digest.

        Raises:
            IdentityError: ``BUNDLE_NOT_FOUND`` if none or several begin so; ``BUNDLE_INVALID`` if it does not verify.
        """

        async def work(tx: Transaction) -> str:
            digest = await self._one(tx, prefix)
            await self._promote(tx, digest)
            return digest

        return await self._transactor.run(work)

    async def rollback(self) -> str:
        """Make the bundle that served before the active one serve again; return its digest.

        Raises:
            IdentityError: ``BUNDLE_NOT_FOUND`` if the packaged bundle has served from the start.
        """

        async def work(tx: Transaction) -> str:
            promotions = await tx.bundles.promotions()
            if not promotions:
                raise IdentityError(Reason.BUNDLE_NOT_FOUND, why="nothing before")
            now = promotions[0][0]
            earlier = next((digest for digest, _ in promotions if digest != now), self._default.digest)
            if earlier == now:
                raise IdentityError(Reason.BUNDLE_NOT_FOUND, why="nothing before")
            await self._promote(tx, earlier)
            return earlier

        return await self._transactor.run(work)

    async def _one(self, tx: Transaction, prefix: str) -> str:
        known = {digest for digest, _ in await tx.bundles.stored()} | {self._default.digest}
        found = {digest for digest in known if digest.startswith(prefix)}
        if len(prefix) < _LEAST_PREFIX or len(found) != 1:
            raise IdentityError(Reason.BUNDLE_NOT_FOUND, digest=prefix[:64])
        return found.pop()

    async def _promote(self, tx: Transaction, digest: str) -> None:
        stored = await tx.bundles.get(digest)
        if stored is None and digest == self._default.digest:
            await tx.bundles.put(self._sealed(self._default))
        elif stored is not None:
            self._signer.open(self._sealer.unseal_blob(BUNDLE_KIND, stored.document))
        await tx.bundles.promote(digest, self._clock.now())

    def _sealed(self, model: Model) -> StoredBundle:
        document = self._sealer.seal_blob(BUNDLE_KIND, self._signer.sign(model.bundle))
        return StoredBundle(model.digest, document, self._clock.now())
