"""Speed of ``ResolveIdentity`` over gRPC with mTLS: p50 and p99 with one question in flight, throughput with many, by size.

``python -m bench.resolve [--records 10000,100000,1000000] [--questions 2000]`` ingests and links the French silos in a fresh home,
serves them as ``entente serve`` does, and asks clumsy questions: a misspelt name and one or two contacts of somebody who is known.
Splink's ``predict_between`` for one record stands beside it. The load generator runs on the same machine: its share is in the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from entente.identity.v1 import comparison_pb2

from bench import machine
from bench.datasets import Dataset, prepare
from bench.frames import records
from bench.measure import CommandFailedError, run
from bench.pipeline import ENTENTE
from services.demo.chance import Chance
from services.demo.wear import typo
from services.identity.client import ClientIdentity, IdentityServices, connect
from services.wiring.certificates import Pki

CALLER, PURPOSE = "callcentre", "service"
IN_FLIGHT = 32
_READY_SECONDS = 60
_BETWEEN_SECONDS = 300.0
"""Longest that Splink may take beside us, training included: at a size where it takes longer the table has a dash, and says so."""

Question = dict[str, str]


def main() -> int:
    """Measure every size asked for."""
    options = read_options()
    where = machine.describe()
    rows = [_measure(int(size), options.questions) for size in options.records.split(",")]
    _write(options.out, rows, where)
    return 0


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", default="10000,100000,1000000")
    parser.add_argument("--questions", type=int, default=2_000)
    parser.add_argument("--out", type=Path, default=Path("out/bench"))
    return parser.parse_args()


def _measure(size: int, questions: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="entente-sets-") as files, tempfile.TemporaryDirectory(prefix="entente-bench-") as home:
        dataset = prepare("french", Path(files), None, records=size)
        row: dict[str, Any] = {"records": dataset.records}
        asked = list(_questions(dataset, questions))
        with _serving(dataset, Path(home)) as address:
            row |= asyncio.run(_ask_all(address, Path(home), asked))
        row["splink_predict_between_ms"] = _between(Path(files))
        print(json.dumps(row), file=sys.stderr)
        return row


def _questions(dataset: Dataset, count: int) -> Iterator[Question]:
    """Clumsy questions about people who are there: names as heard, one or two contacts."""
    chance = Chance(29)
    rows = [raw for source, _, raw in records(dataset) if source in {"crm", "loyalty"} and raw.get("given_name")]
    while count:
        raw = chance.pick(rows)
        contacts = [name for name in ("phone", "email", "postal_code") if name in raw]
        if not contacts:
            continue
        family = raw["family_name"]
        question = {"given_name": raw["given_name"], "family_name": typo(chance, family, heard=True) if chance.happens(0.3) else family}
        for _ in range(chance.between(1, 2)):
            name = chance.pick(contacts)
            question[name] = raw[name]
        yield question
        count -= 1


@contextmanager
def _serving(dataset: Dataset, home: Path) -> Iterator[str]:
    """Serve the set from ``home`` until done."""
    port = _free_port()
    environment = {"ENTENTE_HOME": str(home), "ENTENTE_PORT": str(port)}
    for source in dataset.sources:
        run([ENTENTE, "ingest", source.data, "--mapping", source.mapping, "--json"], environment=environment)
    run([ENTENTE, "train", "--json"], environment=environment)
    run([ENTENTE, "link", "--json"], environment=environment)
    with (home / "serve.log").open("wb") as log:
        server = subprocess.Popen([ENTENTE, "serve"], stdout=log, stderr=log, env={**os.environ, **environment})
        try:
            _await_port(port, server)
            yield f"127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=60)


async def _ask_all(address: str, home: Path, questions: Sequence[Question]) -> dict[str, Any]:
    files = Pki(home).client_files(CALLER)
    identity = ClientIdentity.read(files.key, files.certificate, files.authority)
    async with connect(address, identity) as services:
        for question in questions[:100]:
            await _ask(services, question)
        latencies: list[float] = []
        grades: Counter[str] = Counter()
        for question in questions:
            begun = time.perf_counter()
            grades[await _ask(services, question)] += 1
            latencies.append((time.perf_counter() - begun) * 1000)
        begun = time.perf_counter()
        crowd = await _crowd(services, questions)
        seconds = time.perf_counter() - begun
    return {
        "p50_ms": _quantile(latencies, 0.50),
        "p99_ms": _quantile(latencies, 0.99),
        "per_second": len(questions) / seconds,
        "p99_ms_32_in_flight": _quantile(crowd, 0.99),
        "grades": dict(grades),
    }


async def _crowd(services: IdentityServices, questions: Sequence[Question]) -> list[float]:
    waiting = iter(questions)
    latencies: list[float] = []

    async def asker() -> None:
        for question in waiting:
            begun = time.perf_counter()
            await _ask(services, question)
            latencies.append((time.perf_counter() - begun) * 1000)

    await asyncio.gather(*(asker() for _ in range(IN_FLIGHT)))
    return latencies


async def _ask(services: IdentityServices, question: Question) -> str:
    answer = await services.resolution.resolve(attributes=question, purpose=PURPOSE, recipient=CALLER)
    return comparison_pb2.Grade.Name(answer.resolution.grade).lower()


def _between(directory: Path) -> float | None:
    try:
        done = run([sys.executable, "-m", "bench.peers", directory, "--between"], limit_seconds=_BETWEEN_SECONDS)
    except CommandFailedError as failed:
        print(failed, file=sys.stderr)
        return None
    return float(json.loads(done.output)["median_ms"])


def _quantile(values: Sequence[float], share: float) -> float:
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_port(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in islice(iter(int, 1), _READY_SECONDS * 10):
        if server.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise CommandFailedError("entente serve did not come up")


def _write(out: Path, rows: Sequence[dict[str, Any]], where: dict[str, object]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    header = (
        "| records | p50 ms | p99 ms | per second, 32 in flight | p99 ms, 32 in flight | Splink predict_between, 1 record, ms |\n"
        "|" + " --- |" * 6
    )
    lines = [
        f"| {row['records']:,} | {row['p50_ms']:.1f} | {row['p99_ms']:.1f} | {row['per_second']:.0f} | {row['p99_ms_32_in_flight']:.1f} | "
        + (f"{between:.0f} |" if (between := row.get("splink_predict_between_ms")) else "– |")
        for row in rows
    ]
    table = "\n".join([header, *lines])
    late = f"– : Splink's training and five calls failed or took more than {_BETWEEN_SECONDS:.0f} s.\n\n"
    dash = "" if all(row.get("splink_predict_between_ms") for row in rows) else late
    text = f"# ResolveIdentity over gRPC (mTLS)\n\n{table}\n\n{dash}{machine.line(where)}\n"
    (out / "resolve.md").write_text(text, encoding="utf-8")
    (out / "resolve.json").write_text(json.dumps({"machine": where, "rows": rows}, indent=2), encoding="utf-8")
    print(text)


if __name__ == "__main__":
    sys.exit(main())
