"""The engine inside the worker: a locked-down in-memory DuckDB with one frame of records in it.

Nothing spills, nothing is read from outside, nothing can be reconfigured (research: security §5.3). Errors of the engine carry
values in their texts, so nobody but ``worker`` may catch them, and it passes on no text.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

import duckdb
import pyarrow as pa
from splink import DuckDBAPI, Linker, SettingsCreator

from identity.adapters.splink_duckdb.rendering import derived_name, derived_sql, features_of
from identity.adapters.splink_duckdb.wire import TAGS, Tell
from identity.domain.model.bundle import TermTable
from identity.domain.model.declaration import Declaration


class Engine:
    """One DuckDB and its frame.

    Table ``frame``: ``idx`` (position in the input, from 0), the standard columns, the derived ones; table ``block_tags``: (idx, tag).
    """

    def __init__(self, *, memory_mb: int, threads: int) -> None:
        logging.disable(logging.CRITICAL)
        self.connection = duckdb.connect(":memory:")
        for statement in (
            f"SET memory_limit='{memory_mb}MB'",
            f"SET threads={threads}",
            "SET temp_directory=''",
            "SET max_temp_directory_size='0KB'",
            "SET enable_progress_bar=false",
            "SET preserve_insertion_order=false",
            "SET autoinstall_known_extensions=false",
            "SET autoload_known_extensions=false",
            "SET enable_external_access=false",
            "SET lock_configuration=true",
        ):
            self.connection.execute(statement)
        self.splink = DuckDBAPI(connection=self.connection)

    def load(self, rows: pa.RecordBatchReader, declaration: Declaration, tell: Tell) -> int:
        """Read the rows into ``frame`` and ``block_tags``; return how many there are. An empty value counts as missing."""
        columns = declaration.columns
        texts = ", ".join(f"{column} VARCHAR" for column in columns)
        self.connection.execute(f"CREATE TABLE incoming (idx BIGINT, {TAGS} BIGINT[], {texts})")
        count = 0
        for batch in rows:
            self.connection.register("batch", pa.Table.from_batches([batch]))
            cleaned = ", ".join(f"nullif({column}, '')" for column in columns)
            self.connection.execute(f"INSERT INTO incoming SELECT idx, {TAGS}, {cleaned} FROM batch")
            self.connection.unregister("batch")
            count += batch.num_rows
            tell("loading", count, 0)
        derived = "".join(f", {derived_sql(c, f)} AS {derived_name(c, f)}" for c, f in features_of(declaration))
        names = ", ".join(columns)
        self.connection.execute(f"CREATE TABLE frame AS SELECT idx, {names}{derived} FROM incoming")
        self.connection.execute(f"CREATE TABLE block_tags AS SELECT DISTINCT idx, unnest({TAGS}) AS tag FROM incoming")
        self.connection.execute("DROP TABLE incoming")
        return count

    def linker(self, settings: SettingsCreator) -> Linker:
        """Return a Splink linker over the frame."""
        return Linker(self.splink.register("frame"), settings, log_level=None, validate_settings=False)

    def pin_frequencies(self, linker: Linker, tables: Mapping[str, TermTable]) -> None:
        """Give Splink the pinned term frequencies, with every unlisted value of the frame at the table's ``unseen``."""
        for column, table in tables.items():
            listed = pa.table(
                {
                    "value": pa.array(table.counts, pa.string()),
                    "tf": pa.array((c / table.total for c in table.counts.values()), pa.float64()),
                }
            )
            self.connection.register("listed", listed)
            frequency = f"coalesce(any_value(listed.tf), cast({table.unseen!r} as float8)) AS tf_{column}"
            self.connection.execute(
                f"CREATE TABLE tf_table_{column} AS SELECT {column}, {frequency} FROM frame LEFT JOIN listed ON {column} = value "
                f"WHERE {column} IS NOT NULL GROUP BY {column}"
            )
            self.connection.unregister("listed")
            linker.table_management.register_term_frequency_lookup(self.splink.register(f"tf_table_{column}"), column)
