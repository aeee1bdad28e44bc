"""What storing records takes: stores, keys, models, ids. All that a lane of a bulk load needs, so that it starts in half the time."""

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
from identity.adapters.sealing import AesGcmSealer, has_keys, open_sealer
from identity.adapters.system import RandomIds, SystemClock
from identity.adapters.unsafe_no_gate import UnsafeNoGate
from identity.domain.model.model import Model
from identity.domain.personal import Access
from identity.ports.purpose_gate import PurposeGate
from identity.usecases.assign_records import AssignRecords
from identity.usecases.regroup import GroupingPolicy, Regroup
from identity.usecases.store_records import RecordStorer
from services.database.connection import Database
from services.settings import Settings, SettingsError

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
        IdentityError: ``KEY_RING_UNUSABLE`` if the key file is lost, unsafe or belongs to another database; ``STORE_UNAVAILABLE``.
    """
    keys = settings.home / "keys"
    settings_of_role = database.identity
    async with open_transactor(settings_of_role.dsn, server_settings=settings_of_role.server_settings) as transactor:
        ring = open_key_file(keys, make=not await has_keys(transactor))
        signer = Ed25519BundleSigner.from_file(keys / _BUNDLE_KEY)
        sealer = await open_sealer(transactor, ring, Access("sealer"))
        default = Model(default_bundle())
        yield Store(transactor, sealer, StoredModels(signer=signer, sealer=sealer, default=default), signer, default)


@dataclass(frozen=True, slots=True)
class Storing:
    """Storing and assigning, bound to a store."""

    clock: SystemClock
    ids: RandomIds
    gate: PurposeGate
    policy: GroupingPolicy
    regroup: Regroup
    assign: AssignRecords
    storer: RecordStorer


def build_storing(settings: Settings, store: Store) -> Storing:
    """Bind storing and assigning to a store; raises as ``build_gate``."""
    sealer, models = store.sealer, store.models
    clock = SystemClock()
    ids = RandomIds(clock)
    gate = build_gate(settings)
    policy = GroupingPolicy()
    regroup = Regroup(gate=gate, ids=ids, sealer=sealer, access=Access("regroup"), policy=policy)
    assign = AssignRecords(models=models, gate=gate, sealer=sealer, access=Access("assign"), regroup=regroup)
    storer = RecordStorer(sealer=sealer, ids=ids, access=Access("store"), models=models, assigner=assign)
    return Storing(clock, ids, gate, policy, regroup, assign, storer)


def build_gate(settings: Settings) -> PurposeGate:
    """Return the purpose gate of every release and of linking.

    Raises:
        SettingsError: in production, where ``UnsafeNoGate`` is no gate, and there is no other yet (ADR 9).
    """
    if settings.production:
        raise SettingsError(["ENTENTE_ENVIRONMENT: production needs a purpose gate, and only UnsafeNoGate exists yet: stay in development"])
    return UnsafeNoGate()
