"""Commands about consent: publish a catalogue, record and import what people said, show it, and decide.

They are the operator's. ``decide`` tells what a caller would be told, so it needs no registration of its own: one that a caller lacks is
part of the answer, which is no.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, TypeVar

import typer
from rich.table import Table

from consent.domain.anchor import Anchor
from consent.domain.catalogue_file import parse_catalogue
from consent.domain.decision import Outcome
from consent.domain.event import DENIALS, GRANTS, Actor, Assurance, ConsentEvent, EventKind, Method
from consent.usecases.import_consents import Imported, ImportRow, RowRefused
from consent.usecases.list_events import ListConsentEvents
from consent.usecases.publish_catalogue import Publication
from consent.usecases.record_consent import Expression, RecordConsent
from services.cli.failing import DONE, InputError
from services.cli.options import Channel, Json, Key, Source, instant, require_name
from services.cli.records import read_text
from services.cli.running import Session, run
from services.cli.screen import Screen, literal, shown_time
from services.consent.consent_file import (
    ACTORS,
    ASSURANCES,
    EVENTS,
    METHODS,
    ConsentFile,
    ConsentFileError,
    FileFault,
    open_consents,
    read_consents,
    rejects_path,
    write_rejects,
)
from services.consent.parsing import is_word
from services.wiring.consent import ConsentContext, open_consent

T = TypeVar("T")

OPERATOR: Final = "operator"
"""As whom the command line records."""
_AT_ONCE: Final = 1000
"""Rows recorded together."""
_NO_READING: Final = "{file} cannot be read: {why}"
_NO_WRITING: Final = "the rejects of {file} cannot be written: {why}"
_NO_COLUMN: Final = "the first line of {file} names no column {columns}"
_NO_KNOWN_COLUMN: Final = "the first line of {file}: column {place} is not one that is known"
_NO_SINGLE_COLUMN: Final = "the first line of {file}: column {place} is there twice"
_NO_CSV: Final = "{file} is no CSV at line {line}; what came before is recorded"
_FILE_FAULTS: Final = {
    FileFault.UNREADABLE: _NO_READING,
    FileFault.UNWRITABLE: _NO_WRITING,
    FileFault.COLUMN_MISSING: _NO_COLUMN,
    FileFault.COLUMN_UNKNOWN: _NO_KNOWN_COLUMN,
    FileFault.COLUMN_TWICE: _NO_SINGLE_COLUMN,
    FileFault.NOT_CSV: _NO_CSV,
}
_COLOURS: Final = {Outcome.PERMIT: "green", Outcome.PARTIAL: "yellow", Outcome.DENY: "red"}

consent = typer.Typer(help="What people agreed to: purposes, and what was said about them.", no_args_is_help=True)


@consent.command("publish")
def publish(catalogue: Annotated[Path, typer.Argument(metavar="CATALOGUE.toml")], json: Json = False) -> None:
    """Publish purposes and notices. All of the file or nothing; the same again changes nothing."""

    async def command(session: Session) -> int:
        declared = parse_catalogue(read_text(catalogue), catalogue.name)
        async with open_consent(session.settings) as context:
            published = await context.served.publish(declared)
            revision = context.served.revisions.token(published.revision)
        if json:
            session.screen.report(_publication_facts(published, revision))
        else:
            _show_publication(session.screen, published)
        return DONE

    run(command, json_output=json)


def _publication_facts(published: Publication, revision: str) -> dict[str, object]:
    return {
        "purposes": [{"purpose": name, "version": version} for name, version in published.purposes],
        "notices": [{"notice": name, "version": version} for name, version in published.notices],
        "unchanged": published.unchanged,
        "revision": revision,
    }


def _show_publication(screen: Screen, published: Publication) -> None:
    for title, versions in ((screen.say("purpose"), published.purposes), (screen.say("notice"), published.notices)):
        for name, version in versions:
            screen.out.print(f"[dim]{title:<8}[/] {literal(name)} {version}")
    if not (published.purposes or published.notices):
        screen.out.print(screen.say("Nothing new: all of it was published before."))


@consent.command("record")
def record(
    source: Source,
    key: Key,
    event: Annotated[str, typer.Option(help="given, refused, withdrawn, objected, restricted, lifted, …")],
    purpose: Annotated[str | None, typer.Option(help="What it is about; every purpose if not said, which only a no may be.")] = None,
    channel: Channel = None,
    recipient: Annotated[str | None, typer.Option(help="For whom; every recipient of the purpose's if not said.")] = None,
    at: Annotated[str | None, typer.Option(help="When it was said; now if not said.")] = None,
    assurance: Annotated[str, typer.Option(help="How sure it is who spoke: declared, device, contact, account.")] = "declared",
    method: Annotated[str, typer.Option(help="How it was said: portal, form, phone, paper, link, …")] = "form",
    actor: Annotated[str, typer.Option(help="Who said it: self, guardian, agent, system.")] = "self",
    evidence: Annotated[str, typer.Option(help="Where the proof is kept.")] = "",
    notice_version: Annotated[int | None, typer.Option(help="Version of the notice that was shown; the newest if not said.", min=1)] = None,
    language: Annotated[str, typer.Option(help="In which language it was shown.")] = "fr",
    valid_until: Annotated[str | None, typer.Option(help="When it ends; as the purpose says if not said.")] = None,
    json: Json = False,
) -> None:
    """Record what somebody said about the use of their data. It counts from this instant on, everywhere."""

    async def command(session: Session) -> int:
        said = _Said(
            kind=_one_of("event", event, EVENTS),
            purpose=_word("purpose", purpose),
            channel=_word("channel", channel),
            recipient=_word("recipient", recipient),
            expressed_at=instant(at) if at else None,
            method=_one_of("method", method, METHODS),
            actor=_one_of("actor", actor, ACTORS),
            assurance=_one_of("assurance", assurance, ASSURANCES),
            notice_version=notice_version,
            language=language,
            valid_until=instant(valid_until) if valid_until else None,
            evidence=evidence,
        )
        require_name(source, key)
        async with open_consent(session.settings) as context:
            anchor = context.served.anchors.anchor(source, key)
            recorded = await context.served.record_consent(RecordConsent(OPERATOR, str(context.ids.new()), (said.on(anchor),), b""))
            stored = next(one for one in await _events_of(context, anchor) if one.event_id == recorded.events[0])
            revision = context.served.revisions.token(recorded.revision)
        if json:
            session.screen.report({**_event_facts(stored), "revision": revision})
        else:
            show_events(session.screen, [stored])
        return DONE

    run(command, json_output=json)


@consent.command("import")
def import_consents(file: Annotated[Path, typer.Argument(metavar="FILE.csv")], json: Json = False) -> None:
    """Take in a CSV of what was said elsewhere. Importing the same file again changes nothing; a yes without proof permits nothing."""

    async def command(session: Session) -> int:
        with _telling(file):
            opened = open_consents(file)
            async with open_consent(session.settings) as context:
                done = await import_file(session.screen, context, opened)
        if json:
            session.screen.report(import_facts(opened, done))
        else:
            show_import(session.screen, opened, done)
        return DONE

    run(command, json_output=json)


@contextmanager
def _telling(file: Path) -> Iterator[None]:
    """Tell what is wrong with a file as a whole."""
    try:
        yield
    except ConsentFileError as error:
        facts: dict[str, object] = {"file": file.name, **error.facts}
        raise InputError(_FILE_FAULTS[error.fault], hint="", **facts) from None


async def import_file(screen: Screen, context: ConsentContext, file: ConsentFile) -> Imported:
    """Import a file with a progress bar; rows that were refused are listed beside it.

    Raises:
        ConsentFileError: if the file cannot be read to its end; what came before is recorded, and its rejects are listed.
    """
    done, read = Imported(), 0
    broken: ConsentFileError | None = None
    waiting: list[ImportRow] = []
    refused: list[RowRefused] = []

    def progress(length: int) -> None:
        nonlocal read
        read += length

    rows = read_consents(file, context.served.anchors.anchor, progress)
    with screen.progress(literal(file.path.name), "") as ticker:
        while True:
            try:
                row = next(rows, None)
            except ConsentFileError as error:
                broken, row = error, None
            match row:
                case RowRefused():
                    refused.append(row)
                case ImportRow():
                    waiting.append(row)
            if len(waiting) == _AT_ONCE or (row is None and waiting):
                done += await context.importer(OPERATOR, waiting)
                waiting = []
                ticker.at(min(read, file.size), file.size, screen.say("{count} recorded", count=done.recorded))
            if row is None:
                break
    done += Imported(refused=tuple(refused))
    write_rejects(file.path, sorted(done.refused, key=lambda one: one.line))
    if broken is not None:
        raise broken
    return done


def import_facts(file: ConsentFile, done: Imported) -> dict[str, object]:
    """Return the JSON report of an import."""
    return {
        "recorded": done.recorded,
        "of_which_unproved": done.unproved,
        "already_there": done.present,
        "rejected": len(done.refused),
        "rejects_file": str(rejects_path(file.path)) if done.refused else None,
        "encoding": file.encoding.removesuffix("-sig"),
        "delimiter": file.delimiter,
    }


def show_import(screen: Screen, file: ConsentFile, done: Imported) -> None:
    """Print what became of a file."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(justify="right")
    table.add_row(screen.say("recorded"), screen.language.number(done.recorded))
    table.add_row(screen.say("already there"), screen.language.number(done.present))
    table.add_row(screen.say("rejected"), screen.language.number(len(done.refused)))
    screen.out.print(table)
    if done.unproved:
        screen.warn(
            screen.say(
                "{count} of them say yes without proof (notice_version and evidence): they are kept as unknown, and permit nothing.",
                count=done.unproved,
            )
        )
    if done.refused:
        screen.warn(screen.say("Rejected rows, with line, column and reason: {file}", file=rejects_path(file.path)))
    if file.encoding == "cp1252":
        screen.note(screen.say("The file is no UTF-8; it was read as Windows-1252."))


