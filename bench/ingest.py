"""Speed of bulk ingest: each of the French silos, as ``entente ingest`` takes it into a fresh home.

``python -m bench.ingest [--records 600000]`` (people's records over four files: CSV in two encodings, JSON Lines, Parquet). Records per
second are the command's own figure, from the opening of the file to the last transaction; making the database of a fresh home is in the
seconds of the whole command. Memory is the peak of the command's own process,
without its lanes and the database.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import machine
from bench.datasets import Source, prepare
from bench.measure import run
from bench.pipeline import ENTENTE


def main() -> int:
    """Measure every file of the set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=600_000)
    parser.add_argument("--out", type=Path, default=Path("out/bench"))
    options = parser.parse_args()
    where = machine.describe()
    with tempfile.TemporaryDirectory(prefix="entente-sets-") as files:
        rows = [_measure(source) for source in prepare("french", Path(files), None, records=options.records).sources]
    _write(options.out, rows, where)
    return 0


def _measure(source: Source) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="entente-bench-") as home:
        command = [ENTENTE, "ingest", source.data, "--mapping", source.mapping, "--json"]
        done = run(command, environment={"ENTENTE_HOME": home}, whole=False)
    summary = json.loads(done.output)
    row = {
        "file": source.data.name,
        "format": ", ".join(filter(None, (summary["format"], summary["encoding"]))),
        "rows": summary["read"],
        "records_per_second": summary["records_per_second"],
        "seconds": done.seconds,
        "own_peak_mb": done.own_peak_mb,
    }
    print(json.dumps(row), file=sys.stderr)
    return row


def _write(out: Path, rows: Sequence[dict[str, Any]], where: dict[str, object]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    header = "| file | format | rows | records per second | seconds of the command | its peak memory, MB |\n|" + " --- |" * 6
    lines = [
        f"| {row['file']} | {row['format']} | {row['rows']:,} | {row['records_per_second']:,} | {row['seconds']:.1f} | "
        f"{_megabytes(row['own_peak_mb'])} |"
        for row in rows
    ]
    table = "\n".join([header, *lines])
    text = f"# Bulk ingest\n\n{table}\n\n{machine.line(where)}\n"
    (out / "ingest.md").write_text(text, encoding="utf-8")
    (out / "ingest.json").write_text(json.dumps({"machine": where, "rows": rows}, indent=2), encoding="utf-8")
    print(text)


def _megabytes(size: float | None) -> str:
    return f"{size:.0f}" if size else "–"


if __name__ == "__main__":
    sys.exit(main())
