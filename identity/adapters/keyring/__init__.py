"""Key rings: who holds the key-encryption keys. Today a file; a transit engine or a cloud service fits the same port.

Promises: a ring that others can read, or that is damaged, is refused at start.
Never: prints a key, writes one with wider permissions than its owner's.
"""

from identity.adapters.keyring.key_file import KeyFileRing, open_key_file

__all__ = ["KeyFileRing", "open_key_file"]
