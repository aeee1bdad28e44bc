"""Entente as anyone runs it: its command line, a home of its own, mappings, no label and no option.

The truth never comes near: memberships are exported and measured here, beside the peer's.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.datasets import Dataset
from bench.frames import truth_of
from bench.measure import Run, run
from identity.domain.evaluation import evaluate

ENTENTE = Path(sys.executable).parent / "entente"
STEPS = ("ingest", "train", "link")


@dataclass(frozen=True, slots=True)
class Measured:
    """What a pipeline made of a set: memberships, seconds per step, peak memory over all steps."""

    memberships: dict[tuple[str, str], str]
    seconds: dict[str, float]
    peak_mb: float | None


def measure(dataset: Dataset) -> dict[str, Any]:
    """Ingest, train, link and export the set in a fresh home; return figures against the truth."""
    with tempfile.TemporaryDirectory(prefix="entente-bench-") as home:
        measured = _pipeline(dataset, Path(home))
    result = evaluate(truth_of(dataset), measured.memberships)
    total = sum(measured.seconds.values())
    return {"seconds": total, "steps": measured.seconds, "peak_mb": measured.peak_mb, "evaluation": result.to_json()}


def _pipeline(dataset: Dataset, home: Path) -> Measured:
    environment = {"ENTENTE_HOME": str(home)}
    out = home / "memberships.csv"
    runs: dict[str, list[Run]] = {step: [] for step in STEPS}

    def entente(*arguments: str | Path) -> Run:
        return run([ENTENTE, *arguments], environment=environment, mentioning=str(home))

    for source in dataset.sources:
        runs["ingest"].append(entente("ingest", source.data, "--mapping", source.mapping, "--json"))
    runs["train"].append(entente("train", "--json"))
    runs["link"].append(entente("link", "--json"))
    entente("export", "memberships", out)
    peaks = [done.peak_mb for step in runs.values() for done in step if done.peak_mb is not None]
    return Measured(
        _read(out),
        {step: sum(done.seconds for done in done_runs) for step, done_runs in runs.items()},
        max(peaks, default=None),
    )


def _read(path: Path) -> dict[tuple[str, str], str]:
    with path.open(encoding="utf-8", newline="") as lines:
        return {(row["source"], row["record_key"]): row["identity_id"] for row in csv.DictReader(lines)}
