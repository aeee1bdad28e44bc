"""A private directory for the server's socket, with a path short enough for the kernel."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from services.database.account import Account
from services.database.layout import hand_over

PORT = 5432
_LONGEST_PATH = 107
"""Bytes in ``sockaddr_un.sun_path`` but the closing NUL (Linux, unix(7))."""


def socket_directory(state: Path, account: Account | None, earlier: str) -> Path:
    """Return a 0700 directory owned by the server's account: in ``state`` if its path is short enough, else under a runtime directory.

    ``earlier`` is the one used before ("" if none); it is kept while it is still safe, so that clients find the server again.
    """
    uid = os.geteuid() if account is None else account.uid
    inside = state / "socket"
    if _short(inside):
        if not inside.is_dir():
            inside.mkdir(mode=0o700)
            hand_over(inside, account)
        return inside
    if earlier and _private(Path(earlier), uid):
        return Path(earlier)
    made = Path(tempfile.mkdtemp(prefix="entente-", dir=_runtime(uid)))  # 0700 and unguessable
    hand_over(made, account)
    return made


def remove_socket_directory(directory: Path, state: Path) -> None:
    """Remove a directory made under the runtime directory; the one in ``state`` stays."""
    if directory.parent != state:
        remove_sockets(directory)
        directory.rmdir()


def remove_sockets(directory: Path) -> None:
    """Remove the socket of a server that is gone, and its lock file: the number in that may by now be somebody else's."""
    for left in directory.glob(".s.PGSQL.*"):
        left.unlink(missing_ok=True)


def _short(directory: Path) -> bool:
    return len(os.fsencode(directory / f".s.PGSQL.{PORT}")) <= _LONGEST_PATH


def _private(directory: Path, uid: int) -> bool:
    try:
        found = directory.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == uid and stat.S_IMODE(found.st_mode) == stat.S_IRWXU


def _runtime(uid: int) -> str:
    own = Path(f"/run/user/{uid}")
    if os.geteuid() != 0 and _private(own, uid):
        return str(own)
    return "/run" if os.geteuid() == 0 and Path("/run").is_dir() else tempfile.gettempdir()
