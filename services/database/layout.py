"""Where an embedded database keeps things.

``<home>/postgres`` holds the locks, the passwords, the guard's status and the server's log. The data lie there too,
unless the account PostgreSQL runs as cannot reach the home (root's home is 0700, and we change no directory's mode):
then they lie in a state directory of the system, which the file ``location`` names.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.database.account import Account, can_use
from services.database.connection import SERVICE_ROLES
from services.database.errors import DatabaseError, DatabaseProblem

SYSTEM_STATE = Path("/var/lib/entente")
ROLES = ("entente_owner", *SERVICE_ROLES)
DATABASE = "entente"


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of one home's database."""

    home: Path

    @property
    def root(self) -> Path:
        """Our directory in the home."""
        return self.home / "postgres"

    @property
    def users_lock(self) -> Path:
        """Held shared by every process that uses the database."""
        return self.root / "users.lock"

    @property
    def guard_lock(self) -> Path:
        """Held exclusively by the one guard."""
        return self.root / "guard.lock"

    @property
    def status(self) -> Path:
        """What the guard last said."""
        return self.root / "status.json"

    @property
    def passwords(self) -> Path:
        """The passwords of the login roles, 0600."""
        return self.root / "passwords.json"

    @property
    def server_log(self) -> Path:
        """PostgreSQL's log: no statement, no parameter, no detail."""
        return self.root / "server.log"

    @property
    def guard_log(self) -> Path:
        """The guard's standard error."""
        return self.root / "guard.log"

    @property
    def location(self) -> Path:
        """Names the state directory when the data lie outside the home."""
        return self.root / "location"

    def prepare(self) -> None:
        """Make the home and our directory in it, if absent.

        Raises:
            DatabaseError: ``HOME_UNUSABLE``.
        """
        make_home(self.home)
        make_home(self.root)

    def state(self, account: Account | None) -> Path:
        """Return the directory that holds (or will hold) the data, deciding and remembering it the first time.

        Raises:
            DatabaseError: ``HOME_UNUSABLE`` if neither the home nor the system's state directory will do.
        """
        if self.location.is_file():
            require_ours(self.location)
            elsewhere = Path(self.location.read_text().strip())
            require_ours(elsewhere)
            return elsewhere
        if can_use_child(account, self.root):
            return self.root
        elsewhere = SYSTEM_STATE / secrets.token_hex(8)
        try:
            SYSTEM_STATE.mkdir(mode=0o711, parents=True, exist_ok=True)
            elsewhere.mkdir(mode=0o711)
            write_whole(elsewhere / "home", f"{self.home}\n")  # for whoever wonders whose data these are
            write_whole(self.location, f"{elsewhere}\n")
        except OSError as error:
            raise DatabaseError(
                DatabaseProblem.HOME_UNUSABLE,
                what="the account PostgreSQL runs as can reach neither the home nor a state directory of its own",
                where=f"{self.home} and {elsewhere}",
                remedy="Put ENTENTE_HOME where every directory above it may be passed through, or run entente as an ordinary user.",
            ) from error
        return elsewhere


def make_home(home: Path) -> None:
    """Make the home's directory if it is absent: closed to others, but passable (0711) when we are root, so that PostgreSQL's account
    reaches its data in it. What is secret in a home has a mode of its own.

    Raises:
        DatabaseError: ``HOME_UNUSABLE``.
    """
    try:
        if not home.is_dir():
            home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError
        require_ours(home)
    except OSError as error:
        raise DatabaseError(
            DatabaseProblem.HOME_UNUSABLE,
            what="the home is not a directory that this account can read and write",
            where=str(home),
            remedy="Run entente as the account that owns it, or name another one in ENTENTE_HOME.",
        ) from error


def require_ours(path: Path) -> None:
    """Refuse a file or directory that somebody else owns or may write: whoever can put things into a home can become its database's
    or its callers' master.

    Raises:
        DatabaseError: ``HOME_UNUSABLE``.
    """
    stat = path.stat()
    if stat.st_uid not in {0, os.geteuid()} or stat.st_mode & 0o022:
        raise DatabaseError(
            DatabaseProblem.HOME_UNUSABLE,
            what="somebody else owns it or may write into it",
            where=str(path),
            remedy="Make it yours alone (chown, chmod go-w), and think of what lies in it as known to others.",
        )


def can_use_child(account: Account | None, directory: Path) -> bool:
    """Whether ``account`` could use a directory of its own inside ``directory``."""
    probe = directory / f".probe-{secrets.token_hex(4)}"
    probe.mkdir(mode=0o700)
    try:
        hand_over(probe, account)
        return can_use(account, probe)
    finally:
        probe.rmdir()


def hand_over(path: Path, account: Account | None) -> None:
    """Give ``path``, which we just made, to ``account``."""
    if account is not None:
        os.chown(path, account.uid, account.gid)


def replace_file(path: Path, text: str, account: Account | None) -> None:
    """Replace a file in a directory that already belongs to ``account``: it is not trusted there, so no link of its making is followed."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        if account is not None:
            os.fchown(descriptor, account.uid, account.gid)


def write_whole(path: Path, text: str) -> None:
    """Write a 0600 file so that a reader, or a crash, sees all of it or nothing."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read_passwords(layout: Layout) -> dict[str, str]:
    """Return the password of each login role, or nothing when the file does not name them all.

    Raises:
        DatabaseError: ``WRONG_PASSWORD`` when the file is there but is not ours to read, or no such file.
    """
    try:
        held = json.loads(layout.passwords.read_text())
        return {role: str(held[role]) for role in ROLES}
    except FileNotFoundError:
        return {}
    except KeyError:
        return {}
    except (OSError, ValueError, TypeError) as error:
        raise DatabaseError(
            DatabaseProblem.WRONG_PASSWORD,
            what="the password file cannot be read",
            where=str(layout.passwords),
            remedy="Delete it: the next start sets fresh passwords, and loses nothing.",
        ) from error


def fresh_passwords() -> dict[str, str]:
    """Return a new password for every login role: 256 random bits each."""
    return {role: secrets.token_urlsafe(32) for role in ROLES}


@dataclass(frozen=True, slots=True)
class Status:
    """What the guard says: ``starting``, ``ready`` or ``failed``; ``guard`` is a random name of that guard."""

    guard: str
    state: str
    guard_pid: int = 0
    socket_dir: str = ""
    data: str = ""
    server_pid: int = 0
    problem: dict[str, str] | None = None


def read_status(layout: Layout) -> Status | None:
    """Return what the guard last said, or None if there is nothing to read."""
    try:
        told: dict[str, Any] = json.loads(layout.status.read_text())
        return Status(**{name: value for name, value in told.items() if name in Status.__slots__})  # a newer guard may say more
    except (OSError, ValueError, TypeError):
        return None


def write_status(layout: Layout, status: Status) -> None:
    """Say something, whole."""
    fields = {name: getattr(status, name) for name in Status.__slots__}
    write_whole(layout.status, json.dumps(fields))


def lock(path: Path, kind: int) -> int | None:
    """Take a kernel lock (``fcntl.LOCK_SH`` or ``LOCK_EX``) without waiting; return its descriptor, or None if it is taken.

    The kernel drops it when the holder ends, however it ends.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def unlock(descriptor: int) -> None:
    """Give a lock back."""
    with suppress(OSError):
        os.close(descriptor)
