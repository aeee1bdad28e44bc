"""The near end of a lane: speaks to the process that does the work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any, Final, TypeAlias, final

from identity.adapters.ingest_process.frames import (
    LARGEST,
    Kind,
    chunk_head,
    read_error,
    read_frame,
    read_identified,
    read_loaded,
    write_frame,
)
from identity.domain.errors import IdentityError, Reason
from identity.ports.ingest_lane import IdentifiedChunk, LoadedChunk
from identity.ports.record_source import Chunk

_GRACE: Final = 10.0
"""Seconds a lane may take to end once its input is closed."""


Answer: TypeAlias = tuple[Kind, Any, bytes]


@final
class ProcessLane:
    """Implements ``IngestLane`` by asking a process, which may be asked again before it has answered."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._asked: dict[int, asyncio.Future[Answer | None]] = {}
        self._numbers = count()
        self._listening = asyncio.create_task(self._listen())

    @property
    def pid(self) -> int:
        """The process that does the work."""
        return self._process.pid

    async def set_up(self, setup: Mapping[str, Any]) -> None:
        """Tell the process what to open. Secrets may be in it: it travels over the pipe only."""
        await self._ask(Kind.SET_UP, dict(setup))

    async def identify(self, chunk: Chunk) -> IdentifiedChunk:
        return read_identified(*await self._ask(Kind.IDENTIFY, chunk_head(chunk), chunk.payload))

    async def prepare(self, repeated: Collection[int]) -> None:
        await self._ask(Kind.PREPARE, list(repeated))

    async def commit(self) -> LoadedChunk:
        return read_loaded(*await self._ask(Kind.COMMIT))

    async def _ask(self, kind: Kind, head: object = None, body: bytes = b"") -> tuple[Any, bytes]:
        if self._process.stdin is None:
            raise TypeError("a lane needs pipes to its process")
        if self._listening.done():
            raise _died()
        number = next(self._numbers)
        self._asked[number] = asyncio.get_running_loop().create_future()
        try:
            await write_frame(self._process.stdin, kind, number, head, body)
            answer = await self._asked[number]
        except OSError:
            raise _died() from None
        finally:
            del self._asked[number]
        if answer is None:
            raise _died()
        said, told, rest = answer
        if said is Kind.FAILED:
            raise read_error(told)
        return told, rest

    async def _listen(self) -> None:
        """Hand each answer to who asked, until the process is gone; whoever waits then is told so."""
        try:
            while self._process.stdout:
                kind, number, told, rest = await read_frame(self._process.stdout)
                answer = self._asked.get(number)
                if answer and not answer.done():  # otherwise who asked has given up
                    answer.set_result((kind, told, rest))
        except (OSError, EOFError, ValueError):
            pass
        finally:
            for answer in self._asked.values():
                if not answer.done():
                    answer.set_result(None)

    async def close(self) -> None:
        """End the process: by closing its input, and by force if it does not mind that."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), _GRACE)
        except TimeoutError:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        await self._listening


def _died() -> IdentityError:
    return IdentityError(Reason.STORE_UNAVAILABLE, cause="ingest-lane-died")


@asynccontextmanager
async def start_process_lanes(
    command: Sequence[str], *, count: int, environment: Mapping[str, str] | None = None
) -> AsyncIterator[list[ProcessLane]]:
    """Start ``count`` lanes with ``command``, which calls ``serve_lane``, for ``set_up_lanes``; end them when the context closes."""
    lanes: list[ProcessLane] = []
    try:
        for _ in range(count):
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,  # a traceback could quote a value
                limit=LARGEST,
                env=environment,
            )
            lanes.append(ProcessLane(process))
        yield lanes
    finally:
        await _end(lanes)


@asynccontextmanager
async def set_up_lanes(lanes: Sequence[ProcessLane], setup: Mapping[str, Any]) -> AsyncIterator[Sequence[ProcessLane]]:
    """Set started lanes up for a load; end them when the context closes, so that the database they use may be closed after it.

    Raises:
        IdentityError: what a lane said when it could not be set up.
    """
    try:
        await asyncio.gather(*(lane.set_up(setup) for lane in lanes))
        yield lanes
    finally:
        await _end(lanes)


async def _end(lanes: Sequence[ProcessLane]) -> None:
    await asyncio.gather(*(lane.close() for lane in lanes))
