"""The training job, inside the worker: rows in, counts made by DuckDB, the model learnt by the domain, bundle and report out.

The bundle holds term tables, that is names, so it leaves by the results pipe like everything personal, never with the report line.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import asdict
from io import IOBase

import pyarrow as pa

from identity.adapters.splink_duckdb.engine import Engine
from identity.adapters.splink_duckdb.train_counting import Counting
from identity.adapters.splink_duckdb.wire import Header, Report, Tell
from identity.domain.attributes import ComparisonKind
from identity.domain.errors import IdentityError
from identity.domain.model.codec import canonical
from identity.domain.training.assembly import MAX_BLOCK, Counted, assemble, require_enough
from identity.domain.training.comparisons import declare_comparisons
from identity.domain.training.rules import propose_rules
from identity.domain.training.selection import affordable

_RESULT_FIELDS: list[tuple[str, pa.DataType]] = [("bundle", pa.binary()), ("report", pa.string())]
RESULT = pa.schema(_RESULT_FIELDS)
SEPARATOR = ":"
"""Between an extra's name and its kind, in the keys of the ``extras`` column."""


def training_schema(columns: tuple[str, ...]) -> pa.Schema:
    """Return the schema of the rows: position, standard columns, extras (``x_name:kind`` to value)."""
    fields: list[tuple[str, pa.DataType]] = [("idx", pa.int64())]
    fields.extend((column, pa.string()) for column in columns)
    fields.append(("extras", pa.map_(pa.string(), pa.string())))
    return pa.schema(fields)


def train(engine: Engine, header: Header, rows: pa.RecordBatchReader, out: IOBase, tell: Tell) -> Report:
    """Learn a model from the rows and write it out. A refusal is reported, not raised, so that its facts come through."""
    started = time.perf_counter()
    seconds: dict[str, float] = {}

    def lap(stage: str) -> None:
        nonlocal started
        seconds[stage] = round(time.perf_counter() - started, 3)
        started = time.perf_counter()

    try:
        records, columns, kinds = _load(engine, rows, tell)
        require_enough(records)
        lap("loading")
        counted = count(Counting(engine.connection, columns), records, kinds, tell)
        lap("counting")
        tell("learning", 0, 0)
        trained = assemble(counted, name=header["name"], standardiser=header["standardiser"])
        lap("learning")
    except IdentityError as refusal:
        return {"refused": refusal.reason.value, "facts": refusal.facts}
    report = {**asdict(trained.report), "seconds": seconds}
    batch = pa.RecordBatch.from_pydict({"bundle": [canonical(trained.bundle)], "report": [json.dumps(report)]}, schema=RESULT)
    with pa.ipc.new_stream(out, RESULT) as writer:
        writer.write_batch(batch)
    return {"records": records}


def count(counting: Counting, records: int, kinds: dict[str, ComparisonKind], tell: Tell) -> Counted:
    """Count what learning needs of the records in table ``incoming``."""
    columns = counting.statistics()
    comparisons = declare_comparisons(columns, kinds)
    tables = counting.term_tables({column for comparison in comparisons for column in comparison.frequency_columns})
    sampled = counting.sample(records)
    counting.make_frame(comparisons, tables)
    rules = propose_rules(columns)
    tell("blocking", 0, 0)
    counting.keys(rules)
    sizes = counting.sizes(rules, cap=MAX_BLOCK, share=sampled / records)
    tried = affordable(sizes, records)
    tell("comparing", 0, 0)
    patterns = counting.patterns(comparisons, tried, cap=max(2, round(MAX_BLOCK * sampled / records)))
    random = counting.random_pairs(comparisons)
    selves = counting.selves(comparisons)
    return Counted(records, sampled, columns, comparisons, sizes, tried, patterns, random, tables, selves, {}, kinds)


def _load(engine: Engine, rows: pa.RecordBatchReader, tell: Tell) -> tuple[int, tuple[str, ...], dict[str, ComparisonKind]]:
    """Read the rows into table ``incoming``, one column per standard column and extra; empty means missing."""
    columns = [name for name in rows.schema.names if name not in {"idx", "extras"}]
    texts = ", ".join(f"{column} VARCHAR" for column in columns)
    engine.connection.execute(f"CREATE TABLE arrived (idx BIGINT, {texts}, extras MAP(VARCHAR, VARCHAR))")
    cleaned = ", ".join(f"nullif({column}, '')" for column in columns)
    records = 0
    for batch in rows:
        engine.connection.register("batch", pa.Table.from_batches([batch]))
        engine.connection.execute(f"INSERT INTO arrived SELECT idx, {cleaned}, extras FROM batch")
        engine.connection.unregister("batch")
        records += batch.num_rows
        tell("loading", records, 0)
    kinds = _kinds(engine)
    extras = ""
    for name in kinds:
        found = ", ".join(f"extras['{name}{SEPARATOR}{kind.value}']" for kind in ComparisonKind)
        extras += f", nullif(coalesce({found}), '') AS {name}"
    engine.connection.execute(f"CREATE TABLE incoming AS SELECT idx, {', '.join(columns)}{extras} FROM arrived")
    engine.connection.execute("DROP TABLE arrived")
    return records, (*columns, *kinds), kinds


def _kinds(engine: Engine) -> dict[str, ComparisonKind]:
    """Return each extra with the kind that most records declare; a name that is no identifier is left out."""
    counted = engine.connection.execute("SELECT k, count(*) FROM (SELECT unnest(map_keys(extras)) AS k FROM arrived) GROUP BY k").fetchall()
    votes: dict[str, Counter[ComparisonKind]] = {}
    for key, count_of in counted:
        name, _, kind = key.partition(SEPARATOR)
        if name.isidentifier() and name.isascii() and name.islower():
            votes.setdefault(name, Counter())[ComparisonKind(kind)] += count_of
    return {name: max(sorted(vote), key=lambda kind: vote[kind]) for name, vote in sorted(votes.items())}
