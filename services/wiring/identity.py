"""The identity context, put together: stores, keys, models, gate, use cases. Read top to bottom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from identity.adapters.system import SystemClock
from identity.domain.personal import Access
from identity.usecases.answering import Answering
from identity.usecases.batch_resolve import BatchResolver
from identity.usecases.bundles import BundleKeeper
from identity.usecases.delete_record import RecordDeleter
from identity.usecases.explain_match import MatchExplainer
from identity.usecases.export_memberships import MembershipExporter
from identity.usecases.identity_history import HistoryReader
from identity.usecases.ingest_file import FileIngester
from identity.usecases.ingest_records import RecordIngester
from identity.usecases.judge_pair import PairJudge
from identity.usecases.known_sources import SourceList
from identity.usecases.link_batch import BatchLinker
from identity.usecases.list_review_pairs import ReviewQueue
from identity.usecases.record_status import RecordStatusReader
from identity.usecases.resolve_identity import IdentityResolver
from identity.usecases.split_identity import IdentitySplitter
from identity.usecases.store_records import RecordStorer
from identity.usecases.train_model import ModelTrainer
from services.database.connection import Database
from services.identity.servicer import IdentityUseCases
from services.settings import MEBIBYTE, Settings
from services.wiring.database import apply_migrations, open_database
from services.wiring.engines import LinkerOnDemand, TrainerOnDemand
from services.wiring.storing import Store, build_storing, open_store


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
    clock: SystemClock


@asynccontextmanager
async def open_identity(settings: Settings) -> AsyncIterator[IdentityContext]:
    """Open the database of these settings and the use cases on it; raises as both do."""
    async with open_database(settings) as database, open_identity_on(settings, database) as context:
        yield context


@asynccontextmanager
async def open_identity_on(settings: Settings, database: Database) -> AsyncIterator[IdentityContext]:
    """Bring an open database's schema up to date, and bind the use cases.

    Raises:
        DatabaseError: if the database cannot be reached or migrated.
        IdentityError: if the keys do not fit.
    """
    await apply_migrations(database)
    async with open_store(settings, database) as store:
        yield build_identity(settings, store)


def build_identity(settings: Settings, store: Store) -> IdentityContext:
    """Bind the use cases to a store."""
    transactor, sealer, models = store.transactor, store.sealer, store.models
    storing = build_storing(settings, store)
    clock, gate, assign, storer = storing.clock, storing.gate, storing.assign, storing.storer
    bundles = BundleKeeper(transactor=transactor, signer=store.signer, sealer=sealer, clock=clock, default=store.default)
    memory_mb = settings.link_memory // MEBIBYTE
    answering = Answering(models=models, sealer=sealer, gate=gate, access=Access("answer"))
    served = IdentityUseCases(
        ingest_records=RecordIngester(transactor=transactor, storer=storer, clock=clock),
        delete_record=RecordDeleter(transactor=transactor, sealer=sealer, clock=clock, assigner=assign),
        get_record_status=RecordStatusReader(transactor=transactor, sealer=sealer),
        resolve_identity=IdentityResolver(transactor=transactor, answering=answering),
        batch_resolve_identities=BatchResolver(transactor=transactor, answering=answering),
        explain_match=MatchExplainer(transactor=transactor, models=models, sealer=sealer, gate=gate, access=Access("explain")),
        list_review_pairs=ReviewQueue(transactor=transactor, gate=gate),
        judge_pair=PairJudge(transactor=transactor, sealer=sealer, clock=clock, regroup=storing.regroup),
        split_identity=IdentitySplitter(transactor=transactor, sealer=store.sealer, clock=clock, regroup=storing.regroup),
        get_identity_history=HistoryReader(transactor=transactor, gate=gate),
        body_mac=sealer.request_mac,
        warnings=gate.warnings,
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
        clock=clock,
    )
