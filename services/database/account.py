"""Under which account PostgreSQL runs, and what that account can see.

PostgreSQL refuses to run as root, rightly. When we are root it runs as ``postgres``, else ``nobody``; when a data
directory exists already, as its owner. Otherwise it runs as we do.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.database.errors import DatabaseError, DatabaseProblem

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Account:
    """A system account to become."""

    uid: int
    gid: int


def database_account(data: Path) -> Account | None:
    """Return the account PostgreSQL must run as, or None when that is the one we are.

    Raises:
        DatabaseError: ``HOME_UNUSABLE`` when we are root and there is no account to become.
    """
    if os.geteuid() != 0:
        return None
    if data.is_dir() and (owner := data.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise DatabaseError(
        DatabaseProblem.HOME_UNUSABLE,
        what="PostgreSQL does not run as root, and there is neither an account `postgres` nor `nobody` to run it as",
        where="/etc/passwd",
        remedy="Run entente as an ordinary user.",
    )


def become(account: Account | None) -> None:
    """Turn the calling process into ``account`` for good; None leaves it as it is."""
    if account is not None:
        os.setgroups([])
        os.setgid(account.gid)
        os.setuid(account.uid)
    os.umask(0o077)


def child_setup(account: Account | None, death_signal: signal.Signals) -> Callable[[], None]:
    """Return what a child does before exec: become ``account``, and be sent ``death_signal`` should we die."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def setup() -> None:
        become(account)  # first, since a change of user clears the death signal
        prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # we died between fork and prctl
            os._exit(1)

    return setup


def ask_as(account: Account | None, question: Callable[[], str]) -> str:
    """Answer ``question`` with the eyes of ``account``, in a forked child; a failing question answers ``""``."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            become(account)
            os.write(writer, question().encode())
        except Exception:  # noqa: BLE001 - the child must end here whatever happened; no answer means no
            os._exit(1)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read().decode()
    _, code = os.waitpid(pid, 0)
    return answer if code == 0 else ""


def can_use(account: Account | None, directory: Path) -> bool:
    """Whether ``account`` can pass through to ``directory`` and write there."""
    return ask_as(account, lambda: "yes" if os.access(directory, os.R_OK | os.W_OK | os.X_OK) else "") == "yes"


def can_run(account: Account | None, program: Path) -> bool:
    """Whether ``account`` can pass through to ``program`` and run it."""
    return ask_as(account, lambda: "yes" if os.access(program, os.R_OK | os.X_OK) else "") == "yes"
