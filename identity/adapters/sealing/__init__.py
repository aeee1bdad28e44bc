"""Seals personal values: AES-256-GCM under per-record keys, and keyed tags in place of what must be looked up.

Promises: every way to fail to unseal is one error, ciphertexts cannot be moved, no key shows in ``repr`` or an exception.
Never: reads the database beyond the wrapped keys, keeps a plaintext.
"""

from identity.adapters.sealing.hierarchy import KeyHierarchy, mint_keys, open_keys
from identity.adapters.sealing.opening import has_keys, open_hierarchy, open_sealer
from identity.adapters.sealing.sealer import AesGcmSealer

__all__ = ["AesGcmSealer", "KeyHierarchy", "has_keys", "mint_keys", "open_hierarchy", "open_keys", "open_sealer"]