@consent.command("show")
def show(source: Source, key: Key, json: Json = False) -> None:
    """Show what was said on one record, oldest first."""

    async def command(session: Session) -> int:
        require_name(source, key)
        async with open_consent(session.settings) as context:
            events = await _events_of(context, context.served.anchors.anchor(source, key))
        if json:
            session.screen.report({"events": [{**_event_facts(event), "evidence": event.evidence or None} for event in events]})
        elif events:
            show_events(session.screen, events)
        else:
            session.screen.out.print(session.screen.say("Nothing was said on this record."))
        return DONE

    run(command, json_output=json)


async def _events_of(context: ConsentContext, anchor: Anchor) -> list[ConsentEvent]:
    events: list[ConsentEvent] = []
    token = ""
    while True:
        page = await context.served.list_events(ListConsentEvents(anchor, 500, token))
        events += page.events
        token = page.next_page_token
        if not token:
            return events


def _event_facts(event: ConsentEvent) -> dict[str, object]:
    """Return the JSON report of an event, without its evidence: a name of a recording may say who somebody is."""
    return {
        "event_id": str(event.event_id),
        "event": event.kind.value,
        "purpose": event.purpose,
        "purpose_version": event.purpose_version,
        "channel": event.channel,
        "recipient": event.recipient,
        "expressed_at": event.expressed_at.isoformat(),
        "recorded_at": event.recorded_at.isoformat(),
        "method": event.method.value,
        "actor": event.actor.value,
        "assurance": event.assurance.name.lower(),
        "notice": event.notice.notice if event.notice else None,
        "notice_version": event.notice.version if event.notice else None,
        "language": event.notice.language if event.notice else None,
        "valid_until": event.valid_until.isoformat() if event.valid_until else None,
    }


