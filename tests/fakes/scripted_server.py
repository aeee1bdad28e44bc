"""Serve scripted use cases in real processes: ``python -m tests.fakes.scripted_server HOME WORKERS PORT [fail|slow]``.

Says ``ready ADDRESS`` on standard output; logs go to standard error.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from identity.domain.errors import IdentityError, Reason
from services.rpc.address import PortTakenError
from services.rpc.limits import Limits
from services.rpc.log import EventLog
from services.rpc.workers import StartFailedError
from services.settings import read_settings
from services.wiring.grpc_server import Served, serve
from tests.fakes.identity_usecases import ScriptedUseCases


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(home: str, workers: str, port: str, manner: str = "") -> None:
    settings = replace(read_settings({}), home=Path(home), workers=int(workers), port=int(port))

    @asynccontextmanager
    async def build() -> AsyncIterator[Served]:
        if manner == "fail":
            raise IdentityError(Reason.STORE_UNAVAILABLE, attempts=3)
        script = ScriptedUseCases()
        if manner == "slow":
            script.hangs = True
            asyncio.get_running_loop().call_later(1.5, script.release.set)
        yield Served(script.usecases())

    try:
        serve(
            settings,
            build,
            log=EventLog(),
            limits=Limits(drain_seconds=5.0),
            on_ready=lambda address: say(f"ready {address}"),
        )
    except (PortTakenError, StartFailedError) as error:
        say(f"failed {error}")
        sys.exit(3)


if __name__ == "__main__":
    main(*sys.argv[1:])
