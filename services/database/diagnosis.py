"""What PostgreSQL's own last words mean to an operator."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from services.database.errors import DatabaseError, DatabaseProblem

_SCARCE = 48 * 1024 * 1024
"""Bytes free under which a failed start is put down to the disk: an empty cluster and its first log files need more."""


def explain(said: str, *, where: Path) -> DatabaseError:
    """Turn what a failed PostgreSQL program said into an error that can be acted upon."""
    if "No space left on device" in said or "Disk quota exceeded" in said or _nearly_full(where):
        return disk_full(where)
    words = [line for line in said.splitlines() if "FATAL:" in line or "PANIC:" in line or "error:" in line]
    last = words[-1].split("FATAL:")[-1].split("PANIC:")[-1].strip() if words else "it ended without a reason"
    if "incompatible with server" in said:
        return DatabaseError(
            DatabaseProblem.WRONG_VERSION, what=last, where=str(where), remedy="Use binaries of the version that wrote the data."
        )
    return DatabaseError(
        DatabaseProblem.START_FAILED,
        what=f"PostgreSQL did not start: {last}",
        where=str(where),
        remedy="The log `postgres/server.log` in the home says more.",
    )


def explain_os(error: OSError, *, where: Path) -> DatabaseError:
    """Turn a failed system call of ours into an error that can be acted upon."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(where)
    return DatabaseError(
        DatabaseProblem.HOME_UNUSABLE,
        what=f"the embedded database could not be set up: {error.strerror}",
        where=str(error.filename or where),
        remedy="Check who owns it and what is mounted there, or name another home in ENTENTE_HOME.",
    )


def disk_full(where: Path) -> DatabaseError:
    """Say that there is no room."""
    return DatabaseError(
        DatabaseProblem.DISK_FULL,
        what="no space is left on the disk",
        where=str(where),
        remedy="Free some space (nothing acknowledged is lost), or name a home on a larger disk in ENTENTE_HOME.",
    )


def _nearly_full(where: Path) -> bool:
    nearest = next((path for path in (where, *where.parents) if path.exists()), Path("/"))
    return shutil.disk_usage(nearest).free < _SCARCE


def disk_is_full(where: Path) -> bool:
    """Whether so little room is left that a start that ended without a word is put down to it."""
    return _nearly_full(where)
