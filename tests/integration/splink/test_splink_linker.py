"""The linker port on real Splink in a real worker process."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pytest

from identity.adapters.splink_duckdb import process
from identity.adapters.splink_duckdb.linker import SplinkLinker
from identity.adapters.splink_duckdb.wire import row_batch, row_schema
from identity.domain.attributes import StandardAttributes
from identity.domain.edge import Edge, EdgeGrade
from identity.domain.errors import IdentityError, Reason
from identity.domain.model.blocking import Blocking, block_keys
from identity.domain.model.bundle import Bundle, Thresholds
from identity.domain.model.decision import Decider
from identity.domain.model.declaration import Veto
from identity.domain.model.scorer import Scorer
from identity.domain.source_record import RecordId
from identity.ports.linker import LinkerProgress, LinkerRow
from tests.builders.models import BLOCKING, bundle
from tests.fakes.python_linker import PythonLinker

VETO = Veto("born otherwise", when=(("given_name", ("exact",)), ("birth", ("different", "decade"))), unless=(("email", ("exact",)),))
CANARY = "zzcanaryzz"


def people(count: int, seed: int = 1) -> list[StandardAttributes]:
    rng = random.Random(seed)
    given = ["jean", "marie", "anne", "jean pierre", "luc", "zoe", "paul", "lea"]
    family = ["martin", "durand", "petit", "roux", "faure", "blanc", "garnier", "lopez", "legrand", "colin"]
    rows: list[StandardAttributes] = []
    for _ in range(count):
        who = rng.randrange(count // 3)
        own = random.Random(who)
        rows.append(
            {
                "given_name": own.choice(given) if rng.random() > 0.1 else None,
                "family_name": own.choice(family),
                "birth_name": None,
                "birth_date": f"19{own.randint(40, 99)}-{own.randint(1, 12):02}-{own.randint(1, 28):02}",
                "email": f"{who}@courriel.example" if rng.random() > 0.5 else None,
                "x_size": None,
            }
        )
    return rows


def tagged(rows: Sequence[StandardAttributes], blocking: Blocking) -> list[LinkerRow]:
    return [
        LinkerRow(RecordId(UUID(int=(n * 7919) % 100_003)), tuple(hash(key) >> 1 for key in block_keys(blocking, row)), row)
        for n, row in enumerate(rows)
    ]


async def batches(rows: Sequence[LinkerRow], size: int = 400) -> AsyncIterator[Sequence[LinkerRow]]:
    for first in range(0, len(rows), size):
        yield rows[first : first + size]


def by_hand(rows: Sequence[LinkerRow], model: Bundle) -> set[Edge]:
    """The same by the Python scorer over the same blocks."""
    scorer, decider = Scorer(model), Decider(model)
    blocks: dict[int, list[int]] = {}
    for place, row in enumerate(rows):
        for tag in set(row.block_tags):
            blocks.setdefault(tag, []).append(place)
    pairs = {(a, b) for block in blocks.values() if len(block) <= model.declaration.blocking.cap for a in block for b in block if a < b}
    encoded = [scorer.encode(row.standard) for row in rows]
    edges = set()
    for a, b in pairs:
        score = scorer.score(encoded[a], encoded[b])
        decision = decider.decide(score.pattern, score.match_weight, score.household_adjustment)
        if score.match_weight >= model.thresholds.review and decision.grade is not None:
            one, other = sorted((rows[a].record_id, rows[b].record_id))
            edges.add(Edge(one, other, score.match_weight, decision.decision_weight, decision.grade))
    return edges


async def test_batch_edges_are_those_of_the_python_scorer_over_the_same_blocks() -> None:
    model = bundle(vetoes=(VETO,), blocking=replace(BLOCKING, cap=12), thresholds=Thresholds(14.0, 9.0, 6.0, -8.0, "wide"))
    rows = tagged(people(900), BLOCKING)
    seen: list[LinkerProgress] = []
    prediction = await SplinkLinker(memory_mb=700).predict(batches(rows), bundle=model, progress=seen.append)
    expected = by_hand(rows, model)
    found = set(prediction.edges)
    assert len(found) == len(prediction.edges)
    assert found == expected
    assert {e.grade for e in found} >= {EdgeGrade.LINK, EdgeGrade.REVIEW, EdgeGrade.VETO}
    assert prediction.records == 900
    assert prediction.pairs > len(found)
    assert prediction.truncated_blocks > 0
    assert {p.stage for p in seen} == {"loading", "scoring"}
    assert seen[-1].done == seen[-1].total > 0


async def test_the_fake_linker_of_the_unit_tests_predicts_what_splink_does() -> None:
    model = bundle(blocking=replace(BLOCKING, cap=12))
    rows = tagged(people(600, seed=3), BLOCKING)
    real = await SplinkLinker(memory_mb=500).predict(batches(rows), bundle=model)
    fake = await PythonLinker().predict(batches(rows), bundle=model)
    assert set(real.edges) == set(fake.edges)
    assert replace(real, edges=[]) == replace(fake, edges=[])


async def test_an_empty_run_finds_nothing() -> None:
    prediction = await SplinkLinker(memory_mb=500).predict(batches([]), bundle=bundle())
    assert (prediction.edges, prediction.records, prediction.pairs) == ([], 0, 0)


async def test_too_little_memory_is_a_clear_failure_and_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = tagged([{**row, "family_name": CANARY * 50} for row in people(60_000)], BLOCKING)
    with pytest.raises(IdentityError) as failure:
        await SplinkLinker(memory_mb=25).predict(batches(rows, 20_000), bundle=bundle())
    assert failure.value.reason is Reason.LINKER_FAILED
    assert failure.value.facts["why"] == "out-of-memory"
    assert CANARY not in str(failure.value)
    assert not list(tmp_path.iterdir())


async def test_a_killed_worker_is_a_clear_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[asyncio.subprocess.Process] = []
    real = process._start

    async def remember(results: int) -> asyncio.subprocess.Process:
        started.append(await real(results))
        return started[-1]

    monkeypatch.setattr(process, "_start", remember)

    def kill(_: LinkerProgress) -> None:
        os.kill(started[0].pid, signal.SIGKILL)

    with pytest.raises(IdentityError) as failure:
        await SplinkLinker(memory_mb=500).predict(batches(tagged(people(900), BLOCKING)), bundle=bundle(), progress=kill)
    assert failure.value.reason is Reason.LINKER_FAILED
    assert failure.value.facts == {"why": "killed", "signal": 9}
    assert started[0].returncode == -9


async def test_a_cancelled_run_takes_its_worker_along(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[asyncio.subprocess.Process] = []
    real = process._start

    async def remember(results: int) -> asyncio.subprocess.Process:
        started.append(await real(results))
        return started[-1]

    async def never_ending() -> AsyncIterator[Sequence[LinkerRow]]:
        yield tagged(people(30), BLOCKING)
        await asyncio.sleep(60)

    monkeypatch.setattr(process, "_start", remember)
    run = asyncio.create_task(SplinkLinker(memory_mb=500).predict(never_ending(), bundle=bundle()))
    while not started:
        await asyncio.sleep(0.01)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert started[0].returncode is not None


async def test_a_fault_in_the_worker_tells_its_kind_and_no_value() -> None:
    async def rows() -> AsyncIterator[pa.RecordBatch]:
        yield row_batch([LinkerRow(RecordId(UUID(int=1)), (1,), {"email": CANARY})], 0, ("email",))

    header = {"job": CANARY, "memory_mb": 100, "threads": 1}
    with pytest.raises(IdentityError) as failure:
        await process.run_job(header, row_schema(("email",)), rows(), result=lambda _: None, tell=lambda *_: None)
    assert failure.value.facts == {"why": "KeyError", "stage": "starting"}
