"""The identity context, put together: stores, keys, models, gate, use cases. Read top to bottom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from identity.adapters.default_bundle import default_bundle
from identity.adapters.ed25519_bundles import Ed25519BundleSigner
from identity.adapters.keyring.key_file import open_key_file
from identity.adapters.models import StoredModels
from identity.adapters.postgres import open_transactor
from identity.adapters.postgres.transactor import PostgresTransactor
from identity.adapters.sealing import AesGcmSealer, open_sealer
from identity.adapters.splink_duckdb.linker import SplinkLinker
from identity.adapters.splink_duckdb.trainer import DuckDbTrainer
from identity.adapters.system import RandomIds, SystemClock
from identity.adapters.unsafe_no_gate import UnsafeNoGate
from identity.domain.model.model import Model
from identity.domain.personal import Access
from identity.ports.purpose_gate import PurposeGate
from identity.usecases.answering import Answering
from identity.usecases.assign_records import AssignRecords
from identity.usecases.batch_resolve import BatchResolver
from identity.usecases.bundles import BundleKeeper
from identity.usecases.delete_record import RecordDeleter
from identity.usecases.explain_match import MatchExplainer
from identity.usecases.export_memberships import MembershipExporter
from identity.usecases.identity_history import HistoryReader
from identity.usecases.ingest_file import FileIngester
from identity.usecases.ingest_records import RecordIngester
from identity.usecases.judge_pair import PairJudge
from identity.usecases.link_batch import BatchLinker
from identity.usecases.list_review_pairs import ReviewQueue
from identity.usecases.record_status import RecordStatusReader
from identity.usecases.regroup import GroupingPolicy, Regroup
from identity.usecases.resolve_identity import IdentityResolver
from identity.usecases.split_identity import IdentitySplitter
from identity.usecases.store_records import RecordStorer
from identity.usecases.train_model import ModelTrainer
from services.database.connection import Database
from services.identity.servicer import IdentityUseCases
from services.settings import MEBIBYTE, Settings, SettingsError
from services.wiring.database import apply_migrations, open_database

_BUNDLE_KEY = "bundles.key"


@dataclass(frozen=True, slots=True)
class Store:
    """An open, migrated database with the keys that read it."""

    transactor: PostgresTransactor
    sealer: AesGcmSealer
    models: StoredModels
    signer: Ed25519BundleSigner
    default: Model


@asynccontextmanager
async def open_store(settings: Settings, database: Database) -> AsyncIterator[Store]:
    """Open the stores and the key ring.

    Raises:
        IdentityError: ``KEY_RING_UNUSABLE`` if the key file is unsafe or belongs to another database; ``STORE_UNAVAILABLE``.
    """
    keys = settings.home / "keys"
    ring = open_key_file(keys)
    signer = Ed25519BundleSigner.from_file(keys / _BUNDLE_KEY)
    settings_of_role = database.identity
    async with open_transactor(settings_of_role.dsn, server_settings=settings_of_role.server_settings) as transactor:
        sealer = await open_sealer(transactor, ring, Access("sealer"))
        default = Model(default_bundle())
        yield Store(transactor, sealer, StoredModels(signer=signer, sealer=sealer, default=default), signer, default)


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


def build_gate(settings: Settings) -> PurposeGate:
    """Return the purpose gate of every release and of linking.

    Raises:
        SettingsError: in production, where ``UnsafeNoGate`` is no gate, and there is no other yet (ADR 9).
    """
    if settings.production:
        raise SettingsError(["ENTENTE_ENVIRONMENT: production needs a purpose gate, and only UnsafeNoGate exists yet: stay in development"])
    return UnsafeNoGate()


def build_identity(settings: Settings, store: Store) -> IdentityContext:
    """Bind the use cases to a store."""
    transactor, sealer, models = store.transactor, store.sealer, store.models
    clock = SystemClock()
    ids = RandomIds(clock)
    gate = build_gate(settings)
    policy = GroupingPolicy()
    regroup = Regroup(gate=gate, ids=ids, sealer=sealer, access=Access("regroup"), policy=policy)
    assign = AssignRecords(models=models, gate=gate, sealer=sealer, access=Access("assign"), regroup=regroup)
    storer = RecordStorer(sealer=sealer, ids=ids, access=Access("store"), models=models, assigner=assign)
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
        judge_pair=PairJudge(transactor=transactor, sealer=sealer, clock=clock, regroup=regroup),
        split_identity=IdentitySplitter(transactor=transactor, clock=clock, regroup=regroup),
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
            linker=SplinkLinker(memory_mb=memory_mb),
            models=models,
            gate=gate,
            sealer=sealer,
            access=Access("link"),
            clock=clock,
            ids=ids,
            assign=assign,
            policy=policy,
        ),
        train_model=ModelTrainer(
            transactor=transactor,
            trainer=DuckDbTrainer(memory_mb=memory_mb),
            sealer=sealer,
            access=Access("train"),
            clock=clock,
            keeper=bundles,
        ),
        bundles=bundles,
        export_memberships=MembershipExporter(transactor=transactor, sealer=sealer, access=Access("export")),
        clock=clock,
    )
