"""What ``entente demo`` shows: the main job, end to end, on invented people."""

from __future__ import annotations

import json as json_format
import time
from dataclasses import dataclass
from itertools import count

from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table

from identity.domain.evaluation import evaluate as measure
from identity.domain.source_record import RecordRef
from identity.usecases.link_batch import LinkBatch
from services.cli.asking import show_reasons
from services.cli.demonstrating import Agreement, show_change_of_mind, show_import_of_consents
from services.cli.failing import DONE, InputError
from services.cli.matching import link_all, show_link
from services.cli.records import Memberships, ingest_one, read_truth, show_evaluation, show_summaries
from services.cli.running import Session
from services.cli.screen import Screen, literal
from services.demo import Manifest, write_population
from services.demo.story import Story, tell
from services.identity.client import CallFailedError, IdentityServices
from services.identity.reading import ToldResolution, read_resolution
from services.wiring.contexts import Contexts, open_contexts_on
from services.wiring.database import Database, open_database
from services.wiring.identity import IdentityContext, open_identity_on
from services.wiring.ingest import start_lanes
from services.wiring.loopback import Line, loopback

SEED = 20260301
_MARK = "demo.json"


@dataclass(frozen=True, slots=True)
class _Stage:
    """What the acts of the demo share."""

    session: Session
    database: Database
    manifest: Manifest
    story: Story | None

    @property
    def screen(self) -> Screen:
        return self.session.screen


async def demonstrate(session: Session, people: int) -> int:
    """Invent ``people`` people, ingest, link, measure and ask, telling it on the screen; return the exit code."""
    started = time.monotonic()
    _greet(session.screen, people)
    async with open_database(session.settings) as database:
        await _require_demo_home(session, database, people)
        manifest = write_population(session.settings.home / "demo", seed=SEED, people=people)
        stage = _Stage(session, database, manifest, tell(SEED, people))
        await _ingest(stage)
        async with open_contexts_on(session.settings, database) as contexts:
            memberships = await _link(stage, contexts.identity)
            _show_person(stage, memberships)
            async with loopback(session.settings, contexts) as line:
                await _ask(stage, line)
                await _agree(stage, contexts, line)
    _farewell(stage, time.monotonic() - started)
    return DONE


async def _require_demo_home(session: Session, database: Database, people: int) -> None:
    """Keep invented people out of a home that holds others."""
    mark = session.settings.home / _MARK
    known = {"seed": SEED, "people": people}
    if mark.exists():
        if json_format.loads(mark.read_text("utf-8")) != known:
            raise InputError(
                "{home} holds a demo of another size",
                "Take a fresh home: ENTENTE_HOME=.entente-demo entente demo",
                home=session.settings.home,
            )
        return
    async with open_identity_on(session.settings, database) as context:
        held = await context.store.transactor.run(lambda tx: tx.records.count(), read_only=True)
    if held:
        raise InputError(
            "{home} holds {held} records already",
            "Take a fresh home: ENTENTE_HOME=.entente-demo entente demo",
            home=session.settings.home,
            held=held,
        )
    mark.write_text(json_format.dumps(known), "utf-8")


def _greet(screen: Screen, people: int) -> None:
    text = screen.say(
        "[bold]Entente[/]: one customer, across every silo, only as agreed.\n{people} invented people, four silos, no configuration.",
        people=people,
    )
    screen.out.print(Panel.fit(text, border_style="cyan", padding=(0, 2)))


def _act(screen: Screen, number: int, title: str) -> None:
    screen.out.print()
    screen.out.print(Rule(f"[bold cyan]{number}[/]  {title}", align="left", style="dim"))


async def _ingest(stage: _Stage) -> None:
    """Take the four silos in, one after the other."""
    screen = stage.screen
    _act(screen, 1, screen.say("Four silos, four ways of writing a person down"))
    done = []
    for silo in stage.manifest.silos:
        async with start_lanes(silo.data) as lanes:
            summary = await ingest_one(stage.session, stage.database, lanes, silo.data, silo.mapping, store_only=True)
        done.append((silo.data, summary))
    show_summaries(screen, done)


async def _link(stage: _Stage, context: IdentityContext) -> Memberships:
    """Link, and hold the result against the truth."""
    screen = stage.screen
    _act(screen, 2, screen.say("Who is who: linked in one batch"))
    show_link(screen, await link_all(screen, context, LinkBatch()))
    memberships = Memberships()
    await context.export_memberships(memberships)
    _act(screen, 3, screen.say("Held against the truth, which the model never saw"))
    show_evaluation(screen, measure(read_truth(stage.manifest.truth), memberships.identities).to_json())
    return memberships


def _show_person(stage: _Stage, memberships: Memberships) -> None:
    """Show one person as the silos hold them, and that it is one identity."""
    screen, story = stage.screen, stage.story
    if story is None:
        return
    _act(screen, 4, screen.say("One person, scattered"))
    table = Table.grid(padding=(0, 2))
    for row in story.rows:
        identity = memberships.identities.get(RecordRef(row.silo.name, row.key))
        shown = " · ".join(value for value in row.values[1:] if value)
        table.add_row(f"[bold]{literal(row.silo.name)}[/]", literal(shown), f"[green]{str(identity)[-6:]}[/]")
    screen.out.print(table)
    identities = {memberships.identities.get(RecordRef(row.silo.name, row.key)) for row in story.rows}
    screen.note(
        screen.say(
            "{records} records, {identities} identity (its last digits in green)", records=len(story.rows), identities=len(identities)
        )
    )


