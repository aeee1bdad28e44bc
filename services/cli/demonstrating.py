"""What ``entente demo`` shows of consent: a call answers, somebody changes their mind, and the same call answers differently."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.table import Table

from consent.domain.event import EventKind
from services.cli.consenting import import_file, show_import
from services.cli.screen import Screen, literal
from services.consent.client import ConsentServices, expression, question
from services.consent.consent_file import open_consents
from services.consent.reading import read_decision
from services.demo.consents import PURPOSE, write_consents
from services.demo.story import Story
from services.identity.client import IdentityServices
from services.identity.reading import ToldAttribute, read_profile
from services.wiring.contexts import Contexts
from services.wiring.loopback import Line

CALLER: Final = "marketing"


@dataclass(frozen=True, slots=True)
class Agreement:
    """The person told about, where they said yes and where they will say no. ``act`` begins an act of the demo."""

    screen: Screen
    name: str
    yes: tuple[str, str]
    no: tuple[str, str]
    act: Callable[[str], None]

    @classmethod
    def of(cls, screen: Screen, story: Story, act: Callable[[str], None]) -> Agreement:
        """Return the story's person, who said yes to the CRM and will say no to the web shop."""
        return cls(screen, story.person.given_name, *cls.records(story), act)

    @staticmethod
    def records(story: Story) -> tuple[tuple[str, str], tuple[str, str]]:
        """Return the records, source and key, on which the person says yes and no."""
        keys = {row.silo.name: row.key for row in story.rows}
        return ("crm", keys["crm"]), ("webshop", keys["webshop"])


async def show_import_of_consents(agreed: Agreement, contexts: Contexts, folder: Path, *, seed: int, people: int) -> None:
    """Write what people said as an old export has it, and import it."""
    screen = agreed.screen
    agreed.act(screen.say("What they agreed to: an old list of offers by e-mail"))
    path = folder / "consents.csv"
    write_consents(path, seed=seed, people=people, story=(agreed.yes, agreed.no))
    file = open_consents(path)
    show_import(screen, file, await import_file(screen, contexts.consent, file))


async def show_change_of_mind(agreed: Agreement, contexts: Contexts, line: Line) -> None:
    """Ask, let the person say no, ask the same again."""
    screen = agreed.screen
    async with line.consent_as(CALLER) as marketing, line.identity_as(CALLER) as profiles, line.consent_as("webshop") as webshop:
        await _restore(agreed, contexts, marketing, webshop)
        agreed.act(screen.say("May we send offers to {name}, who once said yes to the CRM?", name=agreed.name))
        await _ask(agreed, marketing, profiles)
        agreed.act(screen.say("{name} has second thoughts, and tells the web shop", name=agreed.name))
        no = expression(*agreed.no, EventKind.WITHDRAWN, purpose=PURPOSE)
        started = time.perf_counter()
        await webshop.consents.record([no], request_id=contexts.consent.ids.new())
        milliseconds = (time.perf_counter() - started) * 1000
        screen.out.print(f"  webshop ▸ RecordConsent  withdrawn {PURPOSE}  {literal(':'.join(agreed.no))}")
        screen.out.print(_lasted(screen, milliseconds), style="dim")
        agreed.act(screen.say("The same question, the next instant"))
        await _ask(agreed, marketing, profiles)


async def _restore(agreed: Agreement, contexts: Contexts, marketing: ConsentServices, webshop: ConsentServices) -> None:
    """Let the person say yes again where the demo ran before, and they have said no since."""
    screen = agreed.screen
    told = read_decision(await marketing.decisions.decide(question(*agreed.yes, purpose=PURPOSE, recipient=CALLER)))
    if told.outcome != "permit":
        yes = expression(*agreed.no, EventKind.GIVEN, purpose=PURPOSE)
        await webshop.consents.record([yes], request_id=contexts.consent.ids.new())
        screen.note(screen.say("The demo ran before: signed in to the web shop, {name} says yes again.", name=agreed.name))


async def _ask(agreed: Agreement, marketing: ConsentServices, profiles: IdentityServices) -> None:
    """Ask for the profile and say in words why it is so."""
    screen, (source, key) = agreed.screen, agreed.yes
    screen.out.print(f"  {CALLER} ▸ GetProfile  {PURPOSE}  {literal(f'{source}:{key}')}")
    started = time.perf_counter()
    profile = read_profile(await profiles.resolution.profile(source, key, purpose=PURPOSE, recipient=CALLER))
    milliseconds = (time.perf_counter() - started) * 1000
    told = read_decision(await marketing.decisions.decide(question(source, key, purpose=PURPOSE, recipient=CALLER)))
    screen.out.print(_lasted(screen, milliseconds), style="dim")
    colour = "green" if told.outcome == "permit" else "red"
    screen.out.print(f"  [bold {colour}]{literal(told.explanation[screen.language.code])}[/]")
    table = Table.grid(padding=(0, 2))
    for one in profile:
        table.add_row(*_shown(screen, one))
    screen.out.print(table)


def _lasted(screen: Screen, milliseconds: float) -> str:
    return screen.say("  answered in {milliseconds} ms", milliseconds=screen.language.number(milliseconds, 1))


def _shown(screen: Screen, one: ToldAttribute) -> tuple[str, ...]:
    if not one.permitted:
        return "  [red]✗[/]", literal(one.name), screen.say("[dim]kept back[/]"), f"[dim]{literal(one.reason)}[/]"
    return "  [green]✓[/]", literal(one.name), f"[bold]{literal(one.value)}[/]", f"[dim]{literal(one.source)}[/]"
