"""The key that signs receipts: Ed25519, in a file of its own that only its owner may read, and its public half published beside.

Rules
- Made on first use, whole or not at all: written beside, synced, then linked into place, so that two starts at once agree.
- Refused if the file is a link, belongs to somebody else, is open to group or world, or is no key.
- To replace it, move the file away and start again: the new key joins the published ones, which stay.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final, final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent.adapters.receipts.key_set import KeySetError, PublicKeySet, thumbprint

_LARGEST: Final = 1 << 12
_FOLDER_MODE: Final = 0o700
_SECRET: Final = 0o600
_PUBLIC: Final = 0o644


class ReceiptKeyError(Exception):
    """The key of receipts cannot be used. ``file`` is its name, ``fault`` why."""

    def __init__(self, file: str, fault: str) -> None:
        self.file = file
        self.fault = fault
        super().__init__(f"{file} {fault}")


@final
class ReceiptKey:
    """Signs receipts. Never shown."""

    __slots__ = ("_private", "key_id", "public")

    def __init__(self, private: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(private)
        self.public = self._private.public_key().public_bytes_raw()
        self.key_id = thumbprint(self.public)

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message (RFC 8032)."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        return f"ReceiptKey({self.key_id})"


def open_receipt_key(path: Path) -> ReceiptKey:
    """Open the key in a file, making it on first use.

    Raises:
        ReceiptKeyError: if the file may be read by others, is damaged, or cannot be read or made.
    """
    try:
        path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        if not path.is_symlink() and not path.exists():
            _place(path, Ed25519PrivateKey.generate().private_bytes_raw().hex().encode("ascii") + b"\n", _SECRET, os.link)
        return ReceiptKey(bytes.fromhex(_read_secret(path)))
    except OSError as error:
        raise ReceiptKeyError(path.name, f"cannot be read or made: {os.strerror(error.errno or 0)}") from None
    except ValueError:
        raise ReceiptKeyError(path.name, "is damaged: it is not a key") from None


def publish_key(path: Path, key: ReceiptKey) -> None:
    """Write the public half of a key to the published set, which keeps all that are there.

    Raises:
        ReceiptKeyError: if the set is damaged, or cannot be read or written.
    """
    try:
        before = PublicKeySet.from_jwks(path.read_bytes()) if path.exists() else PublicKeySet(())
        if key.key_id not in before.key_ids:
            _place(path, before.joined(key.public).jwks(), _PUBLIC, os.replace)
    except OSError as error:
        raise ReceiptKeyError(path.name, f"cannot be read or written: {os.strerror(error.errno or 0)}") from None
    except KeySetError as error:
        raise ReceiptKeyError(path.name, str(error)) from None


def _place(path: Path, content: bytes, mode: int, into: Callable[[Path, Path], None]) -> None:
    """Write a file whole; with ``os.link`` one that is there already stands, with ``os.replace`` it does not."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        try:
            into(beside, path)
        except FileExistsError:
            return
        _sync(path.parent)
    finally:
        beside.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_secret(path: Path) -> str:
    """Read the file once its permissions, taken from the opened descriptor, are found right."""
    if path.is_symlink():
        raise ReceiptKeyError(path.name, "is a symbolic link")
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid not in {os.geteuid(), 0}:
            raise ReceiptKeyError(path.name, "is not a regular file of yours")
        if stat.S_IMODE(status.st_mode) & 0o077:
            raise ReceiptKeyError(path.name, "may be read by others: chmod 600")
        return file.read(_LARGEST).decode("ascii").strip()
