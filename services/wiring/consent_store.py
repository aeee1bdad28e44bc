"""What consent keeps, opened: its stores in its own role, and proofs under keys of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from consent.adapters.keys import derive_keys
from consent.adapters.macs import HmacPseudonyms, HmacRequestMac, HmacRevisionSigner
from consent.adapters.postgres import SESSION, PostgresTransactor
from consent.adapters.starter_catalogue import starter_catalogue
from consent.usecases.publish_catalogue import CataloguePublisher
from identity.adapters.system import SystemClock
from services.database.connection import Database
from services.database.running import open_runner


@dataclass(frozen=True, slots=True)
class ConsentStore:
    """An open, migrated database of consent with the keys that prove its rows. ``transactor`` also hears (``Hearing``)."""

    transactor: PostgresTransactor
    revisions: HmacRevisionSigner
    requests: HmacRequestMac
    pseudonyms: HmacPseudonyms


@asynccontextmanager
async def open_consent_store(database: Database, derive: Callable[[str], bytes]) -> AsyncIterator[ConsentStore]:
    """Open consent's stores; ``derive`` gives a 256-bit key for each use (``Store.keys.derive``)."""
    keys = derive_keys(derive)
    settings = database.consent
    async with open_runner(settings.dsn, server_settings={**settings.server_settings, **SESSION}) as runner:
        yield ConsentStore(
            PostgresTransactor(runner, keys),
            HmacRevisionSigner(keys.revisions),
            HmacRequestMac(keys.requests),
            HmacPseudonyms(keys.pseudonyms),
        )


async def publish_starter(store: ConsentStore) -> None:
    """Publish the starter catalogue if nothing is published yet; two at once publish it once.

    Raises:
        ConsentError: ``STORE_UNAVAILABLE``, ``EVENT_ALTERED``.
    """
    published = await store.transactor.run(lambda tx: tx.catalogue.published(), read_only=True)
    if not published.purposes:
        await CataloguePublisher(transactor=store.transactor, clock=SystemClock())(starter_catalogue())
