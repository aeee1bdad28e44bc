"""``entente decide``: what a caller would be told, and why.

It is the operator's, so it needs no registration of its own: one that the caller lacks is part of the answer, which is no.
"""

from __future__ import annotations

from typing import Annotated, Final

import typer
from rich.table import Table

from consent.domain.decision import Effect, Outcome, Request, Ruling
from consent.domain.purpose import Published
from consent.usecases.answer_questions import Answer, AnswerQuestions
from consent.usecases.decide import Ask
from services.cli.failing import CHECK_FAILED, DONE
from services.cli.options import Channel, Json, Key, Source, attribute_names, instant, require_name
from services.cli.running import Session, run
from services.cli.screen import Screen, literal, shown_time
from services.wiring.consent import ConsentContext, open_consent

_COLOURS: Final = {Outcome.PERMIT: "green", Outcome.PARTIAL: "yellow", Outcome.DENY: "red"}


def decide(
    source: Source,
    key: Key,
    caller: Annotated[str, typer.Option(help="Who would use the data.")],
    purpose: Annotated[str, typer.Option(help="What for.")],
    attributes: Annotated[
        str | None, typer.Option(help="Which of them, as in email,phone; all that the purpose needs if not said.")
    ] = None,
    channel: Channel = None,
    recipient: Annotated[str | None, typer.Option(help="Who would receive them; the caller itself if not said.")] = None,
    minor: Annotated[bool, typer.Option("--minor", help="The person is known to be under the age of consent.")] = False,
    as_of: Annotated[str | None, typer.Option(help="What the answer was at this time.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Exit with 1 unless everything asked for is permitted.")] = False,
    json: Json = False,
) -> None:
    """May this caller use these data of this person, for this purpose, now? The answer is a report: exit code 0 whatever it is."""

    async def command(session: Session) -> int:
        require_name(source, key)
        moment = instant(as_of) if as_of else None
        async with open_consent(session.settings) as context:
            wanted = attribute_names(attributes) if attributes else await _needed(context, purpose)
            request = Request(caller, purpose, recipient or caller, wanted, channel)
            ask = Ask(request, context.served.anchors.anchor(source, key), minor=minor)
            answers = await context.served.answer_questions(AnswerQuestions(caller, (ask,), dry_run=moment is not None, as_of=moment))
            revision = context.served.revisions.token(answers.revision)
        (answer,) = answers.answers
        if json:
            session.screen.report({**_decision_facts(answer), "revision": revision, "policy_version": answers.policy_version})
        else:
            show_decision(session.screen, answer)
        return CHECK_FAILED if check and answer.decision.outcome is not Outcome.PERMIT else DONE

    run(command, json_output=json)


async def _needed(context: ConsentContext, purpose: str) -> tuple[str, ...]:
    """Return the attributes that a purpose needs; none of one that nobody published."""
    published: Published = await context.store.transactor.run(lambda tx: tx.catalogue.published(), read_only=True)
    found = published.purpose(purpose)
    return tuple(sorted(found.attributes)) if found else ()


def _decision_facts(answer: Answer) -> dict[str, object]:
    decision = answer.decision
    return {
        "decision": decision.outcome.name,
        "use": _ruling_facts(decision.general),
        "attributes": {name: _ruling_facts(ruling) for name, ruling in decision.rulings.items()},
        "obligations": list(decision.obligations),
        "next_step": decision.next_step.value,
        "explanation": dict(answer.explanation),
        "decision_id": str(answer.decision_id) if answer.decision_id else None,
        "ttl_seconds": answer.ttl.total_seconds(),
        "pseudonym": answer.pseudonym,
    }


def _ruling_facts(ruling: Ruling) -> dict[str, object]:
    return {
        "effect": ruling.effect.value,
        "reason": ruling.reason.value,
        "legal_basis": ruling.basis.value if ruling.basis else None,
        "consent_event": str(ruling.event) if ruling.event else None,
        "purpose_version": ruling.purpose_version,
        "notice": ruling.notice or None,
        "valid_until": ruling.valid_until.isoformat() if ruling.valid_until else None,
    }


def show_decision(screen: Screen, answer: Answer) -> None:
    """Print a decision in plain words, then attribute by attribute."""
    decision = answer.decision
    told = answer.explanation.get(screen.language.code, answer.explanation["en"])
    screen.out.print(f"[bold {_COLOURS[decision.outcome]}]{decision.outcome.name}[/]  {literal(told)}")
    table = Table.grid(padding=(0, 2))
    for name, ruling in decision.rulings.items():
        permitted = ruling.effect is Effect.PERMIT
        mark = "[green]✓[/]" if permitted else "[red]✗[/]"
        table.add_row(f"  {mark}", literal(name), f"[dim]{ruling.reason.value}[/]")
    if decision.rulings:
        screen.out.print(table)
    if decision.general.valid_until:
        screen.note(screen.say("valid until {at}", at=shown_time(decision.general.valid_until)))
