"""What storing records takes: stores, keys, models, ids. All that a lane of a bulk load needs, so that it starts in half the time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from identity.adapters.default_bundle import default_bundle
from identity.adapters.ed25519_bundles import Ed25519BundleSigner
from identity.adapters.keyring.key_file import open_key_file
from identity.adapters.models import StoredModels
from identity.adapters.postgres import PostgresTransactor
from identity.adapters.sealing import AesGcmSealer, KeyHierarchy, has_keys, open_hierarchy
from identity.adapters.system import RandomIds, SystemClock
from identity.domain.model.model import Model
from identity.domain.personal import Access
from identity.ports.purpose_gate import PurposeGate
from identity.usecases.assign_records import AssignRecords
from identity.usecases.regroup import GroupingPolicy, Regroup
from identity.usecases.store_records import RecordStorer
from services.database.connection import Database
from services.database.running import open_runner
from services.settings import Settings

_BUNDLE_KEY = "bundles.key"


@dataclass(frozen=True, slots=True)
class Store:
    """An open, migrated database with the keys that read it."""

    transactor: PostgresTransactor
    sealer: AesGcmSealer
    models: StoredModels
    signer: Ed25519BundleSigner
    default: Model
    keys: KeyHierarchy


@asynccontextmanager
async def open_store(settings: Settings, database: Database) -> AsyncIterator[Store]:
    """Open the stores and the key ring.

    Raises:
        IdentityError: ``KEY_RING_UNUSABLE`` if the key file is lost, unsafe or belongs to another database; ``STORE_UNAVAILABLE``.
    """
    keys = settings.home / "keys"
    settings_of_role = database.identity
    async with open_runner(settings_of_role.dsn, server_settings=settings_of_role.server_settings) as runner:
        transactor = PostgresTransactor(runner)
        ring = open_key_file(keys, make=not await has_keys(transactor))
        signer = Ed25519BundleSigner.from_file(keys / _BUNDLE_KEY)
        hierarchy = await open_hierarchy(transactor, ring)
        sealer = AesGcmSealer(hierarchy, Access("sealer"))
        default = Model(default_bundle())
        yield Store(transactor, sealer, StoredModels(signer=signer, sealer=sealer, default=default), signer, default, hierarchy)


@dataclass(frozen=True, slots=True)
class Storing:
    """Storing and assigning, bound to a store."""

    clock: SystemClock
    ids: RandomIds
    policy: GroupingPolicy
    regroup: Regroup
    assign: AssignRecords
    storer: RecordStorer


def build_storing(store: Store, gate: PurposeGate) -> Storing:
    """Bind storing and assigning to a store; ``gate`` is asked before anything is linked."""
    sealer, models = store.sealer, store.models
    clock = SystemClock()
    ids = RandomIds(clock)
    policy = GroupingPolicy()
    regroup = Regroup(gate=gate, ids=ids, sealer=sealer, access=Access("regroup"), policy=policy)
    assign = AssignRecords(models=models, gate=gate, sealer=sealer, access=Access("assign"), regroup=regroup)
    storer = RecordStorer(sealer=sealer, ids=ids, access=Access("store"), models=models, assigner=assign)
    return Storing(clock, ids, policy, regroup, assign, storer)
