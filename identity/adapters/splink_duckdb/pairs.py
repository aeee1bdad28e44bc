"""Blocked pairs by SQL over the blocking tags, in chunks that fit in memory.

A block over the cap contributes nothing, exactly as in real time (DESIGN §4.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from identity.adapters.splink_duckdb.engine import Engine

CHUNK_PAIRS = 1_000_000
"""Upper bound of the pairs in a chunk: bounds the worker's memory (about 100 bytes a pair and comparison)."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """What blocking comes to. ``pairs`` counts a pair once for each key it shares."""

    pairs: int
    truncated: int
    largest: int


def prepare_blocks(engine: Engine, cap: int) -> Blocks:
    """Keep the blocks of 2 to ``cap`` records in table ``blocked`` (idx, tag, size)."""
    run = engine.connection.execute
    run("CREATE TABLE sizes AS SELECT tag, count(*) AS size FROM block_tags GROUP BY tag HAVING count(*) > 1")
    run("CREATE TABLE blocked AS SELECT idx, tag, size FROM block_tags JOIN sizes USING (tag) WHERE size <= ?", [cap])
    run("DROP TABLE block_tags")
    counted = run(
        "SELECT coalesce(sum(size * (size - 1) // 2) FILTER (size <= $1), 0)::BIGINT, count(*) FILTER (size > $1), coalesce(max(size), 0)"
        " FROM sizes",
        [cap],
    ).fetchall()
    run("DROP TABLE sizes")
    return Blocks(*counted[0])


def chunks(engine: Engine, most: int = CHUNK_PAIRS) -> Iterator[tuple[int, int, int]]:
    """Yield (first left idx, end of left idx, pairs at most) so that no chunk is larger than ``most``, if one record allows it."""
    rows = engine.connection.execute(
        "SELECT idx, sum(size - place)::BIGINT FROM"
        " (SELECT idx, size, row_number() OVER (PARTITION BY tag ORDER BY idx) AS place FROM blocked) GROUP BY idx ORDER BY idx"
    ).fetchall()
    first, held = 0, 0
    for idx, pairs in rows:
        if held and held + pairs > most:
            yield first, idx, held
            first, held = idx, 0
        held += pairs
    if held:
        yield first, rows[-1][0] + 1, held


def block(engine: Engine, first: int, end: int, table: str) -> int:
    """Make ``table`` of the distinct pairs whose left record lies in the chunk; return how many there are."""
    engine.connection.execute(
        f"CREATE TABLE {table} AS SELECT DISTINCT l.idx AS join_key_l, r.idx AS join_key_r, '0' AS match_key "
        "FROM blocked AS l JOIN blocked AS r ON l.tag = r.tag AND r.idx > l.idx WHERE l.idx >= ? AND l.idx < ?",
        [first, end],
    )
    found: tuple[int, ...] = engine.connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0]
    return found[0]
