"""Writes a population down: a file and a mapping per silo, and the truth beside.

``truth.csv`` (source, record_key, person_id) is for ``entente evaluate`` alone; nothing else may read it.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol, Self

import pyarrow as pa
import pyarrow.parquet as pq

from services.demo.population import SourceRow, population
from services.demo.silos import SILOS, Row, Silo

_FILES = {"crm": "crm.csv", "webshop": "webshop.jsonl", "callcentre": "callcentre.csv", "loyalty": "loyalty.parquet"}
_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class SiloFiles:
    """Where one silo's records and its mapping are."""

    source: str
    data: Path
    mapping: Path


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was written: the silos' files, the truth, how many records and how many people."""

    silos: tuple[SiloFiles, ...]
    truth: Path
    records: int
    people: int


class _Sink(Protocol):
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
    def write(self, rows: list[Row]) -> None: ...


def write_population(directory: Path, *, seed: int, people: int | None = None, records: int | None = None) -> Manifest:
    """Write the four silos of a population into ``directory``, made when absent; same seed and size, same bytes.

    Raises:
        ValueError: neither or both of ``people`` and ``records`` are given.
    """
    rows = population(seed, people=people, records=records)
    directory.mkdir(parents=True, exist_ok=True)
    truth = directory / "truth.csv"
    persons: set[str] = set()
    count = 0
    with ExitStack() as stack:
        sinks = {silo.name: stack.enter_context(_sink(silo, directory)) for silo in SILOS}
        truth_rows = csv.writer(stack.enter_context(truth.open("w", encoding="utf-8", newline="")), lineterminator="\n")
        truth_rows.writerow(("source", "record_key", "person_id"))
        for batch in _batches(rows):
            for silo in SILOS:
                sinks[silo.name].write([row.values for row in batch if row.silo is silo])
            truth_rows.writerows((row.silo.name, row.key, row.person_id) for row in batch)
            persons.update(row.person_id for row in batch)
            count += len(batch)
    silos = tuple(_with_mapping(silo, directory) for silo in SILOS)
    return Manifest(silos, truth, count, len(persons))


def _batches(rows: Iterator[SourceRow]) -> Iterable[list[SourceRow]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _with_mapping(silo: Silo, directory: Path) -> SiloFiles:
    mapping = directory / f"{silo.name}.toml"
    shipped = Path(__file__).parent / "mappings" / mapping.name
    mapping.write_text(shipped.read_text(encoding="utf-8"), encoding="utf-8")
    return SiloFiles(silo.name, directory / _FILES[silo.name], mapping)


def _sink(silo: Silo, directory: Path) -> _Sink:
    path = directory / _FILES[silo.name]
    if path.suffix == ".jsonl":
        return _JsonLines(silo, path)
    if path.suffix == ".parquet":
        return _Parquet(silo, path)
    return _Csv(silo, path, *((";", "latin-1") if silo.name == "crm" else (",", "utf-8")))


class _Csv:
    def __init__(self, silo: Silo, path: Path, delimiter: str, encoding: str) -> None:
        # What the encoding lacks becomes a question mark, as old exports do; the names of the demo have nothing of the kind.
        self._file = path.open("w", encoding=encoding, errors="replace", newline="")
        self._rows = csv.writer(self._file, delimiter=delimiter, lineterminator="\n")
        self._rows.writerow(silo.columns)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()

    def write(self, rows: list[Row]) -> None:
        self._rows.writerows(rows)


class _JsonLines:
    def __init__(self, silo: Silo, path: Path) -> None:
        self._columns = silo.columns
        self._file = path.open("w", encoding="utf-8", newline="\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()

    def write(self, rows: list[Row]) -> None:
        for row in rows:
            known = {column: value for column, value in zip(self._columns, row, strict=True) if value is not None}
            self._file.write(json.dumps(known, ensure_ascii=False) + "\n")


class _Parquet:
    def __init__(self, silo: Silo, path: Path) -> None:
        self._schema = pa.schema([(column, pa.string()) for column in silo.columns])
        self._writer = pq.ParquetWriter(path, self._schema)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._writer.close()

    def write(self, rows: list[Row]) -> None:
        columns = list(zip(*rows, strict=True)) or [()] * len(self._schema)
        self._writer.write_table(pa.table([pa.array(values, pa.string()) for values in columns], schema=self._schema))
