"""A withdrawal counts from the instant it is acknowledged: several processes, one PostgreSQL, a frozen process, a slow database.

``ENTENTE_INTERLEAVINGS`` sets the number of answers that are checked (default: what fits into CI).
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path

import asyncpg
import pytest

from consent.adapters.postgres import SESSION, PostgresTransactor
from consent.ports.transactor import Transaction
from services.database.connection import Database
from services.database.running import open_runner
from tests.integration.consent.history import Findings, check
from tests.integration.consent.racing import KEYS, Done, Orders
from tests.unit.consent.consenting import day, purpose

ROOT = Path(__file__).parents[3]
ANSWERS = int(os.environ.get("ENTENTE_INTERLEAVINGS", "40000"))
FEW = 8_000
PROCESSES = 3


@pytest.fixture
async def orders(clean_database: Database) -> AsyncIterator[Orders]:
    """Orders of a process, on a database with a purpose and nobody's consent."""
    settings = clean_database.consent
    owner = await asyncpg.connect(clean_database.owner.dsn)
    try:
        await owner.execute(
            "DROP SCHEMA IF EXISTS racing CASCADE; CREATE SCHEMA racing; CREATE TABLE racing.merged (person bigint PRIMARY KEY)"
        )
        async with open_runner(settings.dsn, server_settings={**settings.server_settings, **SESSION}) as runner:

            async def publish(tx: Transaction) -> None:
                await tx.catalogue.publish([purpose()], [], at=day(0))

            await PostgresTransactor(runner, KEYS).run(publish)
        yield Orders(settings.dsn, dict(settings.server_settings), clean_database.owner.dsn, 1, time.monotonic(), 0)
    finally:
        await owner.execute("DROP SCHEMA racing CASCADE")
        await owner.close()


class Race:
    """Processes that race."""

    def __init__(self, processes: list[asyncio.subprocess.Process]) -> None:
        self._processes = processes

    async def freeze_some(self) -> None:
        """Stop one process after another where it stands, for a while each, whatever lock it holds."""
        chance = random.Random(2)
        while True:
            await asyncio.sleep(chance.uniform(0.2, 0.8))
            process = chance.choice(self._processes)
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGSTOP)
                try:
                    await asyncio.sleep(chance.uniform(0.1, 0.5))
                finally:
                    process.send_signal(signal.SIGCONT)

    async def results(self) -> list[Done]:
        outputs = await asyncio.gather(*(process.stdout.read() for process in self._processes))
        assert [await process.wait() for process in self._processes] == [0] * len(self._processes)
        return [Done(**done) for output in outputs for done in json.loads(output)]


@asynccontextmanager
async def racing(orders: Orders, answers: int) -> AsyncIterator[Race]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}
    processes = []
    try:
        for number in range(PROCESSES):
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.integration.consent.racing",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=ROOT, env=environment, limit=1 << 30,
            )  # fmt: skip
            processes.append(process)
            process.stdin.write(json.dumps(asdict(replace(orders, seed=number, answers=answers // PROCESSES))).encode())
            await process.stdin.drain()
            process.stdin.close()
        yield Race(processes)
    finally:
        for process in processes:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def slow_down(database: Database) -> None:
    """Hold up all writers, then all readers, for a moment each."""
    owner = await asyncpg.connect(database.owner.dsn)
    try:
        while True:
            for lock in ("SELECT FROM consent.revision FOR UPDATE", "LOCK TABLE consent.event IN ACCESS EXCLUSIVE MODE"):
                await asyncio.sleep(0.5)
                async with owner.transaction():
                    await owner.execute(lock)
                    await owner.execute("SELECT pg_sleep(0.15)")
    finally:
        await owner.close()


async def run(orders: Orders, answers: int, *trouble) -> Findings:
    async with racing(orders, answers) as race:
        tasks = [asyncio.create_task(one(race)) for one in trouble]
        try:
            return check(await race.results())
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.timeout(0 if ANSWERS > 50_000 else 300)
async def test_every_decision_knows_what_was_acknowledged_before_it(orders, clean_database):
    found = await run(orders, ANSWERS, Race.freeze_some, lambda _: slow_down(clean_database))
    assert (found.stale, found.permits, found.wrong) == ([], [], [])
    assert found.answers + found.refused >= ANSWERS - PROCESSES
    assert found.contended > found.answers * 0.05, f"they hardly met: {found}"
    assert found.after_withdrawal > found.answers * 0.02, f"hardly anything was withdrawn: {found}"
    assert found.refused < found.answers * 0.01, f"hardly anything was answered: {found}"


async def caught(orders: Orders, careless: str, wanted: str) -> Findings:
    """Race with a guard off until something goes wrong: chance may be kind once, with other people each time, but not six times."""
    for _ in range(6):
        found = await run(replace(orders, careless=careless), FEW)
        if getattr(found, wanted):
            return found
    raise AssertionError(f"no {wanted} without the guard: {found}")


async def test_a_decider_that_keeps_what_it_heard_is_caught(orders):
    found = await caught(orders, "hearing", "permits")  # somebody was permitted after a withdrawal that was acknowledged
    assert found.stale


async def test_a_decider_that_keeps_who_belongs_together_is_caught(orders):
    found = await caught(orders, "links", "wrong")  # somebody was permitted after a merge with somebody who had withdrawn
    assert not found.stale
