"""Opens a database's keys at start: mints them once, refuses a foreign key ring."""

from __future__ import annotations

from collections.abc import Sequence

from identity.adapters.sealing.hierarchy import KeyHierarchy, mint_keys, open_keys
from identity.adapters.sealing.sealer import AesGcmSealer
from identity.domain.errors import IdentityError, Reason
from identity.domain.personal import Access
from identity.ports.key_ring import KeyRing
from identity.ports.key_store import WrappedKey
from identity.ports.transactor import Transaction, Transactor


async def has_keys(transactor: Transactor) -> bool:
    """Whether the database has wrapped keys, and so needs the very key ring that wrapped them."""
    return bool(await transactor.run(lambda tx: tx.keys.all(), read_only=True))


async def stored_keys(transactor: Transactor, ring: KeyRing) -> Sequence[WrappedKey]:
    """Return the database's wrapped keys, minting them if it has none. Harmless to hand to a child process: they are ciphertexts.

    Two processes that start at once end with the same keys, since a stored key is never replaced.
    """

    async def ensure(tx: Transaction) -> Sequence[WrappedKey]:
        stored = await tx.keys.all()
        if not stored:
            if await tx.records.count():
                raise IdentityError(Reason.KEY_RING_UNUSABLE, why="the database has records and no keys: restore them together")
            await tx.keys.add(mint_keys(ring))
            stored = await tx.keys.all()
        return stored

    return await transactor.run(ensure)


async def open_hierarchy(transactor: Transactor, ring: KeyRing) -> KeyHierarchy:
    """Open the database's keys, minting them on first start.

    Raises:
        IdentityError: ``KEY_RING_UNUSABLE`` if the ring belongs to another database.
    """
    return open_keys(ring, await stored_keys(transactor, ring))


async def open_sealer(transactor: Transactor, ring: KeyRing, access: Access) -> AesGcmSealer:
    """Open the database's keys and return the sealer that uses them.

    Raises:
        IdentityError: ``KEY_RING_UNUSABLE`` if the ring belongs to another database.
    """
    return AesGcmSealer(await open_hierarchy(transactor, ring), access)