def show_events(screen: Screen, events: Sequence[ConsentEvent]) -> None:
    """Print events; where the proof is kept is shown in JSON only."""
    say = screen.say
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for title in (say("when"), say("said"), say("purpose"), say("channel"), say("how"), say("assurance"), say("notice")):
        table.add_column(title)
    for event in events:
        colour = "green" if event.kind in GRANTS else "red" if event.kind in DENIALS else "dim"
        table.add_row(
            shown_time(event.expressed_at),
            f"[{colour}]{screen.term(event.kind.value)}[/]",
            literal(event.purpose or say("every purpose")),
            literal(event.channel or "–"),
            screen.term(event.method.value),
            screen.term(event.assurance.name.lower()),
            literal(f"{event.notice.notice} {event.notice.version}") if event.notice else "–",
        )
    screen.out.print(table)


@dataclass(frozen=True, slots=True)
class _Said:
    """An expression, before it is known on which anchor."""

    kind: EventKind
    purpose: str | None
    channel: str | None
    recipient: str | None
    expressed_at: datetime | None
    method: Method
    actor: Actor
    assurance: Assurance
    notice_version: int | None
    language: str
    valid_until: datetime | None
    evidence: str

    def on(self, anchor: Anchor) -> Expression:
        return Expression(anchor, **{field.name: getattr(self, field.name) for field in fields(self)})


def _one_of(option: str, text: str, known: Mapping[str, T]) -> T:
    found = known.get(text.lower())
    if found is None:
        raise InputError("--{option} is none of {known}", option=option, known=", ".join(known))
    return found


def _word(option: str, text: str | None) -> str | None:
    if text is not None and not is_word(text):
        raise InputError("--{option} takes lower-case letters, digits, - and _", option=option)
    return text
