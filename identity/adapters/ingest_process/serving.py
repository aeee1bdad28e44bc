"""The far end of a lane: does what its parent asks, and ends when the parent is gone."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

from identity.adapters.ingest_process.frames import LARGEST, Kind, error_head, loaded_head, read_chunk, read_frame, write_frame
from identity.ports.ingest_lane import IngestLane

OpenLane = Callable[[dict[str, Any]], AbstractAsyncContextManager[IngestLane]]


async def serve_lane(open_lane: OpenLane) -> None:
    """Serve one lane over this process's standard input and output until the input ends."""
    reader, writer = await _pipes()
    async with AsyncExitStack() as stack:
        lane: IngestLane | None = None
        while True:
            try:
                kind, head, body = await read_frame(reader)
            except asyncio.IncompleteReadError:
                return
            try:
                if kind is Kind.SET_UP:
                    lane = await stack.enter_async_context(open_lane(head))
                    await write_frame(writer, Kind.DONE)
                elif lane is not None:
                    await _serve(lane, writer, kind, head, body)
            except ConnectionError:
                return
            except Exception as error:  # noqa: BLE001 - whatever it is, the parent must hear of it, by its type at least
                await write_frame(writer, Kind.FAILED, error_head(error))


async def _serve(lane: IngestLane, writer: asyncio.StreamWriter, kind: Kind, head: Any, body: bytes) -> None:  # noqa: ANN401 - JSON
    if kind is Kind.IDENTIFY:
        identified = await lane.identify(read_chunk(head, body))
        await write_frame(writer, Kind.DONE, identified.unnamed, identified.keys)
    elif kind is Kind.PREPARE:
        await lane.prepare(head)
        await write_frame(writer, Kind.DONE)
    elif kind is Kind.COMMIT:
        loaded = await lane.commit()
        await write_frame(writer, Kind.DONE, loaded_head(loaded), loaded.fresh)


async def _pipes() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Take over standard input and output; whatever else prints goes nowhere rather than between the frames."""
    loop = asyncio.get_running_loop()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    reader = asyncio.StreamReader(limit=LARGEST)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, answers)
    return reader, asyncio.StreamWriter(transport, protocol, None, loop)
