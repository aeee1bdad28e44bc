"""Rows of a set as the peers get them: canonical attributes, read through the mapping by code that the product does not share."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bench.datasets import Dataset, Source

Record = tuple[str, str, dict[str, str]]


def records(dataset: Dataset) -> Iterator[Record]:
    """Every record of the set: source, key, and raw canonical attributes (extras as ``x_<name>``)."""
    for source in dataset.sources:
        yield from _records_of(source)


def truth_of(dataset: Dataset) -> dict[tuple[str, str], str]:
    """Return the person of each (source, record key)."""
    with dataset.truth.open(encoding="utf-8", newline="") as lines:
        return {(row["source"], row["record_key"]): row["person_id"] for row in csv.DictReader(lines)}


def mapping_of(source: Source) -> dict[str, Any]:
    """Return the mapping as TOML has it."""
    return tomllib.loads(source.mapping.read_text(encoding="utf-8"))


def date_formats(source: Source) -> dict[str, str]:
    """Return the declared date format of each attribute that has one."""
    attributes = mapping_of(source)["attributes"]
    return {name: spec["format"] for name, spec in attributes.items() if isinstance(spec, dict) and "format" in spec}


def raw_table(dataset: Dataset) -> pa.Table:
    """The set as one table: ``unique_id`` (source:key), ``source`` and the raw attributes, lower case; missing ones null."""
    rows = list(records(dataset))
    names = sorted({name for _, _, raw in rows for name in raw})
    columns: dict[str, list[str | None]] = {
        "unique_id": [f"{source}:{key}" for source, key, _ in rows],
        "source": [source for source, _, _ in rows],
    }
    for name in names:
        columns[name] = [value.lower() if (value := raw.get(name)) else None for _, _, raw in rows]
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def _records_of(source: Source) -> Iterator[Record]:
    mapping = mapping_of(source)
    wanted: dict[str, list[str]] = {name: _columns(spec) for name, spec in mapping["attributes"].items()}
    wanted |= {f"x_{name}": [spec["column"]] for name, spec in mapping.get("extra", {}).items()}
    for row in _rows(source.data, mapping.get("format", {})):
        raw = {name: " ".join(text for column in columns if (text := (row.get(column) or "").strip())) for name, columns in wanted.items()}
        yield source.name, str(row[mapping["key"]]), {name: text for name, text in raw.items() if text}


def _columns(spec: str | dict[str, Any]) -> list[str]:
    if isinstance(spec, str):
        return [spec]
    return list(spec.get("columns", [spec.get("column")]))


def _rows(path: Path, form: dict[str, str]) -> Iterator[dict[str, Any]]:
    if path.suffix == ".parquet":
        for batch in pq.ParquetFile(path).iter_batches():
            yield from batch.to_pylist()
        return
    with path.open(encoding=form.get("encoding", "utf-8"), newline="") as lines:
        if path.suffix == ".jsonl":
            yield from (json.loads(line) for line in lines)
        else:
            yield from csv.DictReader(lines, delimiter=form.get("delimiter", ","))
