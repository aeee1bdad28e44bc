"""The identity context, put together: stores, keys, models, gate, use cases. Read top to bottom."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from consent.domain.tables import Scope
from identity.adapters.system import SystemClock
from identity.domain.personal import Access
from identity.ports.profile_gate import Gate
from identity.usecases.answering import Answering
from identity.usecases.batch_resolve import BatchResolver
from identity.usecases.bundles import BundleKeeper
from identity.usecases.delete_record import RecordDeleter
from identity.usecases.explain_match import MatchExplainer
from identity.usecases.export_memberships import MembershipExporter
from identity.usecases.get_profile import ProfileReader
from identity.usecases.identity_history import HistoryReader
from identity.usecases.ingest_file import FileIngester
from identity.usecases.ingest_records import RecordIngester
from identity.usecases.judge_pair import PairJudge
from identity.usecases.known_sources import SourceList
from identity.usecases.link_batch import BatchLinker
from identity.usecases.list_review_pairs import ReviewQueue
from identity.usecases.record_status import RecordStatusReader
from identity.usecases.releasing import Releasing
from identity.usecases.resolve_identity import IdentityResolver
from identity.usecases.split_identity import IdentitySplitter
from identity.usecases.store_records import RecordStorer
from identity.usecases.subjects import SubjectFinder, SubjectReader
from identity.usecases.train_model import ModelTrainer
from services.database.connection import Database
from services.identity.servicer import IdentityUseCases
from services.settings import MEBIBYTE, Settings
from services.wiring.consent_store import ConsentStore, open_consent_store, publish_starter
from services.wiring.database import apply_migrations, open_database
from services.wiring.engines import LinkerOnDemand, TrainerOnDemand
from services.wiring.scopes import operating_scopes
from services.wiring.storing import Store, build_storing, open_store
from services.workflows.consent_gate import ConsentGate


@dataclass(frozen=True, slots=True)
class IdentityContext:
    """Every use case of the identity context, bound to its adapters. ``served`` are those that gRPC offers."""

    store: Store
    served: IdentityUseCases
    ingest_file: FileIngester
    storer: RecordStorer
    link_batch: BatchLinker
    train_model: ModelTrainer
    bundles: BundleKeeper
    export_memberships: MembershipExporter
    known_sources: SourceList
    subjects_of: SubjectFinder
    clock: SystemClock


@asynccontextmanager
async def open_identity(settings: Settings) -> AsyncIterator[IdentityContext]:
    """Open the database of these settings and the use cases on it; raises as both do."""
    async with open_database(settings) as database, open_identity_on(settings, database) as context:
        yield context


@asynccontextmanager
async def open_identity_on(settings: Settings, database: Database) -> AsyncIterator[IdentityContext]:
    """Bring an open database's schema up to date, and bind the use cases; a fresh one gets the starter catalogue.

    Raises:
        DatabaseError: if the database cannot be reached or migrated.
        IdentityError: if the keys do not fit.
        ConsentError: if consent's store cannot be used.
    """
    await apply_migrations(database)
    async with open_gated(settings, database, operating_scopes(settings)) as (context, consent):
        await publish_starter(consent)
        yield context


@asynccontextmanager
async def open_gated(
    settings: Settings, database: Database, scopes: Mapping[str, Scope]
) -> AsyncIterator[tuple[IdentityContext, ConsentStore]]:
    """Open both contexts' stores on a migrated database, and bind identity's use cases behind consent's gate; ``scopes`` say who may ask
    for what.

    Raises:
        IdentityError: if the keys do not fit.
    """
    async with open_store(settings, database) as store, open_consent_store(database, store.keys.derive) as consent:
        gate = ConsentGate(hearing=consent.transactor, scopes=scopes, clock=SystemClock())
        yield build_identity(settings, store, gate), consent


def build_identity(settings: Settings, store: Store, gate: Gate) -> IdentityContext:
    """Bind the use cases to a store, behind a gate."""
    transactor, sealer, models = store.transactor, store.sealer, store.models
    storing = build_storing(store, gate)
    clock, assign, storer = storing.clock, storing.assign, storing.storer
    bundles = BundleKeeper(transactor=transactor, signer=store.signer, sealer=sealer, clock=clock, default=store.default)
    memory_mb = settings.link_memory // MEBIBYTE
    subjects = SubjectReader(sealer=sealer, access=Access("subjects"), clock=clock)
    releasing = Releasing(gate=gate, subjects=subjects)
    answering = Answering(models=models, sealer=sealer, releasing=releasing, access=Access("answer"))
    served = IdentityUseCases(
        ingest_records=RecordIngester(transactor=transactor, storer=storer, clock=clock),
        delete_record=RecordDeleter(transactor=transactor, sealer=sealer, clock=clock, assigner=assign),
        get_record_status=RecordStatusReader(transactor=transactor, sealer=sealer),
        resolve_identity=IdentityResolver(transactor=transactor, answering=answering),
        batch_resolve_identities=BatchResolver(transactor=transactor, answering=answering),
        explain_match=MatchExplainer(transactor=transactor, models=models, sealer=sealer, releasing=releasing, access=Access("explain")),
        get_profile=ProfileReader(transactor=transactor, sealer=sealer, gate=gate, access=Access("profile"), clock=clock),
        list_review_pairs=ReviewQueue(transactor=transactor, releasing=releasing),
        judge_pair=PairJudge(transactor=transactor, sealer=sealer, clock=clock, regroup=storing.regroup),
        split_identity=IdentitySplitter(transactor=transactor, sealer=store.sealer, clock=clock, regroup=storing.regroup),
        get_identity_history=HistoryReader(transactor=transactor, releasing=releasing),
        body_mac=sealer.request_mac,
        access=Access("tell profiles"),
    )
    return IdentityContext(
        store=store,
        served=served,
        ingest_file=FileIngester(transactor=transactor, assigner=assign, clock=clock),
        storer=storer,
        link_batch=BatchLinker(
            transactor=transactor,
            linker=LinkerOnDemand(memory_mb=memory_mb),
            models=models,
            gate=gate,
            sealer=sealer,
            access=Access("link"),
            clock=clock,
            ids=storing.ids,
            assign=assign,
            policy=storing.policy,
        ),
        train_model=ModelTrainer(
            transactor=transactor,
            trainer=TrainerOnDemand(memory_mb=memory_mb),
            sealer=sealer,
            access=Access("train"),
            clock=clock,
            keeper=bundles,
        ),
        bundles=bundles,
        export_memberships=MembershipExporter(transactor=transactor, sealer=sealer, access=Access("export")),
        known_sources=SourceList(transactor=transactor),
        subjects_of=SubjectFinder(transactor=transactor, subjects=subjects),
        clock=clock,
    )
