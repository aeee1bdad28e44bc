"""The active model: verified when read, the default one until something is promoted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from identity.adapters.ed25519_bundles import Ed25519BundleSigner
from identity.adapters.memory.transactor import MemoryTransactor
from identity.adapters.models import StoredModels
from identity.domain.errors import IdentityError, Reason
from identity.domain.model.bundle import Bundle
from identity.domain.model.codec import digest
from identity.domain.model.model import Model
from identity.ports.bundle_store import StoredBundle
from identity.ports.model_source import BUNDLE_KIND
from identity.ports.transactor import Transaction
from tests.builders.models import bundle
from tests.fakes.plain_sealer import PlainSealer

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SIGNER = Ed25519BundleSigner(bytes(32))
SEALER = PlainSealer()


async def promoted(signer: Ed25519BundleSigner, model: Bundle, under: str | None = None) -> Model:
    transactor = MemoryTransactor()
    models = StoredModels(signer=SIGNER, sealer=SEALER, default=Model(bundle()))
    name = under or digest(model)

    async def promote(tx: Transaction) -> None:
        await tx.bundles.put(StoredBundle(name, SEALER.seal_blob(BUNDLE_KIND, signer.sign(model)), NOW))
        await tx.bundles.promote(name, NOW)

    await transactor.run(promote)
    first = await transactor.run(models.active, read_only=True)
    assert await transactor.run(models.active, read_only=True) is first
    return first


async def test_before_any_promotion_the_default_serves() -> None:
    default = Model(bundle())
    models = StoredModels(signer=SIGNER, sealer=SEALER, default=default)
    assert await MemoryTransactor().run(models.active, read_only=True) is default


async def test_the_promoted_bundle_serves_and_is_compiled_once() -> None:
    other = replace(bundle(), name="other")
    model = await promoted(SIGNER, other)
    assert (model.bundle, model.digest) == (other, digest(other))


async def test_a_bundle_of_another_signer_or_name_is_refused() -> None:
    for signer, under in ((Ed25519BundleSigner(bytes([1] * 32)), None), (SIGNER, "0" * 64)):
        with pytest.raises(IdentityError) as failure:
            await promoted(signer, replace(bundle(), name="other"), under)
        assert failure.value.reason is Reason.BUNDLE_INVALID
