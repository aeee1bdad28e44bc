"""Commands that operate a deployment: serve, db, caller."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from services.cli.failing import CHECK_FAILED, DONE, InputError
from services.cli.options import Json
from services.cli.running import Session, run, run_plain
from services.cli.screen import Screen, literal
from services.rpc.caller import Caller
from services.wiring.callers import FILE, add_caller, list_callers, prepare_callers, system_time
from services.wiring.database import MigrationStatus, apply_migrations, open_database, read_migration_status

SERVICES = ("identity", "consent")


def serve(service: Annotated[str | None, typer.Argument(help="identity or consent; all of them if not said.")] = None) -> None:
    """Serve gRPC over mTLS until told to stop. Makes a development CA, callers and the database on first start."""

    def command(session: Session) -> int:
        from services.wiring.serving import serve_contexts  # noqa: PLC0415 - a gRPC server: no other command needs it

        if service is not None and service not in SERVICES:
            raise InputError("there is no service '{name}'", "Known are {known}.", name=service, known=", ".join(SERVICES))
        serve_contexts(session.settings, SERVICES if service is None else (service,), on_ready=lambda address: _ready(session, address))
        return DONE

    run_plain(command)


def _ready(session: Session, address: str) -> None:
    say = session.screen.say
    session.screen.err.print(say("[bold green]Entente serves gRPC on {address}[/] (mTLS only; stop with Ctrl-C)", address=address))
    if session.settings.authzen_port is not None:
        where = f"https://{session.settings.host}:{session.settings.authzen_port}"
        session.screen.note(say("decisions over HTTP (AuthZEN): {where}", where=where))
    session.screen.note(
        say(
            "callers: {file}; their certificates: {folder}", file=session.settings.home / FILE, folder=session.settings.home / "pki/callers"
        )
    )


db = typer.Typer(help="The database's schema.", no_args_is_help=True)


@db.command("migrate")
def db_migrate(json: Json = False) -> None:
    """Bring the schema up to date; forward only."""

    async def command(session: Session) -> int:
        async with open_database(session.settings) as database:
            applied = await apply_migrations(database)
        if json:
            session.screen.report({"applied": applied})
        elif applied:
            session.screen.out.print("\n".join(map(literal, applied)))
        else:
            session.screen.out.print(session.screen.say("The schema is up to date."))
        return DONE

    run(command, json_output=json)


@db.command("status")
def db_status(json: Json = False) -> None:
    """Show which migrations are applied; exit 1 if any is pending, changed or missing."""

    async def command(session: Session) -> int:
        async with open_database(session.settings) as database:
            status = await read_migration_status(database)
        if json:
            session.screen.report({"migrations": [_migration_facts(one) for one in status]})
        else:
            _show_migrations(session.screen, status)
        return DONE if all(one.state.value == "applied" for one in status) else CHECK_FAILED

    run(command, json_output=json)


def _migration_facts(one: MigrationStatus) -> dict[str, object]:
    return {"name": one.name, "state": one.state.value, "applied_at": one.applied_at.isoformat() if one.applied_at else None}


def _show_migrations(screen: Screen, status: list[MigrationStatus]) -> None:
    for one in status:
        colour = "green" if one.state.value == "applied" else "yellow"
        screen.out.print(f"[{colour}]{screen.term(one.state.value):<10}[/] {literal(one.name)}")


caller = typer.Typer(help="Who may call, and for what.", no_args_is_help=True)


@caller.command("list")
def caller_list(json: Json = False) -> None:
    """Show the registered callers."""

    async def command(session: Session) -> int:
        settings = session.settings
        callers = list_callers(settings.home) if settings.production else prepare_callers(settings.home, system_time())
        if json:
            session.screen.report({"callers": {name: _caller_facts(one) for name, one in callers.items()}})
        else:
            _show_callers(session.screen, callers)
        return DONE

    run(command, json_output=json)


def _caller_facts(one: Caller) -> dict[str, object]:
    return {
        "methods": sorted(one.methods),
        "purposes": sorted(one.purposes),
        "recipients": sorted(one.recipients),
        "sources": sorted(one.sources),
    }


def _show_callers(screen: Screen, callers: dict[str, Caller]) -> None:
    table = Table(box=None, padding=(0, 2), header_style="bold")
    for title in (screen.say("caller"), screen.say("methods"), screen.say("purposes"), screen.say("recipients"), screen.say("sources")):
        table.add_column(title)
    for name, one in callers.items():
        methods = ", ".join(sorted(path.rsplit("/", 1)[1] for path in one.methods))
        lists = (methods, *(", ".join(sorted(words)) for words in (one.purposes, one.recipients, one.sources)))
        table.add_row(literal(name), *map(literal, lists))
    screen.out.print(table)


@caller.command("add")
def caller_add(
    name: str,
    method: Annotated[list[str], typer.Option(help="RPC it may call; repeat for several.")],
    purpose: Annotated[list[str], typer.Option(help="Purpose it may name; repeat.")],
    recipient: Annotated[list[str] | None, typer.Option(help="Who may receive what it asks for; itself if not said.")] = None,
    source: Annotated[
        list[str] | None, typer.Option(help="Source system whose records it may name, and write with the methods for it; repeat.")
    ] = None,
    json: Json = False,
) -> None:
    """Register a caller and make its certificate."""

    async def command(session: Session) -> int:
        home = session.settings.home
        if session.settings.production:
            raise InputError(
                "in production certificates are made by your own CA",
                "Sign one with the caller's URI SAN, and add the caller to {file}.",
                file=FILE,
            )
        files = add_caller(
            home, name, methods=method, purposes=purpose, recipients=recipient or (), sources=source or (), now=system_time()
        )
        facts = {"caller": name, "key": str(files.key), "certificate": str(files.certificate), "authority": str(files.authority)}
        if json:
            session.screen.report(facts)
        else:
            for what, path in facts.items():
                session.screen.out.print(f"[dim]{what:<12}[/] {literal(path)}")
        return DONE

    run(command, json_output=json)
