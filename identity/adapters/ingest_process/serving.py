"""The far end of a lane: does what its parent asks, and ends when the parent is gone."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from typing import Any, TypeAlias

from identity.adapters.ingest_process.frames import LARGEST, Kind, error_head, loaded_head, read_chunk, read_frame, write_frame
from identity.ports.ingest_lane import IngestLane

OpenLane = Callable[[dict[str, Any]], AbstractAsyncContextManager[IngestLane]]


Answer: TypeAlias = tuple[Any, bytes]


async def serve_lane(open_lane: OpenLane) -> None:
    """Serve one lane over this process's standard input and output until the input ends, each question as it comes."""
    reader, writer = await _pipes()
    async with AsyncExitStack() as stack:
        lane: IngestLane | None = None
        served: set[asyncio.Task[None]] = set()

        async def set_up(setup: dict[str, Any]) -> Answer:
            nonlocal lane
            lane = await stack.enter_async_context(open_lane(setup))
            return None, b""

        while True:
            try:
                kind, number, head, body = await read_frame(reader)
            except asyncio.IncompleteReadError:
                break
            if kind is Kind.SET_UP:
                await _answer(writer, number, set_up(head))
            elif lane is not None:
                task = asyncio.create_task(_answer(writer, number, _serve(lane, kind, head, body)))
                served.add(task)
                task.add_done_callback(served.discard)
        await asyncio.gather(*served)  # a transaction that has begun is not torn


async def _answer(writer: asyncio.StreamWriter, number: int, work: Awaitable[Answer]) -> None:
    """Do the work, and send what comes of it; if nobody reads any more, the input ends too."""
    with suppress(ConnectionError):
        try:
            head, body = await work
        except Exception as error:  # noqa: BLE001 - whatever it is, the parent must hear of it, by its type at least
            await write_frame(writer, Kind.FAILED, number, error_head(error))
        else:
            await write_frame(writer, Kind.DONE, number, head, body)


async def _serve(lane: IngestLane, kind: Kind, head: Any, body: bytes) -> Answer:  # noqa: ANN401 - JSON
    if kind is Kind.IDENTIFY:
        identified = await lane.identify(read_chunk(head, body))
        return identified.unnamed, identified.keys
    if kind is Kind.PREPARE:
        await lane.prepare(head)
        return None, b""
    loaded = await lane.commit()
    return loaded_head(loaded), loaded.fresh


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
