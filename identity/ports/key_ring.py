"""Where the keys that wrap all other keys live: outside the database, whoever holds them."""

from __future__ import annotations

from typing import Protocol


class KeyRing(Protocol):
    """Wraps and unwraps keys under versioned key-encryption keys, which never leave the ring.

    A key file implements it by computing, a transit engine or a cloud service by asking; it is used when the process
    opens its keys, never per record. Safe to use from several threads.
    """

    @property
    def current(self) -> str:
        """The id of the key-encryption key that wraps new keys."""
        ...

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Return ``key`` wrapped under the current key-encryption key, bound to ``context``.

        Raises:
            IdentityError: ``KEY_RING_UNUSABLE`` if the ring cannot be reached.
        """
        ...

    def unwrap(self, kek_id: str, wrapped: bytes, context: bytes) -> bytes:
        """Return the key that ``kek_id`` wrapped for ``context``.

        Raises:
            IdentityError: ``KEY_RING_UNUSABLE`` if the ring has no such key-encryption key, or it does not open this one.
        """
        ...
