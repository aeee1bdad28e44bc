"""The worker process: ``python -m identity.adapters.splink_duckdb.worker``. Does one job and exits.

It holds personal values, so it leaves no trace: no temp file, no core dump, no text of an exception (the engine quotes values
in its errors). What went wrong is told by the name of the stage and the kind of the exception.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from io import IOBase

import duckdb
import pyarrow as pa

from identity.adapters.splink_duckdb.engine import Engine
from identity.adapters.splink_duckdb.predict import predict
from identity.adapters.splink_duckdb.train import train
from identity.adapters.splink_duckdb.wire import Header, Report, Tell, read_header
from identity.domain.errors import IdentityError

Job = Callable[[Engine, Header, pa.RecordBatchReader, IOBase, Tell], Report]

JOBS: dict[str, Job] = {"predict": predict, "train": train}

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4


def main() -> int:
    """Do the job that standard input describes; return the exit status (0: done, 1: failed and told why)."""
    _leave_no_trace()
    stage = "starting"

    def tell(now: str, done: int, total: int) -> None:
        nonlocal stage
        stage = now
        _say({"stage": now, "done": done, "total": total})

    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not end up among the results
    try:
        incoming = os.fdopen(0, "rb")
        header = read_header(incoming)
        engine = Engine(memory_mb=header["memory_mb"], threads=header["threads"])
        report = JOBS[header["job"]](engine, header, pa.ipc.open_stream(incoming), out, tell)
        out.close()
    except (MemoryError, duckdb.OutOfMemoryException):
        _say({"failed": "out-of-memory", "stage": stage})
    except IdentityError as error:
        _say({"failed": error.reason.value, "stage": stage, "facts": error.facts})
    except BaseException as error:  # noqa: BLE001 - the text of any other exception may hold a value, so only its kind is told
        _say({"failed": type(error).__name__, "stage": stage})
    else:
        _say({"report": report})
        return 0
    return 1


def _leave_no_trace() -> None:
    """No core dump, no debugger, and no life beyond the parent's."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        libc.prctl(_PR_SET_DUMPABLE, 0)


def _say(line: dict[str, object]) -> None:
    sys.stderr.write(json.dumps(line) + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    os._exit(status)  # nothing is left to clean up, and no library may speak on the way out
