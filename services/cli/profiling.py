"""``entente profile``: what a registered caller may know of a person, attribute by attribute, with where each value comes from."""

from __future__ import annotations

from typing import Annotated, Final

import typer
from rich.table import Table

from identity.domain.personal import Access
from identity.domain.source_record import RecordRef
from identity.ports.profile_gate import Ruling
from identity.usecases.get_profile import GetProfile, Profile, ProfileAttribute, ProfileOutcome
from services.cli.asking import Recipient, registered_use
from services.cli.failing import DONE
from services.cli.options import Caller, Channel, Json, Key, Purpose, Source, attribute_names, require_name
from services.cli.running import Session, run
from services.cli.screen import Screen, literal
from services.wiring.identity import open_identity

_COLOURS: Final = {ProfileOutcome.PERMIT: "green", ProfileOutcome.PARTIAL: "yellow", ProfileOutcome.DENY: "red"}


def profile(
    source: Source,
    key: Key,
    caller: Caller,
    purpose: Purpose,
    attributes: Annotated[
        str | None, typer.Option(help="Which of them, as in email,phone; all that the purpose needs if not said.")
    ] = None,
    channel: Channel = None,
    recipient: Recipient = None,
    json: Json = False,
) -> None:
    """What may this caller know of this person, for this purpose? Every value that is permitted, and not one more."""

    async def command(session: Session) -> int:
        require_name(source, key)
        use, _ = registered_use(session, caller, purpose, recipient, "GetProfile", [source])
        async with open_identity(session.settings) as context:
            wanted = attribute_names(attributes) if attributes else ()
            answer = await context.served.get_profile(GetProfile(use, RecordRef(source, key), wanted, channel))
        if json:
            session.screen.report(_facts(answer, context.served.access))
        else:
            _show(session.screen, answer, context.served.access)
        return DONE

    run(command, json_output=json)


def _facts(answer: Profile, access: Access) -> dict[str, object]:
    return {
        "decision": answer.outcome.name,
        "pseudonym": answer.pseudonym or None,
        "use": _ruling_facts(answer.use),
        "attributes": {one.name: _attribute_facts(one, access) for one in answer.attributes},
        "obligations": list(answer.obligations),
        "warnings": list(answer.warnings),
    }


def _attribute_facts(one: ProfileAttribute, access: Access) -> dict[str, object]:
    return {
        **_ruling_facts(one.ruling),
        "value": one.value.reveal(access) if one.value is not None else None,
        "source": one.source or None,
        "assurance": one.assurance.value if one.assurance is not None else None,
    }


def _ruling_facts(ruling: Ruling) -> dict[str, object]:
    return {
        "effect": "permit" if ruling.permitted else "deny",
        "reason": ruling.reason,
        "legal_basis": ruling.basis or None,
        "consent_event": str(ruling.event) if ruling.event else None,
        "purpose_version": ruling.purpose_version or None,
        "notice": ruling.notice or None,
        "valid_until": ruling.valid_until.isoformat() if ruling.valid_until else None,
    }


def _show(screen: Screen, answer: Profile, access: Access) -> None:
    """Print what is told, and why the rest is not."""
    screen.out.print(f"[bold {_COLOURS[answer.outcome]}]{answer.outcome.name}[/]  [dim]{literal(answer.use.reason)}[/]")
    table = Table.grid(padding=(0, 2))
    for one in answer.attributes:
        mark = "[green]✓[/]" if one.ruling.permitted else "[red]✗[/]"
        value = literal(one.value.reveal(access)) if one.value is not None else "–"
        table.add_row(f"  {mark}", literal(one.name), value, f"[dim]{literal(one.source or one.ruling.reason)}[/]")
    screen.out.print(table)
    for warning in answer.warnings:
        screen.warn(literal(screen.language.text(warning)))
