"""Accuracy: Entente with no configuration beside Splink with an expert's, on the same files in the same run.

``python -m bench.accuracy [--sets french,fake_20000,…] [--records 20000,100000] [--people-data DIR] [--out out/bench]``
prints a table and writes it as Markdown and JSON. ``--only ours`` or ``--only splink`` measures one side.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import machine, pipeline
from bench.datasets import SETS, DataMissingError, Dataset, default_people_data, prepare
from bench.measure import CommandFailedError, run

Figures = dict[str, Any]


def main() -> int:
    """Measure the sets asked for; 1 when a side failed on one of them."""
    options = read_options()
    where = machine.describe()
    rows: list[Figures] = []
    for name, size in wanted(options):
        with tempfile.TemporaryDirectory(prefix="entente-sets-") as directory:
            try:
                dataset = prepare(name, Path(directory), options.people_data, records=size)
            except DataMissingError as missing:
                print(f"left out: {missing}", file=sys.stderr)
                continue
            rows.append(_row(dataset, Path(directory), options.only))
            print(f"{dataset.name}: {_cells(rows[-1])}", file=sys.stderr)
    _write(options.out, rows, where)
    return int(any("error" in row.get(side, {}) for row in rows for side in ("ours", "splink")))


def _row(dataset: Dataset, directory: Path, only: str | None) -> Figures:
    row: Figures = {"set": dataset.name, "records": dataset.records}
    if only != "splink":
        row["ours"] = _try(lambda: pipeline.measure(dataset))
    if only != "ours":
        row["splink"] = _try(lambda: _splink(directory))
    return row


def _splink(directory: Path) -> Figures:
    done = run([sys.executable, "-m", "bench.peers", directory])
    return {**json.loads(done.output), "peak_mb": done.peak_mb}


def _try(measure: Callable[[], Figures]) -> Figures:
    """A side that fails leaves its reason in the table; the other side and the other sets go on."""
    try:
        return measure()
    except CommandFailedError as failed:
        print(failed, file=sys.stderr)
        return {"error": str(failed).splitlines()[0]}


_HEADER = (
    "| set | records | Entente P / R / **F1** | B³ P / R / F1 | time s (ingest, train, link) | peak MB "
    "| Splink P / R / F1 at 0.95 (oracle F1) | B³ F1 | time s | peak MB |\n|" + " --- |" * 10
)


def _cells(row: Figures) -> str:
    ours, splink = row.get("ours", {}), row.get("splink", {})
    steps = ours.get("steps", {})
    took = f"{ours['seconds']:.0f} ({', '.join(f'{steps[step]:.0f}' for step in pipeline.STEPS)})" if steps else "–"
    oracle = splink.get("oracle")
    bracket = f" ({oracle['evaluation']['pairwise']['f1']:.3f})" if oracle else ""
    cells = (
        row["set"],
        f"{row['records']:,}",
        _agreement(ours, "pairwise", bold=True),
        _agreement(ours, "b3"),
        took,
        _megabytes(ours),
        _agreement(splink, "pairwise") + bracket,
        f"{splink['evaluation']['b3']['f1']:.3f}" if "evaluation" in splink else "–",
        f"{splink['seconds']:.0f}" if "seconds" in splink else "–",
        _megabytes(splink),
    )
    return "| " + " | ".join(cells) + " |"


def _agreement(side: Figures, kind: str, *, bold: bool = False) -> str:
    if "error" in side:
        return "failed"
    if "evaluation" not in side:
        return "–"
    figures = side["evaluation"][kind]
    mark = "**" if bold else ""
    return f"{figures['precision']:.3f} / {figures['recall']:.3f} / {mark}{figures['f1']:.3f}{mark}"


def _megabytes(side: Figures) -> str:
    return f"{side['peak_mb']:,.0f}" if side.get("peak_mb") else "–"


def _write(out: Path, rows: list[Figures], where: dict[str, object]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    table = "\n".join([_HEADER, *map(_cells, rows)])
    note = (
        "Pairwise and B³ precision, recall, F1 of the identities against the known truth; "
        "both engines decide by themselves, without labels. "
        "In brackets: Splink at the best threshold chosen with the truth, an upper bound. Memory is the peak PSS of all processes.\n\n"
        f"{machine.line(where)}\n"
    )
    (out / "accuracy.md").write_text(f"# Accuracy\n\n{table}\n\n{note}", encoding="utf-8")
    (out / "accuracy.json").write_text(json.dumps({"machine": where, "rows": rows}, indent=2), encoding="utf-8")
    print(f"{table}\n\n{note}")


def wanted(options: argparse.Namespace) -> list[tuple[str, int]]:
    """Return sets and sizes; only the French set comes in several."""
    sizes = [int(size) for size in options.records.split(",")]
    return [(name, size) for name in options.sets.split(",") for size in (sizes if name == "french" else sizes[:1])]


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", default=",".join(SETS), help=f"comma-separated, of {', '.join(SETS)}")
    parser.add_argument("--records", default="20000,100000", help="sizes of the French set, comma-separated")
    where = "directory of fake_*, historical_*; else ENTENTE_BENCH_DATA, else ../shared/data/people"
    parser.add_argument("--people-data", type=Path, default=default_people_data(), help=where)
    parser.add_argument("--out", type=Path, default=Path("out/bench"))
    parser.add_argument("--only", choices=("ours", "splink"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
