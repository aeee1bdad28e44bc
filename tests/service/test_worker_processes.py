"""Real processes on one port: replaced when killed, drained when stopped, gone with their parent."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.identity.client import CallFailedError, ClientIdentity, connect
from services.rpc.address import PortTakenError, reserve
from services.rpc.log import EventLog
from services.rpc.workers import Supervisor, _Worker
from services.wiring.certificates import Pki

ROOT = Path(__file__).parents[2]
ASK = {"purpose": "service", "recipient": "callcentre", "attributes": {"city": "Lyon"}}


class Served:
    def __init__(self, process: subprocess.Popen[str], address: str, log: Path, home: Path) -> None:
        self.process, self.address, self._log, self._home = process, address, log, home

    def events(self, name: str) -> list[dict]:
        return [event for line in self._log.read_text().splitlines() if (event := json.loads(line))["event"] == name]

    def workers(self) -> set[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return {int(child) for child in children}

    def connect(self):
        files = Pki(self._home).client_files("callcentre")
        return connect(self.address, ClientIdentity.read(files.key, files.certificate, files.authority), deadline_seconds=5.0)

    async def answers(self) -> bool:
        try:
            async with self.connect() as services:
                return (await services.resolution.resolve(**ASK)).resolution.pseudonym == "ps-1"
        except CallFailedError:
            return False


@contextmanager
def served(home: Path, tmp_path: Path, workers: int = 1, port: int = 0, manner: str = "") -> Iterator[Served]:
    log = tmp_path / "log"
    command = [sys.executable, "-m", "tests.fakes.scripted_server", str(home), str(workers), str(port), *([manner] if manner else [])]
    with log.open("w") as errors:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        said = process.stdout.readline().split(maxsplit=1)
        assert said[0] == "ready", (said, log.read_text())
        yield Served(process, said[1].strip(), log, home)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def eventually(holds, seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False


async def test_a_killed_worker_is_replaced_and_the_service_goes_on(pki_home, tmp_path):
    with served(pki_home, tmp_path, workers=2) as server:
        assert await server.answers()
        before = server.workers()
        assert len(before) == 2
        for victim in before:
            os.kill(victim, signal.SIGKILL)
        began = time.monotonic()
        assert eventually(lambda: len(server.workers()) == 2 and not server.workers() & before)
        while not await server.answers():
            assert time.monotonic() - began < 10
            await asyncio.sleep(0.05)
        assert time.monotonic() - began < 5, "a restart takes at most five seconds"
        assert [event["signal"] for event in server.events("worker lost")] == [9, 9]


async def test_stopping_lets_a_running_call_finish(pki_home, tmp_path):
    with served(pki_home, tmp_path, manner="slow") as server:
        async with server.connect() as services:
            running = asyncio.create_task(services.resolution.resolve(**ASK))
            await asyncio.sleep(0.3)
            server.process.send_signal(signal.SIGTERM)
            assert (await running).resolution.pseudonym == "ps-1"
        assert eventually(lambda: server.process.poll() is not None)
        assert server.process.returncode == 0
        assert server.events("stopped")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_any_polite_signal_stops_everything(pki_home, tmp_path, number):
    with served(pki_home, tmp_path) as server:
        workers = server.workers()
        server.process.send_signal(number)
        assert eventually(lambda: server.process.poll() == 0)
        assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


def test_workers_die_with_their_parent_and_the_port_is_free_again(pki_home, tmp_path):
    with served(pki_home, tmp_path, workers=2) as server:
        workers = server.workers()
        port = int(server.address.rsplit(":", 1)[1])
        server.process.kill()
        server.process.wait()
        assert eventually(lambda: not any(running(worker) for worker in workers))
    with served(pki_home, tmp_path, port=port) as again:
        assert again.address.endswith(f":{port}")


async def test_a_worker_leaves_no_core_dump_and_its_log_is_structured_whatever_peers_do(pki_home, tmp_path):
    with served(pki_home, tmp_path) as server:
        (worker,) = server.workers()
        limits = Path(f"/proc/{worker}/limits").read_text()
        assert re.search(r"Max core file size\s+0\s+0", limits)
        for _ in range(3):  # gRPC itself would print a line for each failed handshake
            _reader, writer = await asyncio.open_connection("127.0.0.1", int(server.address.rsplit(":", 1)[1]))
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            await writer.drain()
            writer.close()
        assert await server.answers()
        assert server.events("call"), "every line was JSON"


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_second_server_on_the_port_says_that_it_is_taken(pki_home, tmp_path):
    with served(pki_home, tmp_path) as server:
        port = server.address.rsplit(":", 1)[1]
        second = subprocess.run(
            [sys.executable, "-m", "tests.fakes.scripted_server", str(pki_home), "1", port],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert second.returncode == 3
        assert f"failed 127.0.0.1:{port} is taken by another program" in second.stdout
        assert server.process.poll() is None


def test_a_worker_that_cannot_start_stops_the_start_with_its_reason(pki_home, tmp_path):
    failed = subprocess.run(
        [sys.executable, "-m", "tests.fakes.scripted_server", str(pki_home), "2", "0", "fail"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert failed.returncode == 3
    assert "failed The database cannot be reached" in failed.stdout
    assert "Traceback" not in failed.stderr


@pytest.mark.parametrize("share", [False, True])
def test_a_port_that_somebody_listens_on_is_not_reserved(share):
    with socket.socket() as other:
        if share:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(PortTakenError, match="is taken by another program"):
            reserve("127.0.0.1", other.getsockname()[1])


def test_an_address_that_is_not_ours_is_told_as_such():
    with pytest.raises(PortTakenError, match=r"192\.0\.2\.1:7443"):
        reserve("192.0.2.1", 7443)


def test_a_worker_that_ended_this_moment_does_not_disturb_the_stop():
    """A second signal may come between the end of a worker and its burial."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    living = subprocess.Popen(["sleep", "60"])
    supervisor = Supervisor(work=lambda _ready: None, count=2, log=EventLog(lambda _line: None))
    supervisor._workers |= {pid: _Worker(pid, -1) for pid in (gone.pid, living.pid)}
    supervisor._kill(signal.SIGTERM)
    assert living.wait(10) == -signal.SIGTERM
