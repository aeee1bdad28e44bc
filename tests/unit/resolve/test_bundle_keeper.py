"""Models are kept, promoted and rolled back; nothing is ever lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from identity.adapters.ed25519_bundles import Ed25519BundleSigner
from identity.adapters.memory.transactor import MemoryTransactor
from identity.domain.errors import IdentityError, Reason
from identity.domain.model.model import Model
from identity.usecases.bundles import BundleKeeper
from tests.builders.models import bundle
from tests.fakes.plain_sealer import PlainSealer

DEFAULT = Model(bundle())


class Ticking:
    """A clock that moves on by a second each time it is asked."""

    def __init__(self) -> None:
        self._now = datetime(2030, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


@pytest.fixture
def keeper() -> BundleKeeper:
    return BundleKeeper(
        transactor=MemoryTransactor(), signer=Ed25519BundleSigner(bytes(32)), sealer=PlainSealer(), clock=Ticking(), default=DEFAULT
    )


async def test_a_bundle_kept_aside_serves_once_promoted_by_the_digits_that_the_command_line_shows(keeper: BundleKeeper) -> None:
    digest = await keeper.keep(replace(bundle(), name="aside"), promote=False)
    before = await keeper.list()
    assert (before.active, [kept for kept, _ in before.kept]) == (DEFAULT.digest, [digest])
    assert await keeper.promote(digest[:12]) == digest
    assert (await keeper.list()).active == digest


async def test_the_packaged_bundle_can_be_promoted_like_any_other(keeper: BundleKeeper) -> None:
    await keeper.keep(replace(bundle(), name="ours"), promote=True)
    assert await keeper.promote(DEFAULT.digest) == DEFAULT.digest
    assert (await keeper.list()).active == DEFAULT.digest


async def test_a_rollback_goes_to_what_served_before_and_never_removes(keeper: BundleKeeper) -> None:
    one = await keeper.keep(replace(bundle(), name="one"), promote=True)
    two = await keeper.keep(replace(bundle(), name="two"), promote=True)
    assert await keeper.rollback() == one
    assert [promotion.digest for promotion in (await keeper.list()).promotions] == [one, two, one]


async def test_the_first_rollback_goes_to_the_packaged_bundle(keeper: BundleKeeper) -> None:
    await keeper.keep(replace(bundle(), name="ours"), promote=True)
    assert await keeper.rollback() == DEFAULT.digest


@pytest.mark.parametrize("prefix", ["", "0", "0123456789abcdef"])
async def test_what_names_no_bundle_or_too_little_of_one_is_refused_and_changes_nothing(keeper: BundleKeeper, prefix: str) -> None:
    with pytest.raises(IdentityError) as failure:
        await keeper.promote(prefix)
    assert failure.value.reason is Reason.BUNDLE_NOT_FOUND
    assert (await keeper.list()).promotions == ()


async def test_there_is_nothing_before_the_packaged_bundle(keeper: BundleKeeper) -> None:
    with pytest.raises(IdentityError) as failure:
        await keeper.rollback()
    assert failure.value.reason is Reason.BUNDLE_NOT_FOUND
