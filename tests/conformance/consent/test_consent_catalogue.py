"""What every store of published versions promises."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consent.domain.catalogue_codec import digest, notice_to_json
from consent.domain.errors import ConsentError, Reason
from consent.domain.purpose import Notice, Published, Wording
from consent.ports.transactor import Transaction
from tests.builders.consents import ConsentStore
from tests.unit.consent.consenting import day, purpose

NOTICE = Notice("offers-notice", 1, Wording({"fr": "Nous écrirons.", "en": "We shall write."}))
SHOWN = replace(NOTICE, digest=digest(notice_to_json(NOTICE)))


async def publish(store: ConsentStore, *purposes, notices=()) -> None:
    await store.run(lambda tx: tx.catalogue.publish(purposes, notices, at=day(0)))


async def published(store: ConsentStore) -> Published:
    return await store.run(lambda tx: tx.catalogue.published(), read_only=True)


async def test_before_anything_is_published_nothing_is(transactor: ConsentStore) -> None:
    assert await published(transactor) == Published()


async def test_versions_are_read_back_oldest_first_and_a_notice_with_its_digest(transactor: ConsentStore) -> None:
    versions = [purpose(version=number, compatible=number == 9) for number in (10, 1, 2, 9)]
    other = replace(purpose(), purpose_id="audience", obligations=("figures-only",))
    await publish(transactor, *versions[:2], notices=[NOTICE, replace(NOTICE, version=2, compatible=True)])
    await publish(transactor, *versions[2:], other)
    found = await published(transactor)
    assert found.purposes == {"offers": (versions[1], versions[2], versions[3], versions[0]), "audience": (other,)}
    assert found.notice("offers-notice", 1) == SHOWN
    assert [notice.version for notice in found.notices["offers-notice"]] == [1, 2]


async def test_what_is_published_again_changes_nothing_and_takes_no_revision(transactor: ConsentStore) -> None:
    for _ in range(2):
        await publish(transactor, purpose(), purpose(), notices=[NOTICE])
        assert await transactor.run(lambda tx: tx.events.revision(), read_only=True) == 1
    assert (await published(transactor)).notices == {"offers-notice": (SHOWN,)}


async def test_a_published_version_never_changes_and_a_refusal_publishes_nothing(transactor: ConsentStore) -> None:
    await publish(transactor, purpose(), notices=[NOTICE])
    before = await published(transactor)
    changes = ([purpose(version=2), replace(purpose(), retention="P10Y")], []), ([purpose(version=2)], [replace(NOTICE, compatible=True)])
    for purposes, notices in changes:
        with pytest.raises(ConsentError) as refused:
            await publish(transactor, *purposes, notices=notices)
        assert refused.value.reason is Reason.VERSION_IS_PUBLISHED
        assert refused.value.facts["version"] == 1
    assert await published(transactor) == before
    assert (await transactor.heard([])).revision == 1


async def test_a_transaction_sees_what_it_publishes_and_nobody_sees_what_it_took_back(transactor: ConsentStore) -> None:
    async def fail(tx: Transaction) -> None:
        await tx.catalogue.publish([purpose()], [], at=day(0))
        assert (await tx.catalogue.published()).purpose("offers") == purpose()
        raise LookupError

    with pytest.raises(LookupError):
        await transactor.run(fail)
    assert await published(transactor) == Published()
    await publish(transactor, purpose(version=2))
    assert (await published(transactor)).purposes == {"offers": (purpose(version=2),)}


async def test_the_catalogue_is_the_same_object_until_it_changes(transactor: ConsentStore) -> None:
    await publish(transactor, purpose())
    first = (await transactor.heard([])).published
    assert (await transactor.heard([])).published is first
    assert await published(transactor) is first
    await publish(transactor, purpose(version=2))
    assert (await transactor.heard([])).published.purpose("offers") == purpose(version=2)
