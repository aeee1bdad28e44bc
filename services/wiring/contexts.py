"""Both contexts on one open database: who is who, and what may be done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.settings import Settings
from services.wiring.consent import ConsentContext, build_consent
from services.wiring.consent_store import publish_starter
from services.wiring.database import Database, apply_migrations
from services.wiring.identity import IdentityContext, open_gated
from services.wiring.scopes import operating_scopes
from services.workflows.subject_directory import IdentityDirectory


@dataclass(frozen=True, slots=True)
class Contexts:
    """The use cases of both."""

    identity: IdentityContext
    consent: ConsentContext


@asynccontextmanager
async def open_contexts_on(settings: Settings, database: Database) -> AsyncIterator[Contexts]:
    """Bring an open database's schema up to date, and bind the use cases; a fresh one gets the starter catalogue.

    Raises:
        DatabaseError: if the database cannot be reached or migrated.
        IdentityError: if the keys do not fit.
        ConsentError: if consent's store cannot be used.
    """
    await apply_migrations(database)
    scopes = operating_scopes(settings)
    async with open_gated(settings, database, scopes) as (identity, consent_store):
        await publish_starter(consent_store)
        directory = IdentityDirectory(identity.subjects_of)
        yield Contexts(identity, build_consent(settings, identity.store, consent_store, directory, scopes))
