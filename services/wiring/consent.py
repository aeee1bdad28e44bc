"""The consent context, put together: stores, names, who may ask for what, use cases. Read top to bottom.

Rules
- A fresh deployment starts with the starter catalogue: it is published once, when nothing is published yet.
- Who may ask for what is looked up in the caller registry with every decision: a change of the file counts within a second.
- Consent names an identifier by the same keyed MAC as identity does, so that who belongs together is told without opening a record.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import final

from consent.domain.anchor import Anchor
from consent.domain.tables import Scope
from consent.ports.subject_directory import SubjectDirectory
from consent.usecases.answer_questions import QuestionAnswerer
from consent.usecases.decide import Decide
from consent.usecases.get_receipt import ReceiptGiver
from consent.usecases.import_consents import ConsentImporter
from consent.usecases.list_events import EventLister
from consent.usecases.publish_catalogue import CataloguePublisher
from consent.usecases.read_catalogue import NoticeReader, PurposeLister
from consent.usecases.record_consent import ConsentRecorder
from consent.usecases.watch_revocations import RevocationWatcher
from identity.adapters.sealing import AesGcmSealer
from identity.adapters.system import RandomIds, SystemClock
from identity.domain.source_record import RecordRef
from services.consent.servicer import ConsentUseCases
from services.settings import Settings
from services.wiring.callers import prepare_callers, system_time
from services.wiring.consent_store import ConsentStore, publish_starter
from services.wiring.database import apply_migrations, open_database
from services.wiring.identity import open_gated
from services.wiring.receipts import open_receipts
from services.wiring.scopes import RegisteredScopes
from services.wiring.storing import Store
from services.workflows.subject_directory import IdentityDirectory


@dataclass(frozen=True, slots=True)
class ConsentContext:
    """Every use case of the consent context, bound to its adapters. ``served`` are those that gRPC offers."""

    store: ConsentStore
    served: ConsentUseCases
    decide: Decide
    importer: ConsentImporter
    clock: SystemClock
    ids: RandomIds


def build_consent(
    settings: Settings,
    store: Store,
    consent_store: ConsentStore,
    directory: SubjectDirectory,
    scopes: Mapping[str, Scope] | None = None,
) -> ConsentContext:
    """Bind the use cases to the stores. Without ``scopes`` those of the caller registry hold, as it is at each decision.

    Raises:
        IdentityError: ``KEY_RING_UNUSABLE`` if the key of receipts cannot be used.
        RegistryError: if the caller registry cannot be used.
    """
    scopes = RegisteredScopes(settings) if scopes is None else scopes
    transactor, clock = consent_store.transactor, SystemClock()
    ids = RandomIds(clock)
    decide = Decide(hearing=transactor, directory=directory, scopes=scopes, clock=clock)
    recorder = ConsentRecorder(transactor=transactor, directory=directory, macs=consent_store.requests, ids=ids, clock=clock)
    importer = ConsentImporter(transactor=transactor, recorder=recorder, macs=consent_store.requests, clock=clock)
    served = ConsentUseCases(
        publish=CataloguePublisher(transactor=transactor, clock=clock),
        list_purposes=PurposeLister(transactor=transactor),
        get_notice=NoticeReader(transactor=transactor),
        record_consent=recorder,
        list_events=EventLister(transactor=transactor),
        get_receipt=ReceiptGiver(transactor=transactor, issuer=open_receipts(settings, consent_store.pseudonyms)),
        answer_questions=QuestionAnswerer(decide=decide, pseudonyms=consent_store.pseudonyms, ids=ids, clock=clock),
        watch_revocations=RevocationWatcher(transactor=transactor),
        anchors=SealedAnchors(store.sealer),
        revisions=consent_store.revisions,
        pseudonyms=consent_store.pseudonyms,
    )
    return ConsentContext(consent_store, served, decide, importer, clock, ids)


@asynccontextmanager
async def open_consent(settings: Settings) -> AsyncIterator[ConsentContext]:
    """Open the database of these settings and consent's use cases on it; a fresh one gets the starter catalogue.

    Raises:
        DatabaseError: if the database cannot be reached or migrated.
        IdentityError: if the keys do not fit.
        ConsentError: if consent's store cannot be used.
        RegistryError: if the caller registry cannot be used.
    """
    if not settings.production:
        prepare_callers(settings.home, system_time())
    scopes = RegisteredScopes(settings)
    async with open_database(settings) as database:
        await apply_migrations(database)
        async with open_gated(settings, database, scopes) as (identity, consent_store):
            await publish_starter(consent_store)
            yield build_consent(settings, identity.store, consent_store, IdentityDirectory(identity.subjects_of), scopes)


@final
class SealedAnchors:
    """Fulfils ``AnchorNamer`` with the MAC by which identity's storage names a source record."""

    def __init__(self, sealer: AesGcmSealer) -> None:
        self._sealer = sealer

    def anchor(self, source: str, key: str) -> Anchor:
        return Anchor(*self._sealer.address(RecordRef(source, key)))
