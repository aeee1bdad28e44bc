"""Runs a command and tells what it took: wall time and peak memory of the whole process tree.

Memory is the proportional set size (PSS, /proc/PID/smaps_rollup): pages that processes share, such as PostgreSQL's buffers, count once.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_POLL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Run:
    """What a command printed and took: peak memory of its whole process tree, and of its own process; None where /proc tells nothing."""

    output: str
    seconds: float
    peak_mb: float | None
    own_peak_mb: float | None


class CommandFailedError(Exception):
    """A measured command ended with another code than 0 (the message carries the end of its error output), or took too long."""


def run(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    mentioning: str = "",
    whole: bool = True,
    limit_seconds: float | None = None,
) -> Run:
    """Run ``command`` to its end. Processes whose command line has ``mentioning`` count too: a database started for a home, say.

    Without ``whole`` only its own memory is looked at, since looking at the whole tree's takes time from what keeps every core busy.

    Raises:
        CommandFailedError: it ended with another code than 0, or not within the limit.
    """
    begun = time.perf_counter()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen([str(part) for part in command], stdout=out, stderr=err, env={**os.environ, **(environment or {})})
        peak = _Peak(process.pid, mentioning, whole=whole)
        try:
            code = process.wait(limit_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise CommandFailedError(f"{Path(command[0]).name} {command[1]} was ended after {limit_seconds:.0f} s") from None
        finally:
            seconds = time.perf_counter() - begun
            peak.stop()
        out.seek(0)
        err.seek(0)
        if code:
            raise CommandFailedError(
                f"{Path(command[0]).name} {command[1]} ended with {code}: {err.read().decode(errors='replace')[-2000:]}"
            )
        return Run(out.read().decode(), seconds, peak.mb, peak.own_mb)


class _Peak:
    """Watches process trees until stopped."""

    def __init__(self, root: int, mentioning: str, *, whole: bool) -> None:
        self._root = root
        self._whole = whole
        self._mentioning = mentioning.encode()
        self._done = threading.Event()
        self.mb: float | None = None
        self.own_mb: float | None = None
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(_POLL_SECONDS):
            if self._whole and (kilobytes := sum(_pss(pid) for pid in _tree([self._root, *_mentioning(self._mentioning)]))):
                self.mb = max(self.mb or 0.0, kilobytes / 1024)
            if own := _field(Path(f"/proc/{self._root}/status"), "VmHWM:"):
                self.own_mb = own / 1024


def _mentioning(text: bytes) -> list[int]:
    if not text:
        return []
    found: list[int] = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if text in line.read_bytes():
                found.append(int(line.parent.name))
        except OSError:
            continue
    return found


def _tree(roots: Sequence[int]) -> set[int]:
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue
        children.setdefault(parent, []).append(int(status.parent.name))
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting += children.get(pid, [])
    return found


def _pss(pid: int) -> int:
    return _field(Path(f"/proc/{pid}/smaps_rollup"), "Pss:")


def _field(file: Path, name: str) -> int:
    """The kilobytes that a file of /proc gives under a name; 0 when it gives none."""
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)
