"""Counting for training: what DuckDB tells the domain of the data, and nothing else.

From a frame of standardised records: how each column is filled, how large each blocking rule's blocks are, which agreement patterns
the blocked pairs and random pairs show, and how frequent values are. The SQL of a level is the one that predicts (``rendering``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb
import numpy as np
import pyarrow as pa

from identity.adapters.splink_duckdb.rendering import condition_sql, derived_name, derived_sql, features_of
from identity.domain.model.blocking import Blocking, BlockingRule, CompiledBlocking
from identity.domain.model.bundle import TermTable
from identity.domain.model.declaration import Comparison, Declaration, Role
from identity.domain.model.levels import Exact, Otherwise
from identity.domain.training.patterns import GROWTH, Floats, Patterns, RandomPairs
from identity.domain.training.selection import RuleSize
from identity.domain.training.statistics import ColumnStatistics

SAMPLE = 150_000
"""Records compared at most; of more, a fixed share is taken."""
RANDOM_PAIRS = 300_000
"""Pairs drawn to learn chance agreement."""
PATTERN_PAIRS = 4_000_000
"""Blocked pairs compared at most; beyond it a fixed share of them is taken."""
LEAST_COUNT = 5
"""A value must occur this often to stand in a term table."""
_ROWS = 50_000
_FOUND = "found_by, still_found_by, "


class Counting:
    """Counts over one frame of records in a DuckDB that nothing else uses."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, columns: tuple[str, ...]) -> None:
        self._db = connection
        self._columns = columns
        self.sampled = 0

    def sample(self, records: int) -> int:
        """Take the records that will be compared out of table ``incoming`` (``idx`` and the columns); return how many."""
        every = max(1, -(-records // SAMPLE))
        self._db.execute(f"CREATE TABLE sampled AS SELECT * FROM incoming WHERE hash(idx) % {every} = 0")
        (self.sampled,) = self._row("SELECT count(*) FROM sampled")
        return self.sampled

    def statistics(self) -> dict[str, ColumnStatistics]:
        """Return how each column is filled."""
        found = {}
        for column in self._columns:
            records, filled, distinct, dates, numbers = self._row(
                f"SELECT count(*), count({column}), count(DISTINCT {column}), "
                f"avg(regexp_full_match({column}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}')::int), "
                f"avg(regexp_full_match({column}, '-?[0-9]+(\\.[0-9]+)?')::int) FROM incoming"
            )
            found[column] = ColumnStatistics(records, filled, distinct, dates or 0.0, numbers or 0.0)
        return found

    def term_tables(self, columns: Iterable[str], *, limit: int = 200_000) -> dict[str, TermTable]:
        """Return the frequencies of values that enough records share; the rest have the frequency an occurrence of them has on average."""
        tables = {}
        for column in columns:
            counted = self._db.execute(
                f"SELECT {column}, count(*) AS n FROM incoming WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY n DESC, 1"
            ).fetchall()
            total = sum(n for _, n in counted)
            listed = {value: n for value, n in counted[:limit] if n >= LEAST_COUNT}
            rest = [n for value, n in counted if value not in listed]
            unseen = sum(n * n for n in rest) / sum(rest) / total if rest else 1.0 / total
            tables[column] = TermTable(total, dict(sorted(listed.items())), LEAST_COUNT, unseen)
        return tables

    def make_frame(self, comparisons: tuple[Comparison, ...], tables: Mapping[str, TermTable]) -> None:
        """Derive what the comparisons need, once per record."""
        needed = Declaration(comparisons, Blocking(()))
        derived = "".join(f", {derived_sql(c, f)} AS {derived_name(c, f)}" for c, f in features_of(needed))
        joins, terms = "", ""
        for column, table in tables.items():
            frequencies = [n / table.total for n in table.counts.values()]
            listed = pa.table({"value": pa.array(list(table.counts), pa.string()), "tf": pa.array(frequencies, pa.float64())})
            self._db.register("listed", listed)
            self._db.execute(f"CREATE TABLE terms_{column} AS SELECT * FROM listed")
            self._db.unregister("listed")
            joins += f" LEFT JOIN terms_{column} ON {column} = terms_{column}.value"
            terms += f", CASE WHEN {column} IS NOT NULL THEN coalesce(terms_{column}.tf, {table.unseen!r}) END AS tf_{column}"
        names = ", ".join(needed.columns)
        self._db.execute(f"CREATE TABLE frame AS SELECT idx, {names}{derived}{terms} FROM sampled{joins}")

    def keys(self, rules: tuple[BlockingRule, ...]) -> None:
        """Compute the blocking keys of every record under every rule, by the one function that knows how."""
        self._db.execute("CREATE TABLE keys (rule SMALLINT, idx BIGINT, key UBIGINT)")
        names = ", ".join(self._columns)
        blocking, numbers = CompiledBlocking(Blocking(rules)), {rule.name: number for number, rule in enumerate(rules)}
        read = self._db.cursor()
        read.execute(f"SELECT idx, {names} FROM sampled ORDER BY idx")
        while rows := read.fetchmany(_ROWS):
            found: tuple[list[int], list[int], list[str]] = ([], [], [])
            for row in rows:
                for name, key in blocking.keys(dict(zip(self._columns, row[1:], strict=True))):
                    found[0].append(numbers[name])
                    found[1].append(row[0])
                    found[2].append(key)
            batch = pa.table({"rule": pa.array(found[0], pa.int16()), "idx": pa.array(found[1], pa.int64()), "key": pa.array(found[2])})
            self._db.register("batch", batch)
            self._db.execute("INSERT INTO keys SELECT rule, idx, hash(key) FROM batch")
            self._db.unregister("batch")

    def sizes(self, rules: tuple[BlockingRule, ...], *, cap: int, share: float) -> tuple[RuleSize, ...]:
        """Return what each rule costs. ``share`` is how much of all records the frame holds: blocks grow with what it left out."""
        rows = self._db.execute(
            "SELECT rule, coalesce(sum(n * (n - 1) / 2) FILTER (n <= $cap), 0) / $share / $share, count(*) FILTER (n > $cap) "
            "FROM (SELECT rule, key, count(*) AS n FROM keys GROUP BY ALL HAVING count(*) > 1) GROUP BY rule",
            {"cap": cap * share, "share": share},
        ).fetchall()
        known = {rule: (int(pairs), int(capped)) for rule, pairs, capped in rows}
        return tuple(RuleSize(rule, *known.get(number, (0, 0))) for number, rule in enumerate(rules))

    def patterns(self, comparisons: tuple[Comparison, ...], numbers: Iterable[int], *, cap: int) -> Patterns:
        """Return the agreement patterns of the pairs that the rules (by number) find in blocks of up to ``cap`` records of the frame."""
        chosen = ", ".join(str(number) for number in numbers)
        self._db.execute(
            f"CREATE OR REPLACE TABLE pairs AS WITH usable AS (SELECT rule, key, count(*) AS n FROM keys WHERE rule IN ({chosen}) "
            f"GROUP BY ALL HAVING n BETWEEN 2 AND {cap}), members AS (SELECT k.*, n FROM keys k JOIN usable USING (rule, key)) "
            "SELECT a.idx AS l, b.idx AS r, bit_or(1::bigint << a.rule) AS found_by, "
            f"bit_or(CASE WHEN a.n <= {max(2, cap // GROWTH)} THEN 1::bigint << a.rule ELSE 0 END) AS still_found_by "
            "FROM members a JOIN members b ON a.rule = b.rule AND a.key = b.key AND a.idx < b.idx GROUP BY ALL"
        )
        (total,) = self._row("SELECT count(*) FROM pairs")
        every = max(1, -(-total // PATTERN_PAIRS))
        drawn = f"(SELECT * FROM pairs WHERE hash(l, r) % {every} = 0)"
        self._db.execute(f"CREATE OR REPLACE TABLE compared AS {self._compared(comparisons, drawn, _FOUND)}")
        return self._counted(comparisons, "compared", _FOUND, float(every))

    def selves(self, comparisons: tuple[Comparison, ...]) -> Patterns:
        """Return the patterns of every record with itself: what there is to compare of it."""
        itself = "(SELECT idx AS l, idx AS r FROM frame)"
        self._db.execute(f"CREATE OR REPLACE TABLE selves AS {self._compared(comparisons, itself, '')}")
        return self._counted(comparisons, "selves", "0::bigint AS found_by, 0::bigint AS still_found_by, ", 1.0)

    def _counted(self, comparisons: tuple[Comparison, ...], table: str, found_by: str, times: float) -> Patterns:
        names = ", ".join(f"g_{c.name}" for c in comparisons)
        found = self._db.execute(
            f"SELECT {names}, round(person_bits * 2) / 2 AS person_bits, round(household_bits * 2) / 2 AS household_bits, "
            f"{found_by}count(*) AS n FROM {table} GROUP BY ALL ORDER BY ALL"
        ).fetchnumpy()
        return Patterns(
            np.stack([found[f"g_{c.name}"].astype(np.int64) for c in comparisons], axis=1),
            found["n"].astype(float) * times,
            found["person_bits"].astype(float),
            found["household_bits"].astype(float),
            found["found_by"].astype(np.int64),
            found["still_found_by"].astype(np.int64),
        )

    def random_pairs(self, comparisons: tuple[Comparison, ...]) -> RandomPairs:
        """Return chance agreement, from random pairs and, for exact agreement on one column, from all pairs."""
        (records,) = self._row("SELECT count(*) FROM frame")
        wanted = min(RANDOM_PAIRS, records * (records - 1) // 2)
        self._db.execute("CREATE OR REPLACE TABLE numbered AS SELECT row_number() OVER (ORDER BY idx) - 1 AS place, idx FROM frame")
        drawn = (
            f"(SELECT a.idx AS l, b.idx AS r FROM (SELECT hash(i, 1) % {records} AS x, hash(i, 2) % {records} AS y "
            f"FROM range({wanted}) t(i)) d JOIN numbered a ON a.place = x JOIN numbered b ON b.place = y WHERE x <> y)"
        )
        self._db.execute(f"CREATE OR REPLACE TABLE chance AS {self._compared(comparisons, drawn, '')}")
        shares, comparable = [], []
        for comparison in comparisons:
            counts = dict(self._db.execute(f"SELECT g_{comparison.name}, count(*) FROM chance GROUP BY 1").fetchall())
            share, some = self._share(comparison, counts)
            shares.append(share)
            comparable.append(some)
        return RandomPairs(tuple(shares), tuple(comparable), records * (records - 1) / 2)

    def _share(self, comparison: Comparison, counts: dict[int, int]) -> tuple[Floats, float]:
        size = len(comparison.live)
        found = np.array([counts.get(level, 0) for level in range(size)], dtype=float)
        share = (found + 0.05) / (found.sum() + 0.05 * size)
        column = _exact_column(comparison)
        if column:
            (same,) = self._row(
                f"SELECT coalesce(sum(n * (n - 1)) / nullif(sum(n) * (sum(n) - 1), 0), 0) FROM (SELECT count(*)::double AS n FROM frame "
                f"WHERE {column} IS NOT NULL GROUP BY {column})"
            )
            share[-1] = max(float(same), 1e-12)
            share[:-1] *= (1.0 - share[-1]) / share[:-1].sum()
        return share, float(found.sum() / max(1, sum(counts.values())))

    def _compared(self, comparisons: tuple[Comparison, ...], pairs: str, also: str) -> str:
        """Return the SQL that compares pairs (l, r): a level per comparison and the rarity of what agrees."""
        levels = ", ".join(f"{_case(c)}::tinyint AS g_{c.name}" for c in comparisons)
        person = _bits([c for c in comparisons if c.role is not Role.HOUSEHOLD])
        household = _bits([c for c in comparisons if c.role is Role.HOUSEHOLD])
        columns = [row[0] for row in self._db.execute("DESCRIBE frame").fetchall() if row[0] != "idx"]
        sides = ", ".join(f"{side}.{column} AS {column}_{side}" for column in columns for side in ("l", "r"))
        names = ", ".join(f"g_{c.name}" for c in comparisons)
        return (
            f"WITH sides AS (SELECT {also} p.l AS idx_l, p.r AS idx_r, {sides} FROM {pairs} p "
            f"JOIN frame l ON p.l = l.idx JOIN frame r ON p.r = r.idx), levelled AS (SELECT *, {levels} FROM sides) "
            f"SELECT {also} idx_l, idx_r, {names}, {person} AS person_bits, {household} AS household_bits FROM levelled"
        )

    def _row(self, query: str) -> tuple[int, ...]:
        row = next(iter(self._db.execute(query).fetchall()), None)
        return tuple(row) if row else ()


def _exact_column(comparison: Comparison) -> str | None:
    """Return the column whose equality is the comparison's best level, if it is as simple as that."""
    best = comparison.live[0].when
    return best.column if isinstance(best, Exact) else None


def _case(comparison: Comparison) -> str:
    size = len(comparison.live)
    whens = " ".join(
        f"WHEN {condition_sql(level.when)} THEN {size - 1 - index}"
        for index, level in enumerate(comparison.live)
        if not isinstance(level.when, Otherwise)
    )
    return f"(CASE WHEN {condition_sql(comparison.levels[0].when)} THEN -1 {whens} ELSE 0 END)"


def _bits(comparisons: list[Comparison]) -> str:
    """Return SQL for the sum of the weighted log2 term frequencies of agreeing values."""
    terms = []
    for comparison in comparisons:
        for index, level in enumerate(comparison.live):
            frequency = level.term_frequency
            if frequency:
                one, other = f"tf_{frequency.column}_l", f"tf_{frequency.column}_r"
                rarer = f"greatest(coalesce({one}, {other}, 1.0), coalesce({other}, {one}, 1.0), {frequency.floor!r})"
                holds = f"g_{comparison.name} = {len(comparison.live) - 1 - index}"
                terms.append(f"CASE WHEN {holds} THEN {frequency.weight!r} * log2({rarer}) ELSE 0 END")
    return " + ".join(terms) or "0"
