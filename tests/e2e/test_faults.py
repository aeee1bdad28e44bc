"""What is acknowledged outlives every death: of a worker, a command, the server, PostgreSQL. Nothing is ever half-assigned."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import pytest

from services.database.embedded import embedded_database
from services.identity.client import CallFailedError
from tests.e2e.crowd import crowd, person
from tests.e2e.processes import (
    COLUMNS,
    Home,
    Running,
    Server,
    alive,
    count_records,
    database_of,
    half_assigned,
    postmaster,
    soon,
    stored_records,
)
from tests.fixtures_database import held_open

PERSONS = 3500
LARGE = 5 << 20
"""Bytes of a file that processes of their own take in."""

WORKER = "identity.adapters.splink_duckdb.worker"
LANE = "services.wiring.ingest_worker"
ATTRIBUTES = ("given_name", "family_name", "birth_date", "email", "phone")


@pytest.fixture
def home(home) -> Iterator[Home]:
    """A fresh home whose PostgreSQL stays up, so that looking into it is cheap."""
    with held_open(embedded_database(home.path)):
        yield home


@asynccontextmanager
async def ingest_under_way(home: Home, rows: list[tuple[str, ...]]) -> AsyncIterator[Running]:
    """An ingest that has stored something, and not all."""
    ballast = "." * (LARGE // len(rows))
    data = home.write("crm.csv", [(*row, ballast) for row in rows], (*COLUMNS, "unmapped"))
    words = ("ingest", data, "--mapping", home.mapping("crm"))
    async with database_of(home) as connection:
        with home.started(*words) as running:
            while not await count_records(connection):
                assert running.process.poll() is None, running.said()
                await asyncio.sleep(0.01)
            yield running


async def assert_it_goes_on(home: Home, rows: list[tuple[str, ...]], at_least: int) -> None:
    """Nothing that was stored is lost, nothing is half done, and the same command completes."""
    stored = await stored_records(home)
    assert at_least <= stored < len(rows), "it was killed on the way"
    assert await half_assigned(home) == {}
    again = home.ingest("crm", rows)
    assert (again["unchanged"], again["created"], again["rejected"]) == (stored, len(rows) - stored, 0)
    assert await half_assigned(home) == {}
    assert await stored_records(home) == len(rows)


# Ingest ---------------------------------------------------------------------------------------------------------------


async def test_an_ingest_that_is_killed_keeps_what_it_stored_and_goes_on_when_run_again(home):
    rows = crowd(PERSONS)
    async with ingest_under_way(home, rows) as running:
        lanes = running.children(LANE)
        assert lanes
        stored = await stored_records(home)
        running.kill()
        assert await soon(lambda: not any(map(alive, lanes)), 10), "its workers go with it"
    await assert_it_goes_on(home, rows, stored)


async def test_an_ingest_whose_workers_are_killed_says_so_and_goes_on_when_run_again(home):
    rows = crowd(PERSONS)
    async with ingest_under_way(home, rows) as running:
        stored = await stored_records(home)
        for lane in running.children(LANE):  # whatever each was doing
            os.kill(lane, signal.SIGKILL)
        assert await asyncio.to_thread(running.ended) == 3, running.said()
    assert "ingest-lane-died" in running.said()
    await assert_it_goes_on(home, rows, stored)


async def test_an_ingest_outlives_postgresql_or_says_that_it_is_gone(home):
    rows = crowd(PERSONS)
    async with ingest_under_way(home, rows) as running:
        stored = await stored_records(home)
        os.kill(postmaster(home), signal.SIGKILL)
        code = await asyncio.to_thread(running.ended)
    said = running.said()
    assert code in {0, 3}, said
    assert "Traceback" not in said
    assert "defect" not in said
    assert await half_assigned(home) == {}
    assert await stored_records(home) >= stored
    again = home.ingest("crm", rows)
    assert again["unchanged"] + again["created"] == len(rows) == await stored_records(home)
    assert await half_assigned(home) == {}


# Link -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def loaded(home) -> Home:
    """A bulk of records, each still in an identity of its own."""
    assert home.ingest("crm", crowd(2600))["linked"] is False
    return home


async def test_a_link_that_dies_in_any_way_changes_nothing_and_the_next_one_links(loaded):
    async with database_of(loaded) as connection:
        before = await current_assignments(connection)

        with loaded.started("link") as running:  # the command itself
            assert await soon(lambda: running.children(WORKER))
            (worker,) = running.children(WORKER)
            running.kill()
            assert await soon(lambda: not alive(worker), 10), "its worker goes with it"
        assert await current_assignments(connection) == before

        with loaded.started("link") as running:  # its worker
            assert await soon(lambda: running.children(WORKER))
            os.kill(running.children(WORKER)[0], signal.SIGKILL)
            assert await asyncio.to_thread(running.ended) == 3, running.said()
        assert "LINKER_FAILED" in running.said()
        assert "Traceback" not in running.said()
        assert await current_assignments(connection) == before

        with loaded.started("link") as running:  # PostgreSQL
            assert await soon(lambda: running.children(WORKER))
            os.kill(postmaster(loaded), signal.SIGKILL)
            code = await asyncio.to_thread(running.ended)
        assert code in {0, 3}, running.said()
        assert "Traceback" not in running.said()
        assert "defect" not in running.said()

    assert await half_assigned(loaded) == {}
    linked = loaded.report("link")
    assert linked["identities_after"] < 0.6 * linked["records"]
    assert await half_assigned(loaded) == {}


async def current_assignments(connection: asyncpg.Connection) -> set[tuple[object, object]]:
    rows = await connection.fetch("SELECT record_id, identity_id FROM identity.assignment WHERE valid_to IS NULL")
    return {(row["record_id"], row["identity_id"]) for row in rows}


# Serve ----------------------------------------------------------------------------------------------------------------


class Client:
    """Ingests records of the crm over gRPC, one request after another, repeating a request until it is acknowledged."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.server: Server
        self.acknowledged: set[str] = set()
        self.retried = 0

    async def go_on(self, lane: int) -> None:
        number = lane
        while True:
            request_id, key = uuid4(), f"{number}-0"
            record = {key: dict(zip(ATTRIBUTES, person(number // 4), strict=True))}
            while key not in self.acknowledged:
                try:
                    async with self.server.as_caller("crm", 3.0) as services:
                        await services.records.ingest("crm", record, request_id=request_id)
                        self.acknowledged.add(key)
                except CallFailedError as failed:
                    if failed.refusal.code not in {"UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED"}:
                        raise
                    self.retried += 1
                    await asyncio.sleep(0.05)
            number += 2


async def test_a_server_under_load_is_killed_and_killed_and_every_acknowledged_record_is_there(home):
    client = Client(home)
    lanes: list[asyncio.Task[None]] = []
    async with database_of(home):
        for round_ in range(3):
            began = time.monotonic()
            with home.served(ENTENTE_WORKERS="2") as client.server:
                if round_:
                    assert time.monotonic() - began < 5 * patience(), "a restart takes at most five seconds"
                lanes = lanes or [asyncio.create_task(client.go_on(lane)) for lane in range(2)]
                await acknowledged(client, 30, lanes)
                workers = client.server.running.children()
                if round_ == 0:
                    client.server.running.kill()  # the parent: its workers must go too
                    assert await soon(lambda workers=workers: not any(map(alive, workers)), 10)
                elif round_ == 1:
                    os.kill(workers[0], signal.SIGKILL)  # a worker: it is replaced
                    await acknowledged(client, 20, lanes)
                    os.kill(postmaster(home), signal.SIGKILL)  # PostgreSQL: it comes back
                    await acknowledged(client, 20, lanes)
                else:
                    for lane in lanes:
                        lane.cancel()
                    await asyncio.gather(*lanes, return_exceptions=True)
        assert client.retried, "requests were under way when it was killed"
        assert await half_assigned(home) == {}
        assert client.acknowledged <= {key for source, key in home.memberships() if source == "crm"}
        stored = await stored_records(home)
    assert len(client.acknowledged) <= stored <= len(client.acknowledged) + 2, "at most the last of each lane was stored unacknowledged"


async def acknowledged(client: Client, more: int, lanes: list[asyncio.Task[None]]) -> None:
    """Wait until so many more records are acknowledged."""
    goal = len(client.acknowledged) + more

    def done() -> bool:
        return len(client.acknowledged) >= goal or any(lane.done() for lane in lanes)

    assert await soon(done, 30), f"{len(client.acknowledged)} of {goal}; {client.server.running.said()[-2000:]}"
    for lane in lanes:
        if lane.done():
            lane.result()


def patience() -> float:
    """How much longer things take because other work shares the machine (at least once as long)."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
