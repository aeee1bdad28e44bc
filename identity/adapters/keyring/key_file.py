"""The key file: key-encryption keys in ``keys/kek.json`` under the home, readable by its owner only.

Rules
- Made on first start only, when there is no database that needs another: one that is lost is asked for, never replaced.
- Made whole or not at all: written beside, synced, then linked into place, so that two starts at once agree.
- Refused if it is not a regular file, belongs to somebody else, is open to group or world, or does not say what it must.
- Each key names itself by a commitment (``envelope.key_id``), so a damaged key is found when the file is read.
- Holds any number of versions; ``current`` wraps, all unwrap. Whoever reads this file and the database reads everything.
"""

from __future__ import annotations

import json
import os
import stat
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Final, final

from identity.adapters.sealing.envelope import KEY_BYTES, NotOpenedError, SealingKey, bind, fresh_key
from identity.domain.errors import IdentityError, Reason

_NAME: Final = "kek.json"
_SHOWN: Final = f"keys/{_NAME}"
_FORMAT: Final = "entente key file 1"
_LARGEST: Final = 1 << 20
_FILE_MODE: Final = 0o600
_FOLDER_MODE: Final = 0o700


@final
class KeyFileRing:
    """Implements ``identity.ports.key_ring.KeyRing`` over keys read from a file. Never shows them."""

    __slots__ = ("_current", "_keys")

    def __init__(self, current: str, keys: Mapping[str, SealingKey]) -> None:
        self._current = current
        self._keys = dict(keys)

    @property
    def current(self) -> str:
        return self._current

    def wrap(self, key: bytes, context: bytes) -> bytes:
        return self._keys[self._current].seal(key, bind(b"key ring", context))

    def unwrap(self, kek_id: str, wrapped: bytes, context: bytes) -> bytes:
        kek = self._keys.get(kek_id)
        if kek is None:
            raise _unusable("does not belong to this database", wanted=kek_id, current=self._current)
        try:
            return kek.open(wrapped, bind(b"key ring", context))
        except NotOpenedError:
            raise _unusable("does not open the database's keys: they were altered", key=kek_id) from None

    def __repr__(self) -> str:
        return f"KeyFileRing({self._current})"


def open_key_file(folder: Path, *, make: bool = True) -> KeyFileRing:
    """Open the key file in ``folder`` (``<home>/keys``); if there is none, make both. ``make`` is False where a database has keys already.

    Raises:
        IdentityError: ``KEY_RING_UNUSABLE`` if the file is missing and not to be made, may be read by others, is damaged, or cannot be
            read or made.
    """
    path = folder / _NAME
    try:
        if not path.is_symlink() and not path.exists():
            if not make:
                raise _unusable("is missing: restore it from your backup")
            folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            _make(folder, path)
        return _parse(_read(path))
    except OSError as error:
        raise _unusable("cannot be read or made", error=os.strerror(error.errno or 0)) from None


def _make(folder: Path, path: Path) -> None:
    """Write a new key file; if another process was faster, its file stands."""
    key = fresh_key()
    current = SealingKey(key).id.hex()
    document = {"format": _FORMAT, "current": current, "keys": [{"id": current, "key": b64encode(key).decode()}]}
    beside = folder / f".{_NAME}.{os.getpid()}.{os.urandom(4).hex()}"
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _FILE_MODE)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            os.fchmod(descriptor, _FILE_MODE)  # whatever the umask took or a mount added
            file.write(json.dumps(document, indent=1) + "\n")
            file.flush()
            os.fsync(descriptor)
        try:
            os.link(beside, path)
        except FileExistsError:
            return
        _sync_folder(folder)
    finally:
        beside.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> bytes:
    """Read the file once its permissions, taken from the opened descriptor, are found right."""
    if path.is_symlink():
        raise _unusable("is a symbolic link")
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _unusable("is not a regular file")
        if status.st_uid not in (os.geteuid(), 0):
            raise _unusable("belongs to another user")
        if stat.S_IMODE(status.st_mode) & 0o077:
            raise _unusable("may be read by others: chmod 600", mode=f"{stat.S_IMODE(status.st_mode):04o}")
        return file.read(_LARGEST)


def _parse(content: bytes) -> KeyFileRing:
    try:
        document = json.loads(content)
        keys = {str(entry["id"]): b64decode(entry["key"], validate=True) for entry in document["keys"]}
        current, form = str(document["current"]), document["format"]
    except (ValueError, TypeError, LookupError):
        raise _unusable("is damaged: it is not a key file") from None
    if form != _FORMAT:
        raise _unusable("is of a format that this version does not know")
    opened = {name: SealingKey(key) for name, key in keys.items() if len(key) == KEY_BYTES}
    if current not in keys or len(opened) != len(keys) or any(name != key.id.hex() for name, key in opened.items()):
        raise _unusable("is damaged: a key is not the one it names")
    return KeyFileRing(current, opened)


def _unusable(fault: str, **facts: str | int) -> IdentityError:
    return IdentityError(Reason.KEY_RING_UNUSABLE, file=_SHOWN, fault=fault, **facts)
