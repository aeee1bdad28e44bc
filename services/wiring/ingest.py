"""Ingest a file: opens the file, its mapping and as many lanes as pay."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

from identity.adapters.files import RejectsFile, open_source, reader_form, rejects_path
from identity.adapters.ingest_process import ProcessLane, set_up_lanes, start_process_lanes
from identity.domain.mapping import SourceMapping
from identity.domain.mapping_file import parse_mapping
from identity.ports.ingest_lane import IngestLane
from identity.ports.record_source import RecordSource, SourceFileError
from identity.usecases.ingest_file import IngestFile, IngestProgress, IngestSummary
from identity.usecases.load_chunk import ChunkLoader
from services.database.connection import Database
from services.settings import Settings
from services.wiring.identity import IdentityContext

__all__ = ["Lanes", "ingest_file", "read_mapping_text", "rejects_path", "start_lanes"]

_MOST_LANES = 8
"""As many as there are cores, up to these: a lane that waits for its transaction leaves its core to the database, and one more lane
than cores made all of them a tenth slower."""
_WORTH_PROCESSES = 4 << 20
"""Bytes of a file below which starting processes takes longer than doing the work here."""


Lanes: TypeAlias = Sequence[ProcessLane]
"""Lanes that were started, not set up yet."""


@asynccontextmanager
async def start_lanes(data: Path) -> AsyncIterator[Lanes]:
    """Start the lanes of a file that is worth them, otherwise none: they get ready while the database does."""
    if _size(data) < _WORTH_PROCESSES:
        yield ()
        return
    command = [sys.executable, "-P", "-m", "services.wiring.ingest_worker"]
    async with start_process_lanes(command, count=min(os.cpu_count() or 1, _MOST_LANES)) as lanes:
        yield lanes


async def ingest_file(
    settings: Settings,
    database: Database,
    context: IdentityContext,
    data: Path,
    mapping_path: Path,
    *,
    started: Lanes = (),
    full: bool = False,
    deletion_budget: float = 0.2,
    store_only: bool = False,
    progress: Callable[[IngestProgress], None] = lambda _: None,
) -> IngestSummary:
    """Take in ``data`` as ``mapping_path`` says; rejected rows are listed in ``<data>.rejects.csv`` beside it.

    ``started`` are the lanes that ``start_lanes`` gave for it; without any, all is done in this process.

    Raises:
        MappingError: with every fault of the mapping and its line.
        SourceFileError: if a file cannot be read or lacks mapped columns.
        IdentityError: as ``FileIngester`` says.
    """
    text = read_mapping_text(mapping_path)
    mapping = parse_mapping(text, mapping_path.name)
    source = open_source(data, mapping)

    @asynccontextmanager
    async def lanes(bulk: bool) -> AsyncIterator[Sequence[IngestLane]]:  # noqa: FBT001 - the use case's own signature
        if not bulk or not started:
            yield [_local_lane(context, mapping, source, assign=not bulk)]
            return
        connection = database.identity
        setup = {
            "home": str(settings.home),
            "dsn": connection.dsn,
            "role": connection.role,
            "mapping": text,
            "form": reader_form(source),
        }
        async with set_up_lanes(started, setup) as opened:
            yield opened

    command = IngestFile(mapping.source, full=full, deletion_budget=deletion_budget, store_only=store_only)
    with RejectsFile(data) as rejects:
        return await context.ingest_file(command, source, lanes=lanes, rejects=rejects, progress=progress)


def _size(data: Path) -> int:
    """Return a file's bytes; 0 if it cannot be read, which whoever opens it will tell."""
    try:
        return data.stat().st_size
    except OSError:
        return 0


def read_mapping_text(path: Path) -> str:
    """Return the text of a mapping file.

    Raises:
        SourceFileError: if it cannot be read as UTF-8 text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise SourceFileError(path.name, f"cannot be read: {os.strerror(error.errno or 0)}") from None
    except UnicodeDecodeError:
        raise SourceFileError(path.name, "is not UTF-8 text") from None


def _local_lane(context: IdentityContext, mapping: SourceMapping, source: RecordSource, *, assign: bool) -> IngestLane:
    return ChunkLoader(
        mapping=mapping,
        reader=source.reader,
        storer=context.storer,
        transactor=context.store.transactor,
        clock=context.clock,
        assign=assign,
    )
