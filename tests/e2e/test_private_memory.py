"""Whatever holds keys or values shuts its memory: no core dump, and no other process of the account may look in."""

from __future__ import annotations

import os
import re
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.processes import COLUMNS, ENTENTE, Home, eventually

GROUP = 65534  # a dumpable process shows its own group in /proc, any other the group of root: so root can tell, too
IN_GROUP: dict[str, Any] = {"group": GROUP, "extra_groups": []} if os.geteuid() == 0 else {}
PEOPLE = [(str(n), f"Zoé{n:x}", f"Durand{n:x}", "1985-04-03", f"zoe{n}@mail.example", "", "-" * 8000) for n in range(600)]
"""A file so large that processes of their own take it in."""
pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")


def shut(pid: int) -> bool | None:
    """Whether a process is shut; None if it is gone."""
    with suppress(OSError):
        shown = Path(f"/proc/{pid}/environ").stat()
        limits = Path(f"/proc/{pid}/limits").read_text()
        stranger = (shown.st_uid, shown.st_gid) != (os.geteuid(), GROUP if os.geteuid() == 0 else os.getegid())
        return stranger and bool(re.search(r"Max core file size\s+0\s+0", limits))
    return None


def family(pid: int) -> dict[int, str]:
    """A process and its children, each with its command line; not those that have ended."""
    found = {}
    for one in (pid, *children(pid)):
        with suppress(OSError):
            found[one] = Path(f"/proc/{one}/cmdline").read_text().replace("\0", " ")
    return {one: line for one, line in found.items() if line}


def children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path("/proc").glob(f"{pid}/task/*/children"):
        with suppress(OSError):
            found += map(int, task.read_text().split())
    return found


def watched(home: Home, *words: object) -> dict[str, set[int]]:
    """Run a command to its end; return, for what it was and each kind of child, the processes whose last look showed them shut."""
    process = started(home, *words)
    last: dict[int, bool] = {}
    names: dict[int, str] = {}
    while process.poll() is None:
        time.sleep(0.005)
        for pid, line in family(process.pid).items():
            names[pid] = next((what for what in ("ingest_worker", "splink_duckdb.worker", "database.guard") if what in line), "command")
            if (state := shut(pid)) is not None:
                last[pid] = state
    assert process.returncode == 0
    found: dict[str, set[int]] = {"shut": set(), "open": set()}
    for pid, state in last.items():
        found.setdefault(names[pid], set()).add(pid)
        found["shut" if state else "open"].add(pid)
    return found


def started(home: Home, *words: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [ENTENTE, *map(str, words)],
        env=home.environment(ENTENTE_PORT="0", ENTENTE_WORKERS="2"), cwd=home.folder,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **IN_GROUP,
    )  # fmt: skip


def test_an_ordinary_process_would_be_open(home: Home) -> None:
    process = subprocess.Popen(["sleep", "60"], **IN_GROUP)
    try:
        assert eventually(lambda: shut(process.pid) is False)
    finally:
        process.kill()
        process.wait()


def test_commands_lanes_and_link_workers_are_shut(home: Home) -> None:
    data = home.write("crm.csv", PEOPLE, (*COLUMNS, "remark"))
    ingest = watched(home, "ingest", data, "--mapping", home.mapping("crm"), "--store-only")
    assert ingest["ingest_worker"]
    link = watched(home, "link")
    assert link["splink_duckdb.worker"], link
    for found in (ingest, link):
        holders = found["command"] | found.get("ingest_worker", set()) | found.get("splink_duckdb.worker", set())
        assert holders <= found["shut"]


def test_the_server_and_its_workers_are_shut(home: Home) -> None:
    home.done("db", "migrate")
    process = started(home, "serve")
    try:
        assert eventually(lambda: len(family(process.pid)) == 3 and all(shut(pid) for pid in family(process.pid)), 60)
    finally:
        process.terminate()
        process.wait(30)
