"""``entente demo``: its command; what it shows is in ``demonstration``."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.running import Session, run

PEOPLE = 5000

People = Annotated[int, typer.Option(help="How many people to invent.", min=50, max=200_000)]


def demo(people: People = PEOPLE) -> None:
    """Invent 5,000 French people in four silos, link them, measure it, and ask over gRPC who is calling."""

    async def command(session: Session) -> int:
        from services.cli.demonstration import demonstrate  # noqa: PLC0415 - invented names and a gRPC server: no other command needs them

        return await demonstrate(session, people)

    run(command)
