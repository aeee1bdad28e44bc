"""Commands that ask: resolve, explain. Both act under a caller's registration (ADR 7)."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from rich.table import Table

from identity.domain.attributes import EXTRA_PREFIX
from identity.domain.ingest import unread
from identity.domain.personal import Personal
from identity.domain.resolution import ResolveGrade
from identity.domain.source_record import RecordRef
from identity.domain.standardise import standardise
from identity.ports.purpose_gate import Use
from identity.usecases.answer import Candidate, MatchReason, Resolution, ResolveIdentity
from identity.usecases.explain_match import ExplainMatch, Explanation
from services.cli.failing import DONE, InputError
from services.cli.options import Caller, Json, Purpose, attributes, record
from services.cli.running import Session, run
from services.cli.screen import Screen, literal
from services.wiring.callers import require_registered
from services.wiring.identity import open_identity

Recipient = Annotated[str | None, typer.Option(help="Who gets the answer; the caller itself if not said.")]


def resolve(
    attribute: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME=VALUE]...", help="given_name=Zoé email=… (- reads such lines from standard input, out of sight of process lists)"
        ),
    ] = None,
    source: Annotated[str | None, typer.Option(help="Ask by a source record: its source.")] = None,
    key: Annotated[str | None, typer.Option(help="Ask by a source record: its key.")] = None,
    caller: Caller = "callcentre",
    purpose: Purpose = "service",
    recipient: Recipient = None,
    json: Json = False,
) -> None:
    """Who is this? By any attributes, or by source and key."""

    async def command(session: Session) -> int:
        sources = [] if source is None else [source]
        use, permitted = registered_use(session, caller, purpose, recipient, "ResolveIdentity", sources)
        question, puzzling = _question(use, attribute or [], source, key)
        async with open_identity(session.settings) as context:
            answer = await context.served.resolve_identity(question)
            if source is not None and answer.grade is ResolveGrade.NONE:
                warn_if_unknown(session.screen, source, await context.known_sources(permitted))
        if puzzling:
            session.screen.warn(session.screen.say("Not understood, and left out: {names}", names=", ".join(puzzling)))
        if json:
            session.screen.report(resolution_facts(answer) | {"not_understood": list(puzzling)})
        else:
            show_resolution(session.screen, answer)
        return DONE

    run(command, json_output=json)


def registered_use(
    session: Session, caller: str, purpose: str, recipient: str | None, method: str, sources: Sequence[str]
) -> tuple[Use, frozenset[str]]:
    """Return the use and the sources whose records the caller may name, once it is found to be registered for it and for ``sources``."""
    whom = recipient or caller
    known = require_registered(session.settings, caller, method=method, purpose=purpose, recipient=whom, sources=sources)
    return Use(caller, purpose, whom), known.sources


def _question(use: Use, words: list[str], source: str | None, key: str | None) -> tuple[ResolveIdentity, tuple[str, ...]]:
    """Return the question, and the attributes given of which the standardiser makes nothing."""
    if source is not None and key is not None and not words:
        return ResolveIdentity(use, record=RecordRef(source, key)), ()
    if words and source is None and key is None:
        given = attributes(words, sys.stdin.buffer)
        return ResolveIdentity(use, attributes=Personal(given)), not_understood(given)
    raise InputError(
        "give attributes (NAME=VALUE ..., or - and lines on standard input), or --source and --key",
        "For example: entente resolve given_name=Zoé phone=0639980012",
    )


def not_understood(given: Mapping[str, str]) -> tuple[str, ...]:
    """Return the attributes with a form of their own whose value has another; what an extra is, only the model knows."""
    known = {name: value for name, value in given.items() if not name.startswith(EXTRA_PREFIX)}
    return unread(known, standardise(known))


def warn_if_unknown(screen: Screen, source: str, known: Sequence[str]) -> None:
    """Say so if a source has no records, and what else it may have been; ``known`` are those with records that the caller may name."""
    if source in known:
        return
    say = screen.say
    screen.warn(say("There is no record of a source {source}.", source=source))
    if known:
        screen.note(say("Sources with records that this caller may ask by: {known}", known=", ".join(known)))


def resolution_facts(answer: Resolution) -> dict[str, object]:
    """Return the JSON report of a resolve."""
    found = answer.identity
    return {
        "grade": answer.grade.value,
        "identity": str(found.identity_id) if found else None,
        "pseudonym": found.pseudonym if found else None,
        "match_weight": found.match_weight if found else None,
        "decision_weight": found.decision_weight if found else None,
        "match_probability": found.match_probability if found else None,
        "reasons": _reasons(found.reasons) if found else [],
        "candidates": [_candidate(candidate) for candidate in answer.candidates],
        "bundle": answer.bundle,
        "truncated": answer.truncated,
        "notes": list(answer.notes),
        "warnings": list(answer.warnings),
    }


def _candidate(candidate: Candidate) -> dict[str, object]:
    return {
        "identity": str(candidate.identity_id),
        "pseudonym": candidate.pseudonym,
        "match_weight": candidate.match_weight,
        "decision_weight": candidate.decision_weight,
        "match_probability": candidate.match_probability,
        "reasons": _reasons(candidate.reasons),
    }


def _reasons(reasons: tuple[MatchReason, ...]) -> list[dict[str, object]]:
    return [{"comparison": reason.comparison, "level": reason.level, "weight": reason.weight} for reason in reasons]


def show_resolution(screen: Screen, answer: Resolution) -> None:
    """Print an answer with its reasons."""
    say = screen.say
    colour = {"certain": "green", "probable": "green", "possible": "yellow", "ambiguous": "yellow", "none": "dim"}[answer.grade.value]
    screen.out.print(f"[bold {colour}]{screen.term(answer.grade.value)}[/]")
    if answer.identity:
        _show_candidate(screen, answer.identity)
    for place, candidate in enumerate(answer.candidates if not answer.identity else (), 1):
        screen.out.print(f"[bold]{place}.[/]")
        _show_candidate(screen, candidate)
    if answer.truncated:
        screen.warn(say("Some values are too common to search by; more detail may find more."))
    for warning in answer.warnings:
        screen.warn(literal(screen.language.text(warning)))


def _show_candidate(screen: Screen, candidate: Candidate) -> None:
    say, number = screen.say, screen.language.number
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    table.add_row(say("identity"), str(candidate.identity_id))
    table.add_row(say("pseudonym"), literal(candidate.pseudonym))
    if candidate.reasons:
        table.add_row(say("match weight"), number(candidate.match_weight, 2))
        table.add_row(say("decision weight"), number(candidate.decision_weight, 2))
        table.add_row(say("match probability"), number(candidate.match_probability, 6))
    else:
        table.add_row(say("found by"), say("the record's own key, nothing was compared"))
    screen.out.print(table)
    show_reasons(screen, candidate.reasons)


def show_reasons(screen: Screen, reasons: tuple[MatchReason, ...]) -> None:
    """Print weights per comparison as bars: green speaks for one person, red against."""
    if not reasons:
        return
    longest = max(abs(reason.weight) for reason in reasons) or 1.0
    table = Table.grid(padding=(0, 2))
    for reason in sorted(reasons, key=lambda reason: -reason.weight):
        bar = "█" * max(1, round(abs(reason.weight) / longest * 24)) if abs(reason.weight) > 0 else ""
        colour = "green" if reason.weight > 0 else "red"
        weight = screen.language.signed(reason.weight, 1)
        table.add_row(f"[dim]{screen.term(reason.comparison)}[/]", screen.term(reason.level), f"{weight:>7}", f"[{colour}]{bar}[/]")
    screen.out.print(table)


def explain(
    left: Annotated[str, typer.Option(help="SOURCE:KEY, or the record's id")],
    right: Annotated[str, typer.Option(help="SOURCE:KEY, or the record's id")],
    caller: Caller = "callcentre",
    purpose: Purpose = "service",
    recipient: Recipient = None,
    json: Json = False,
) -> None:
    """Say how the evidence on two records adds up: weights per attribute, never values."""

    async def command(session: Session) -> int:
        pair = record(left), record(right)
        named = [ref.source for ref in pair if isinstance(ref, RecordRef)]
        use, sources = registered_use(session, caller, purpose, recipient, "ExplainMatch", named)
        async with open_identity(session.settings) as context:
            told = await context.served.explain_match(ExplainMatch(use, *pair, sources))
        if json:
            session.screen.report(_explanation_facts(told))
        else:
            _show_explanation(session.screen, told)
        return DONE

    run(command, json_output=json)


def _explanation_facts(told: Explanation) -> dict[str, object]:
    return {
        "match_weight": told.match_weight,
        "household_weight": told.household_weight,
        "decision_weight": told.decision_weight,
        "match_probability": told.match_probability,
        "grade": told.grade.value if told.grade else None,
        "veto": told.veto,
        "same_identity": told.same_identity,
        "reasons": _reasons(told.reasons),
        "household_reasons": _reasons(told.household_reasons),
        "bundle": told.bundle,
        "warnings": list(told.warnings),
    }


def _show_explanation(screen: Screen, told: Explanation) -> None:
    say, number = screen.say, screen.language.number
    screen.out.print(
        say("[bold]One person, rather than two unrelated ones?[/]  match weight {weight}", weight=number(told.match_weight, 2))
    )
    show_reasons(screen, told.reasons)
    screen.out.print(
        say("[bold]One household, rather than unrelated?[/]  household weight {weight}", weight=number(told.household_weight, 2))
    )
    show_reasons(screen, told.household_reasons)
    grade = screen.language.term(told.grade.value) if told.grade else say("not kept")
    screen.out.print(say("[bold]Decision weight {weight}[/]: {grade}", weight=number(told.decision_weight, 2), grade=grade))
    if told.veto:
        screen.warn(say("Veto: {name}", name=told.veto))
