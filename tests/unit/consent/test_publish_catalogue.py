"""Publishing a catalogue: all or nothing, once, and never against what was published or the law of the day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from consent.adapters.memory import MemoryTransactor
from consent.adapters.starter_catalogue import starter_catalogue
from consent.domain.catalogue import Catalogue, CatalogueError
from consent.domain.catalogue_codec import digest, notice_to_json
from consent.domain.catalogue_file import parse_catalogue
from consent.domain.errors import ConsentError, Reason
from consent.domain.purpose import Published
from consent.ports.transactor import Transaction
from consent.usecases.publish_catalogue import CataloguePublisher, Publication
from tests.unit.consent.test_catalogue_file import GOOD

NOW = datetime(2026, 11, 23, tzinfo=UTC)
LAWFUL = GOOD.replace('"show-withdraw-link"', '"show-withdraw-link", "identify-sender"')


@dataclass
class SetClock:
    """A clock that tells what it was set to."""

    at: datetime

    def now(self) -> datetime:
        return self.at


class Home:
    """A deployment's catalogue, and how to publish into it."""

    def __init__(self, at: datetime = NOW) -> None:
        self._store = MemoryTransactor()
        self._publish = CataloguePublisher(transactor=self._store, clock=SetClock(at))

    async def held(self) -> tuple[Published, int]:
        async def read(tx: Transaction) -> tuple[Published, int]:
            return await tx.catalogue.published(), await tx.events.revision()

        return await self._store.run(read, read_only=True)

    async def publish(self, catalogue: Catalogue | str) -> Publication:
        return await self._publish(parse_catalogue(catalogue, "mine.toml") if isinstance(catalogue, str) else catalogue)

    async def refused(self, catalogue: Catalogue | str) -> ConsentError:
        before = await self.held()
        with pytest.raises(ConsentError) as caught:
            await self.publish(catalogue)
        assert await self.held() == before, "nothing is published of what is refused"
        return caught.value


async def test_publishing_tells_what_is_new() -> None:
    home = Home()
    done = await home.publish(LAWFUL)
    assert done == Publication((("offers", 1),), (("offers", 1),), 0, 1)
    published, revision = await home.held()
    assert (published.purpose("offers") is not None, revision) == (True, 1)


async def test_publishing_the_same_again_changes_nothing() -> None:
    home = Home()
    first = await home.publish(LAWFUL)
    again = await home.publish(LAWFUL.replace("\n", "\r\n"))
    assert again == Publication((), (), 2, first.revision)


async def test_what_was_added_is_published_beside_what_was_there() -> None:
    home = Home()
    await home.publish(LAWFUL)
    more = LAWFUL.replace("version = 1\nbasis", "version = 2\ncompatible = true\nbasis").replace('"x_shoe_size"', '"given_name"')
    refused = await home.refused(more)
    assert 'adds the attribute "given_name"' in str(refused)
    done = await home.publish(LAWFUL.replace("version = 1\nbasis", "version = 2\ncompatible = true\nbasis").replace(', "x_shoe_size"', ""))
    assert (done.purposes, done.notices, done.unchanged, done.revision) == ((("offers", 2),), (), 1, 2)


async def test_a_published_version_never_changes() -> None:
    home = Home()
    await home.publish(LAWFUL)
    refused = await home.refused(LAWFUL.replace('"P3Y"', '"P2Y"'))
    assert (refused.reason, refused.facts) == (Reason.VERSION_IS_PUBLISHED, {"name": "offers", "version": 1})
    refused = await home.refused(LAWFUL.replace("Nos offres", "Toutes nos offres"))
    assert refused.reason is Reason.VERSION_IS_PUBLISHED


async def test_faults_against_the_law_and_against_the_past_are_told_together_with_their_lines() -> None:
    home = Home()
    await home.publish(LAWFUL)
    new = (
        GOOD.replace("version = 1\nbasis", "version = 3\nbasis")
        .replace('channels = ["email"]', 'channels = ["phone"]')
        .replace("365", "400")
    )
    refused = await home.refused(new)
    assert isinstance(refused, CatalogueError)
    lines = [fault.line for fault in refused.faults]
    assert lines == [6, 17, 19]
    assert "mine.toml:6: version 3 cannot follow" in str(refused)


async def test_advertising_by_phone_without_consent_is_refused_since_the_law_is_in_force_and_not_before() -> None:
    calls = (
        LAWFUL.replace('"consent"', '"legitimate-interest"').replace("valid_days = 365\n", "").replace('["email"]\nret', '["phone"]\nret')
    )
    calls = calls.replace('"show-withdraw-link"', '"stop-when-asked"')
    refused = await Home(datetime(2026, 8, 11, tzinfo=UTC)).refused(calls)
    assert "advertising by phone needs consent since 11 August 2026" in str(refused)
    assert "loi 2025-594" in str(refused)
    assert await Home(datetime(2026, 8, 10, 12, tzinfo=UTC)).publish(calls)


async def test_what_comes_by_another_way_than_a_file_is_held_to_the_same() -> None:
    (purpose,) = parse_catalogue(LAWFUL).purposes
    refused = await Home().refused(Catalogue((replace(purpose, notice="", attributes=frozenset({"e_mail"})),)))
    assert isinstance(refused, CatalogueError)
    assert [fault.line for fault in refused.faults] == [0, 0]


async def test_a_purpose_alone_may_name_a_notice_that_is_published() -> None:
    home = Home()
    catalogue = parse_catalogue(LAWFUL)
    assert (await home.refused(replace(catalogue, notices=()))).reason is Reason.INVALID_CATALOGUE
    await home.publish(replace(catalogue, purposes=()))
    assert (await home.publish(replace(catalogue, notices=()))).purposes == (("offers", 1),)


async def test_a_notice_is_published_under_its_own_hash_whatever_it_came_with() -> None:
    home = Home()
    catalogue = parse_catalogue(LAWFUL)
    await home.publish(replace(catalogue, notices=tuple(replace(notice, digest=b"forged") for notice in catalogue.notices)))
    notice = (await home.held())[0].notice("offers")
    assert notice
    assert notice.digest == digest(notice_to_json(notice))


async def test_the_starter_catalogue_is_published_into_a_fresh_home_and_again() -> None:
    home = Home()
    done = await home.publish(starter_catalogue())
    assert len(done.purposes) == 12
    assert (await home.publish(starter_catalogue())).unchanged == 12 + len(done.notices)
