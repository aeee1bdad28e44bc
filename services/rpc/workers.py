"""Worker processes that share one port, started and watched by a parent that holds no gRPC object.

Rules
- Workers are forked before anything of gRPC exists in the parent: gRPC does not survive a fork.
- A worker that dies is replaced; one that cannot even start the first time stops everything, with its reason.
- A worker dies with its parent, however the parent dies (``PR_SET_PDEATHSIG``).
- A worker leaves no core dump, and no other process of its user can look into it: it holds keys and opened records.
- SIGTERM, SIGINT or SIGHUP to the parent: every worker drains and stops; what is left after the grace, or at a second signal, is killed.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

from services.rpc.log import EventLog
from services.rpc.private_memory import keep_memory_private

_PR_SET_PDEATHSIG = 1
_LONGEST_REASON = 500
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 5.0
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

Work = Callable[[Callable[[], None]], None]
"""What a worker does: runs until SIGTERM, and calls its argument once it serves."""


class StartFailedError(Exception):
    """A worker could not start; ``told`` is what it said of it."""

    def __init__(self, told: str) -> None:
        self.told = told
        super().__init__(told or "a worker died while it started")


class TellParentError(Exception):
    """Raised by a worker to stop the whole start with a sentence for people. The sentence must hold nothing personal."""


@dataclass(slots=True)
class _Worker:
    pid: int
    pipe: int
    ready: bool = False
    told: bytes = b""


@dataclass(slots=True)
class Supervisor:
    """Keeps ``count`` workers running until a signal comes."""

    work: Work
    count: int
    log: EventLog
    grace_seconds: float = 15.0
    on_ready: Callable[[], None] | None = None

    _workers: dict[int, _Worker] = field(default_factory=dict)
    _due: list[float] = field(default_factory=list)
    _pause: float = _FIRST_PAUSE
    _serving: bool = False
    _signals: list[int] = field(default_factory=list)

    def run(self) -> None:
        """Start the workers, watch them, and return when all have stopped after a signal.

        Raises:
            StartFailedError: if a worker could not start the first time.
        """
        before = {number: signal.signal(number, self._signalled) for number in _STOP_SIGNALS}
        try:
            for _ in range(self.count):
                self._fork()
            while not self._signals:
                self._watch()
        finally:
            self._stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _signalled(self, number: int, _frame: FrameType | None) -> None:
        self._signals.append(number)
        if len(self._signals) > 1:
            self._kill(signal.SIGKILL)

    def _watch(self) -> None:
        """Look once at every worker: what it said, whether it lives, whether one is due to be replaced."""
        pipes = [worker.pipe for worker in self._workers.values() if not worker.ready]
        readable, _, _ = select.select(pipes, [], [], 0.1 if self._due or pipes else 0.5)
        for worker in list(self._workers.values()):
            if worker.pipe in readable:
                self._listen(worker)
        self._reap()
        now = time.monotonic()
        for due in [due for due in self._due if due <= now]:
            self._due.remove(due)
            self._fork()

    def _listen(self, worker: _Worker) -> None:
        worker.told += _heard(worker.pipe)
        if worker.told.startswith(b"ready\n"):
            worker.ready = True
            self._pause = _FIRST_PAUSE
            if not self._serving and len(self._workers) == self.count and all(other.ready for other in self._workers.values()):
                self._serving = True
                self.log.event("serving", workers=self.count)
                if self.on_ready is not None:
                    self.on_ready()

    def _reap(self) -> None:
        for pid in list(self._workers):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                self._lost(self._workers.pop(pid), os.waitstatus_to_exitcode(status))

    def _lost(self, worker: _Worker, code: int) -> None:
        worker.told += _heard(worker.pipe)
        os.close(worker.pipe)
        self.log.event("worker lost", "warning", worker=worker.pid, **({"exit_code": code} if code >= 0 else {"signal": -code}))
        if not self._serving and not worker.ready:
            raise StartFailedError(worker.told.decode("utf-8", "replace").strip())
        self._due.append(time.monotonic() + (0 if worker.ready else self._pause))
        if not worker.ready:
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)

    def _fork(self) -> None:
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            _be_worker(self.work, parent, writing, self.log)
        os.close(writing)
        self._workers[pid] = _Worker(pid, reading)
        self.log.event("worker started", worker=pid)

    def _stop(self) -> None:
        """Let the workers drain, then kill what is left."""
        self._kill(signal.SIGTERM)
        end = time.monotonic() + self.grace_seconds
        while self._workers and time.monotonic() < end:
            self._bury(os.WNOHANG)
            time.sleep(0.02)
        self._kill(signal.SIGKILL)
        self._bury(0)

    def _bury(self, how: int) -> None:
        for pid, worker in list(self._workers.items()):
            if os.waitpid(pid, how)[0]:
                os.close(worker.pipe)
                del self._workers[pid]

    def _kill(self, number: signal.Signals) -> None:
        for pid in self._workers:
            with suppress(ProcessLookupError):  # a second signal may come between a worker's end and its burial
                os.kill(pid, number)


def _be_worker(work: Work, parent: int, pipe: int, log: EventLog) -> None:
    """Run as a worker and never return."""
    status = 1
    try:
        _die_with(parent)
        keep_memory_private()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal signals the whole group: the parent decides
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        work(lambda: _tell(pipe, b"ready\n"))
        status = 0
    except TellParentError as error:
        _tell(pipe, str(error).encode()[:_LONGEST_REASON])
    except BaseException as error:  # noqa: BLE001 - a worker's end is told, whatever it is
        log.failure("worker failed", error)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _tell(pipe: int, words: bytes) -> None:
    os.write(pipe, words)


def _heard(pipe: int) -> bytes:
    """Return what a worker said since, without waiting: a process of its own may hold its end open after it is gone."""
    try:
        return os.read(pipe, _LONGEST_REASON)
    except BlockingIOError:
        return b""


def _die_with(parent: int) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died between the fork and the request
        os._exit(1)
