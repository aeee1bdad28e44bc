"""Entente as its users meet it: the installed command in processes of its own, on a home that nobody else uses.

Nothing here reaches into the product but to look at its database (``facts_of``), and to know where a caller's certificate lies.
"""

from __future__ import annotations

import asyncio
import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from services.database.embedded import embedded_database
from services.identity.client import ClientIdentity, IdentityServices, connect
from tests.fixtures_database import passable_directory

ENTENTE = Path(sys.executable).parent / "entente"
PEOPLE = "source = {source!r}\nkey = 'id'\n[attributes]\n" + "".join(
    f"{name} = {name!r}\n" for name in ("given_name", "family_name", "birth_date", "email", "phone")
)
COLUMNS = ("id", "given_name", "family_name", "birth_date", "email", "phone")
_SERVES = re.compile(r"Entente serves gRPC on (\S+)")

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict:
        """The one JSON object on standard output."""
        return json.loads(self.out)

    @property
    def said(self) -> str:
        """What a person would read, line breaks aside."""
        return " ".join((self.out + self.err).split())


@dataclass(frozen=True, slots=True)
class Home:
    """An ``ENTENTE_HOME``, a folder for files beside it, and how commands are run on it."""

    path: Path
    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    def environment(self, **settings: str) -> dict[str, str]:
        """Our own environment without any setting of Entente but those given."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ENTENTE_", "LC_", "LANG", "PYTEST_"))}
        return kept | {"ENTENTE_HOME": str(self.path), "ENTENTE_LANG": "en", "COLUMNS": "200", **self.settings, **settings}

    def run(self, *words: object, timeout: float = 100, typed: str | None = None, **settings: str) -> Done:
        """Run a command to its end; ``typed`` is what it finds on standard input."""
        ended = subprocess.run(
            [ENTENTE, *map(str, words)],
            env=self.environment(**settings), cwd=self.folder, capture_output=True, text=True, timeout=timeout, check=False,
            input=typed or "",
        )  # fmt: skip
        return Done(ended.returncode, ended.stdout, ended.stderr)

    def done(self, *words: object, **settings: str) -> Done:
        """Run a command that must succeed."""
        ended = self.run(*words, **settings)
        assert ended.code == 0, (words, ended)
        return ended

    def report(self, *words: object, **settings: str) -> dict:
        """Run a command that must succeed, and return its JSON report."""
        return self.done(*words, "--json", **settings).report

    @contextmanager
    def started(self, *words: object, **settings: str) -> Iterator[Running]:
        """Start a command in a process group of its own, and leave nothing of it behind."""
        log = self.folder / f"{words[0]}-{time.monotonic_ns()}.log"
        with log.open("w") as sink:
            process = subprocess.Popen(
                [ENTENTE, *map(str, words)],
                env=self.environment(**settings), cwd=self.folder, stdout=sink, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        try:
            yield Running(process, log)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    @contextmanager
    def served(self, **settings: str) -> Iterator[Server]:
        """Serve gRPC on a free port."""
        with self.started("serve", **{"ENTENTE_PORT": "0", "ENTENTE_WORKERS": "1", **settings}) as running:
            assert eventually(lambda: running.process.poll() is not None or _SERVES.search(running.said()), 30), running.said()
            found = _SERVES.search(running.said())
            assert found, running.said()
            yield Server(self, running, found[1])

    def write(self, name: str, rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> Path:
        """Write a CSV file."""
        path = self.folder / name
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([columns, *rows])
        return path

    def mapping(self, source: str) -> Path:
        """Write the mapping of files that ``write`` writes."""
        path = self.folder / f"{source}.toml"
        path.write_text(PEOPLE.format(source=source), "utf-8")
        return path

    def ingest(self, source: str, rows: Sequence[Row], *more: object) -> dict:
        """Write and ingest rows; return the report."""
        return self.report("ingest", self.write(f"{source}.csv", rows), "--mapping", self.mapping(source), *more)

    def memberships(self) -> dict[tuple[str, str], str]:
        """Export who belongs to whom: (source, key) to identity."""
        out = self.folder / f"memberships-{time.monotonic_ns()}.csv"
        self.done("export", "memberships", out)
        with out.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        found = {(row["source"], row["record_key"]): row["identity_id"] for row in rows}
        assert len(found) == len(rows), "each record is exported once"
        return found


@dataclass(frozen=True, slots=True)
class Running:
    """A command that runs."""

    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        """Everything it wrote so far."""
        return self.log.read_text("utf-8")

    def kill(self) -> None:
        """Kill the process itself, and nothing else."""
        self.process.kill()
        self.process.wait()

    def ended(self, seconds: float = 60) -> int:
        """Wait for its end; return the exit code."""
        return self.process.wait(seconds)

    def children(self, having: str = "") -> list[int]:
        """Its child processes whose command line has the text."""
        return [pid for pid in _children(self.process.pid) if having in _command_line(pid)]


@dataclass(frozen=True, slots=True)
class Server:
    """A server that serves."""

    home: Home
    running: Running
    address: str

    def as_caller(self, name: str, seconds: float = 10.0) -> AbstractAsyncContextManager[IdentityServices]:
        """Connect with a caller's certificate."""
        folder = self.home.path / "pki"
        identity = ClientIdentity.read(folder / f"callers/{name}.key", folder / f"callers/{name}.pem", folder / "ca.pem")
        return connect(self.address, identity, deadline_seconds=seconds)


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _command_line(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return ""


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    return False


def eventually(holds: Callable[[], object], seconds: float = 20.0) -> bool:
    """Wait until it holds; tell whether it did in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return False


async def soon(holds: Callable[[], object], seconds: float = 20.0) -> bool:
    """Wait as ``eventually`` does, with other tasks going on."""
    return await asyncio.to_thread(eventually, holds, seconds)


@contextmanager
def fresh_home(**settings: str) -> Iterator[Home]:
    """A home where nothing was yet."""
    with passable_directory() as folder:
        yield Home(folder / "home", folder, settings)


@asynccontextmanager
async def database_of(home: Home) -> AsyncIterator[asyncpg.Connection]:
    """Connect to a home's embedded database as its owner; it stays up meanwhile."""
    async with embedded_database(home.path) as database:
        connection = await asyncpg.connect(database.owner.dsn)
        try:
            yield connection
        finally:
            await connection.close()


def postmaster(home: Home) -> int:
    """The process id of a home's PostgreSQL."""
    return int(json.loads((home.path / "postgres/status.json").read_text())["server_pid"])


_HALF_ASSIGNED = {
    "live records without exactly one current assignment": """
        SELECT count(*) FROM (SELECT record_id FROM identity.record LEFT JOIN identity.assignment a USING (record_id)
        WHERE NOT deleted GROUP BY record_id HAVING count(*) FILTER (WHERE a.record_id IS NOT NULL AND a.valid_to IS NULL) <> 1) _""",
    "deleted records that are assigned": """
        SELECT count(*) FROM identity.record JOIN identity.assignment USING (record_id) WHERE deleted AND valid_to IS NULL""",
    "current assignments to identities that are not current": """
        SELECT count(*) FROM identity.assignment JOIN identity.identity USING (identity_id)
        WHERE valid_to IS NULL AND state <> 'current'""",
    "current assignments to identities that do not exist": """
        SELECT count(*) FROM identity.assignment LEFT JOIN identity.identity i USING (identity_id) WHERE i.identity_id IS NULL""",
    "current identities that nobody belongs to": """
        SELECT count(*) FROM identity.identity WHERE state = 'current' AND NOT EXISTS
        (SELECT FROM identity.assignment a WHERE a.identity_id = identity.identity_id AND a.valid_to IS NULL)""",
    "records without the version that they are said to have": """
        SELECT count(*) FROM identity.record LEFT JOIN identity.record_version v USING (record_id, version)
        WHERE NOT deleted AND v.record_id IS NULL""",
    "records whose blocking keys are not all there": """
        SELECT count(*) FROM identity.record r WHERE NOT deleted AND cardinality(block_keys) <>
        (SELECT count(*) FROM identity.block_key b WHERE b.record_id = r.record_id)""",
    "edges of records that are no more": """
        SELECT count(*) FROM identity.edge e JOIN identity.record r ON r.record_id IN (e.left_id, e.right_id) WHERE r.deleted""",
}


async def half_assigned(home: Home) -> dict[str, int]:
    """Look for anything half done; empty if there is nothing."""
    async with database_of(home) as connection:
        counts = {what: await connection.fetchval(query) for what, query in _HALF_ASSIGNED.items()}
    return {what: count for what, count in counts.items() if count}


async def stored_records(home: Home) -> int:
    """Count live records."""
    async with database_of(home) as connection:
        return await count_records(connection)


async def count_records(connection: asyncpg.Connection) -> int:
    """Count live records; none if the tables are not there yet."""
    with suppress(asyncpg.UndefinedTableError):
        return await connection.fetchval("SELECT count(*) FROM identity.record WHERE NOT deleted")
    return 0