async def _ask(stage: _Stage, line: Line) -> None:
    """Ask over gRPC, as registered callers with their own certificates."""
    screen, story = stage.screen, stage.story
    if story is None:
        return
    _act(screen, 5, screen.say("The phone rings: who is this? (gRPC, mTLS)"))
    async with line.identity_as("callcentre") as callcentre, line.identity_as("chatbot") as chatbot:
        await _one_question(callcentre, "callcentre", story.question)  # opens the connection
        answer = await _told(screen, callcentre, "callcentre", story.question)
        _show_answer(screen, answer)
        _act(screen, 6, screen.say("Somebody else of the same household, on the same phone"))
        mate = await _told(screen, callcentre, "callcentre", story.question_of_mate)
        same = mate.pseudonym and mate.pseudonym == answer.pseudonym
        verdict = screen.say("[red]taken for the same person[/]") if same else screen.say("[green]not the same person[/]")
        screen.out.print(f"  [bold]{screen.term(mate.grade)}[/]  {literal(mate.pseudonym[:28])}  {verdict}")
        _act(screen, 7, screen.say("What others may know"))
        other = read_resolution(await chatbot.resolution.resolve(purpose="service", recipient="chatbot", attributes=story.question))
        screen.out.print(screen.say("  the chat robot gets its own pseudonym   {pseudonym}", pseudonym=other.pseudonym[:28]))
    async with line.identity_as("marketing") as marketing:
        await _refused(screen, marketing, story)
    for warning in answer.warnings:
        screen.warn(literal(screen.language.text(warning)))


async def _agree(stage: _Stage, contexts: Contexts, line: Line) -> None:
    """Show what the person agreed to, and what a change of mind does."""
    screen, story = stage.screen, stage.story
    if story is None:
        return
    acts = count(8)
    agreed = Agreement.of(screen, story, lambda title: _act(screen, next(acts), title))
    folder = stage.session.settings.home / "demo"
    await show_import_of_consents(agreed, contexts, folder, seed=SEED, people=stage.manifest.people)
    await show_change_of_mind(agreed, contexts, line)


async def _one_question(services: IdentityServices, caller: str, question: dict[str, str]) -> ToldResolution:
    return read_resolution(await services.resolution.resolve(purpose="service", recipient=caller, attributes=question))


async def _told(screen: Screen, services: IdentityServices, caller: str, question: dict[str, str]) -> ToldResolution:
    words = "  ".join(f"{name}=[bold]{literal(value)}[/]" for name, value in question.items())
    screen.out.print(f"  {caller} ▸ ResolveIdentity  {words}")
    started = time.perf_counter()
    answer = await _one_question(services, caller, question)
    milliseconds = (time.perf_counter() - started) * 1000
    screen.out.print(screen.say("  answered in {milliseconds} ms", milliseconds=screen.language.number(milliseconds, 1)), style="dim")
    return answer


def _show_answer(screen: Screen, answer: ToldResolution) -> None:
    number = screen.language.number
    screen.out.print(f"  [bold green]{screen.term(answer.grade)}[/]  {literal(answer.pseudonym[:28])}")
    screen.out.print(
        screen.say(
            "  match weight {match}, decision weight {decision} once the household is weighed in, probability {probability}",
            match=number(answer.match_weight, 1),
            decision=number(answer.decision_weight, 1),
            probability=number(answer.match_probability, 5),
        ),
        style="dim",
    )
    show_reasons(screen, answer.reasons)


async def _refused(screen: Screen, marketing: IdentityServices, story: Story) -> None:
    try:
        await marketing.resolution.resolve(purpose="service", recipient="marketing", attributes=story.question)
    except CallFailedError as failed:
        screen.out.print(
            screen.say(
                "  marketing asks for the purpose “service”    [red]{code}[/] {message}",
                code=failed.refusal.code,
                message=screen.language.text(failed.refusal.message),
            )
        )


def _farewell(stage: _Stage, seconds: float) -> None:
    screen = stage.screen
    screen.out.print()
    spent = screen.language.number(seconds, 1)
    lines: list[tuple[str, str]] = []
    if stage.story is not None:
        one, other = stage.story.rows[:2]
        lines.append(
            (
                screen.say("ask by a silo's own key"),
                f"entente resolve --source {one.silo.name} --key {one.key} --caller callcentre --purpose service",
            )
        )
        pair = f"--left {one.silo.name}:{one.key} --right {other.silo.name}:{other.key}"
        (source, key), _ = told_of = Agreement.records(stage.story)
        lines.append(
            (
                screen.say("what may be done with their data?"),
                f"entente decide --source {source} --key {key} --caller marketing --purpose offers-email",
            )
        )
        source, key = told_of[1]
        lines.append((screen.say("what was said to the web shop"), f"entente consent show --source {source} --key {key}"))
        lines.append((screen.say("why are these two one person?"), f"entente explain {pair}"))
    lines.append((screen.say("the hardest pairs, for a steward"), "entente review --limit 5"))
    lines.append((screen.say("gRPC for your own callers"), "make serve"))
    told = "\n".join(f"[dim]{what}[/]\n  {'.venv/bin/' if line.startswith('entente') else ''}{literal(line)}" for what, line in lines)
    title = screen.say("done in {seconds} s; now try", seconds=spent)
    screen.out.print(Panel(told, title=title, title_align="left", border_style="cyan"))
