"""The guard: one detached process per home that keeps PostgreSQL up for as long as somebody uses it.

It holds ``guard.lock``. PostgreSQL is its child, is told to end when the guard dies, is started again when it dies itself, and
is stopped when nobody holds ``users.lock`` any more. Everything it knows is on the disk, so that killing it loses nothing.
Run as ``python -m services.database.guard HOME [BIN_DIR]``. Only the standard library is used, for the sake of a quick start.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import select
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from services.database.account import can_run, database_account
from services.database.binaries import copy_binaries, find_binaries
from services.database.cluster import Cluster, end_servers
from services.database.diagnosis import explain, explain_os
from services.database.errors import DatabaseError, DatabaseProblem
from services.database.layout import Layout, Status, fresh_passwords, lock, read_passwords, read_status, unlock, write_status, write_whole
from services.database.sockets import remove_socket_directory, remove_sockets, socket_directory

_TICK = 0.2
"""Seconds between two looks at whether anybody still uses the database."""

_LOG_LIMIT = 10 * 1024 * 1024
_CRASHES_ALLOWED = 5
_CRASH_WINDOW = 60.0
_STOP_PATIENCE = 60.0


class Guard:
    """Keeps one home's PostgreSQL."""

    def __init__(self, layout: Layout, bin_dir: Path | None) -> None:
        self._layout = layout
        self._bin_dir = bin_dir
        self._status = Status(guard=secrets.token_hex(8), state="starting", guard_pid=os.getpid())
        self._asked_to_stop = False
        self._wake, waker = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(waker, False)
        signal.set_wakeup_fd(waker)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: self._ask_to_stop())

    def _ask_to_stop(self) -> None:
        self._asked_to_stop = True

    def keep(self) -> None:
        """Start PostgreSQL, keep it up, stop it when it is no longer used.

        Raises:
            DatabaseError: if it cannot be started, or dies again and again.
        """
        earlier = read_status(self._layout)
        self._say(self._status)
        account = database_account(self._layout.root / "data")
        state = self._layout.state(account)
        claim = self._claim(state)
        cluster = self._prepare(state)
        end_servers(cluster)
        socket_dir = socket_directory(state, cluster.account, earlier.socket_dir if earlier else "")
        crashes: list[float] = []
        while (users := self._serve(cluster, socket_dir)) is None:
            now = time.monotonic()
            crashes = [at for at in crashes if now - at < _CRASH_WINDOW] + [now]
            if len(crashes) > _CRASHES_ALLOWED:
                raise explain(_tail(self._layout.server_log), where=cluster.data)
            self._say(replace(self._status, state="starting"))
            end_servers(cluster)
        remove_socket_directory(socket_dir, state)
        self._layout.status.unlink(missing_ok=True)
        unlock(claim)
        unlock(users)  # last: whoever waits to use it starts the next guard

    def fail(self, error: DatabaseError) -> None:
        """Leave word of why there is no database."""
        told = {"problem": error.problem.value, "what": error.what, "where": error.where, "remedy": error.remedy}
        self._say(replace(self._status, state="failed", problem=told))

    def _prepare(self, state: Path) -> Cluster:
        layout = self._layout
        binaries = find_binaries(self._bin_dir)
        account = database_account(state / "data")
        if not can_run(account, binaries.postgres):
            binaries = copy_binaries(binaries, state)
        cluster = Cluster(state / "data", account, binaries)
        if cluster.made:
            cluster.check_version()
            if not read_passwords(layout):
                end_servers(cluster)
                passwords = fresh_passwords()
                cluster.set_roles(passwords)
                _write_passwords(layout, passwords)
        else:
            passwords = fresh_passwords()
            _write_passwords(layout, passwords)
            cluster.make(passwords)
        return cluster

    def _claim(self, state: Path) -> int:
        """Hold the data themselves too: a second home might name them."""
        claim = lock(state / "data.lock", fcntl.LOCK_EX)
        if claim is None:
            raise DatabaseError(
                DatabaseProblem.IN_USE,
                what="the data of this home are in use by another home",
                where=str(state),
                remedy=f"Use the other home, or delete {self._layout.location} to begin afresh.",
            )
        return claim

    def _serve(self, cluster: Cluster, socket_dir: Path) -> int | None:
        """Run the server until nobody uses it (return the lock on its users) or until it dies (return None)."""
        _turn_over(self._layout.server_log)
        remove_sockets(socket_dir)
        server = cluster.start(socket_dir, self._layout.server_log)
        ready = False
        while server.poll() is None:
            if not ready and cluster.ready(server.pid):
                ready = True
                self._say(replace(self._status, state="ready", socket_dir=str(socket_dir), data=str(cluster.data), server_pid=server.pid))
            users = lock(self._layout.users_lock, fcntl.LOCK_EX)
            if users is not None or self._asked_to_stop:
                _stop(server)
                return users if users is not None else os.open(os.devnull, os.O_RDONLY)
            self._sleep(_TICK if ready else 0.01)
        return None

    def _sleep(self, seconds: float) -> None:
        if select.select([self._wake], [], [], seconds)[0]:
            os.read(self._wake, 4096)

    def _say(self, status: Status) -> None:
        self._status = status
        write_status(self._layout, status)


def _write_passwords(layout: Layout, passwords: dict[str, str]) -> None:
    rows = ",\n".join(f'  "{role}": "{password}"' for role, password in passwords.items())
    write_whole(layout.passwords, f"{{\n{rows}\n}}\n")


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGINT)  # fast shutdown: open transactions are rolled back, everything is written
    try:
        server.wait(_STOP_PATIENCE)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait()


def _turn_over(log: Path) -> None:
    if log.is_file() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))


def _tail(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4096))
        return file.read().decode(errors="replace")


def main(arguments: list[str]) -> int:
    """Detach, then guard the home named first; a home that has a guard already is left to it."""
    if os.fork() != 0:
        return 0
    os.setsid()
    layout = Layout(Path(arguments[0]))
    held = None
    for _ in range(50):  # a client that looks whether there is a guard holds the lock for an instant
        held = lock(layout.guard_lock, fcntl.LOCK_EX)
        if held is not None:
            break
        time.sleep(0.01)
    if held is None:
        return 0
    guard = Guard(layout, Path(arguments[1]) if len(arguments) > 1 else None)
    try:
        guard.keep()
    except DatabaseError as error:
        guard.fail(error)
    except OSError as error:
        guard.fail(explain_os(error, where=layout.home))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
