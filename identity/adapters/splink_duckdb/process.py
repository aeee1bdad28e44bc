"""The parent's side of a worker: start it, feed it, listen to it, and be sure it is gone."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import pyarrow as pa

from identity.adapters.splink_duckdb.wire import Header, Report, Tell, pack_header
from identity.domain.errors import IdentityError, Reason

_MODULE = "identity.adapters.splink_duckdb.worker"
_ALLOWED = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "HOME")


async def run_job(
    header: Header, schema: pa.Schema, batches: AsyncIterator[pa.RecordBatch], *, result: Callable[[pa.RecordBatch], None], tell: Tell
) -> Report:
    """Run one job in a fresh process and return its report; ``result`` gets the result batches, in a thread of its own.

    Raises:
        IdentityError: ``LINKER_FAILED`` if the worker failed or died. The process is gone when this returns, however it returns.
    """
    reading, writing = os.pipe()
    try:
        process = await _start(writing)
    finally:
        os.close(writing)
    results = asyncio.create_task(asyncio.to_thread(_read_results, reading, result))
    listening = asyncio.create_task(_listen(process, tell))
    try:
        await _feed(process, header, schema, batches)
        heard = await listening
        await results
        await process.wait()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        listening.cancel()
        await asyncio.gather(results, listening, return_exceptions=True)
    report: Report | None = heard.get("report")
    if process.returncode != 0 or report is None:
        raise _failure(heard, process.returncode)
    return report


async def _start(results: int) -> asyncio.subprocess.Process:
    environment = {name: value for name in _ALLOWED if (value := os.environ.get(name)) is not None}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", _MODULE, stdin=asyncio.subprocess.PIPE, stdout=results, stderr=asyncio.subprocess.PIPE,
            env=environment, limit=1 << 20,
        )  # fmt: skip
    except OSError:
        raise IdentityError(Reason.LINKER_FAILED, why="cannot start") from None


async def _feed(process: asyncio.subprocess.Process, header: Header, schema: pa.Schema, batches: AsyncIterator[pa.RecordBatch]) -> None:
    """Write the header and the rows. A worker that dies meanwhile is noticed by whoever waits for it."""
    pipe = process.stdin
    assert pipe is not None  # noqa: S101 - asked for when started
    sink = io.BytesIO()

    async def flush() -> None:
        try:
            pipe.write(sink.getvalue())
        except RuntimeError:  # uvloop's word for a pipe whose reader is gone
            raise BrokenPipeError from None
        sink.seek(0)
        sink.truncate()
        await pipe.drain()

    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        sink.write(pack_header(header))
        with pa.ipc.new_stream(sink, schema) as writer:
            async for batch in batches:
                writer.write_batch(batch)
                await flush()
        await flush()
        pipe.close()
        await pipe.wait_closed()


async def _listen(process: asyncio.subprocess.Process, tell: Tell) -> dict[str, Any]:
    """Pass progress on until the worker says no more; return its last word (a report or a failure), or nothing."""
    heard: dict[str, Any] = {}
    pipe = process.stderr
    assert pipe is not None  # noqa: S101 - asked for when started
    async for line in pipe:
        try:
            said = json.loads(line)
        except ValueError:
            continue  # a library's own words: they may hold values, so they go nowhere
        if isinstance(said, dict) and "done" in said:
            tell(str(said["stage"]), int(said["done"]), int(said["total"]))
        elif isinstance(said, dict):
            heard = said
    return heard


def _read_results(descriptor: int, result: Callable[[pa.RecordBatch], None]) -> None:
    """Hand on the result batches as they come; a stream that breaks off is judged by the exit status."""
    with os.fdopen(descriptor, "rb") as stream, contextlib.suppress(pa.ArrowInvalid, OSError):
        for batch in pa.ipc.open_stream(stream):
            result(batch)


def _failure(heard: dict[str, Any], status: int | None) -> IdentityError:
    if "failed" in heard:
        return IdentityError(Reason.LINKER_FAILED, why=str(heard["failed"]), stage=str(heard.get("stage")))
    if status is not None and status < 0:
        return IdentityError(Reason.LINKER_FAILED, why="killed", signal=-status)
    return IdentityError(Reason.LINKER_FAILED, why="no answer", status=status if status is not None else -1)
