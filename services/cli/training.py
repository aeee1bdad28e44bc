"""Commands about models: train, bundle list, bundle promote, bundle rollback."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from identity.domain.training.report import TrainingReport
from identity.ports.trainer import TrainingProgress
from identity.usecases.bundles import BundleList
from identity.usecases.train_model import ModelTrained, TrainModel
from services.cli.failing import DONE, InputError
from services.cli.options import Json
from services.cli.running import Session, run
from services.cli.screen import Screen
from services.cli.training_page import page, thresholds_told
from services.wiring.identity import IdentityContext, open_identity

NoPromote = Annotated[bool, typer.Option("--no-promote", help="Keep the new model aside; it serves once promoted.")]
Digest = Annotated[str, typer.Argument(help="The bundle's digest, or its first eight or more digits.")]


def train(no_promote: NoPromote = False, json: Json = False) -> None:
    """Learn a model from the records that are there, without labels, and let it serve."""

    async def command(session: Session) -> int:
        async with open_identity(session.settings) as context:
            trained = await train_all(session.screen, context, TrainModel(promote=not no_promote))
        saved = _save(session, trained)
        if json:
            session.screen.report(training_facts(trained, saved))
        else:
            show_training(session.screen, trained, saved)
        return DONE

    run(command, json_output=json)


async def train_all(screen: Screen, context: IdentityContext, command: TrainModel) -> ModelTrained:
    """Train with a progress bar."""
    stages = {
        "loading": screen.say("unsealing records"),
        "blocking": screen.say("finding candidate pairs"),
        "comparing": screen.say("comparing pairs"),
        "learning": screen.say("learning"),
    }
    with screen.progress(screen.say("train"), "") as ticker:

        def progress(at: TrainingProgress) -> None:
            ticker.at(at.done, at.total or None, stages.get(at.stage, at.stage))

        return await context.train_model(command, progress=progress)


def _save(session: Session, trained: ModelTrained) -> Path:
    """Write the report as a page into the home; it holds numbers only, but stays the operator's."""
    folder = session.settings.home / "reports"
    path = folder / f"training-{trained.digest[:12]}.html"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(page(trained, session.screen.language))
    except OSError as error:
        raise InputError("{path} cannot be written: {why}", path=path, why=error.strerror) from None
    return path


def training_facts(trained: ModelTrained, saved: Path) -> dict[str, object]:
    """Return the JSON report of a training run."""
    return {
        "bundle": trained.digest,
        "promoted": trained.promoted,
        "unchanged": trained.unchanged,
        "report_file": str(saved),
        **asdict(trained.report),
    }


def show_training(screen: Screen, trained: ModelTrained, saved: Path) -> None:
    """Print what was learnt."""
    say, number, report = screen.say, screen.language.number, trained.report
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", overflow="fold")
    facts.add_column(justify="right", no_wrap=True)
    for what, value in (
        (say("records"), number(report.records)),
        (say("pairs looked at"), number(report.pairs)),
        (say("pairs of one person, expected"), number(report.same_person_pairs)),
        (say("pairs of one household, expected"), number(report.household_pairs)),
        (say("false links, expected"), f"{number(100 * report.expected_false_links, 2)} %"),
        (say("records too poor to link"), f"{number(100 * report.unlinkable, 1)} %"),
    ):
        facts.add_row(what, value)
    screen.out.print(facts)
    _show_levels(screen, report)
    screen.out.print(say("[bold]Thresholds[/]  {reason}", reason=thresholds_told(report, screen.language)))
    if report.absent:
        screen.note(say("Columns that hardly any record has, left out: {names}", names=", ".join(report.absent)))
    screen.note(say("Bundle {digest}; the whole report: {file}", digest=trained.digest[:12], file=saved))
    if trained.unchanged:
        screen.note(say("Nothing new was learnt: the bundle that serves stays."))
    if not trained.promoted:
        screen.note(say("Not promoted: entente bundle promote {digest}", digest=trained.digest[:12]))


def _show_levels(screen: Screen, report: TrainingReport) -> None:
    """Print the weight of each level against strangers and against the household."""
    number = screen.language.number
    table = Table(box=None, padding=(0, 1), header_style="bold")
    table.add_column(screen.say("comparison"), overflow="fold")  # words give way on a narrow terminal, numbers do not
    table.add_column(screen.say("level"), overflow="fold", style="dim")
    for title in ("m", "u", "h", screen.say("weight"), screen.say("household")):
        table.add_column(title, justify="right", no_wrap=True)
    before = ""
    for level in report.levels:
        weights = [
            f"[{'green' if weight >= 0 else 'red'}]{screen.language.signed(weight, 1)}[/]"
            for weight in (level.weight, level.household_weight)
        ]
        name = level.comparison if level.comparison != before else ""
        table.add_row(screen.term(name), screen.term(level.label), number(level.m, 4), number(level.u, 4), number(level.h, 4), *weights)
        before = level.comparison
    screen.out.print(table)


bundle = typer.Typer(help="Trained models: which serves, and going back.", no_args_is_help=True)


@bundle.command("list")
def bundle_list(json: Json = False) -> None:
    """Show which bundle serves, and which served before."""

    async def command(session: Session) -> int:
        async with open_identity(session.settings) as context:
            known = await context.bundles.list()
        if json:
            served = [{"bundle": one.digest, "at": one.at.isoformat(), "packaged": one.packaged} for one in known.promotions]
            kept = [{"bundle": digest, "created_at": at.isoformat()} for digest, at in known.kept]
            session.screen.report({"active": known.active, "packaged": known.packaged, "kept": kept, "promotions": served})
        else:
            _show_bundles(session.screen, known)
        return DONE

    run(command, json_output=json)


def _show_bundles(screen: Screen, known: BundleList) -> None:
    made = dict(known.kept)
    table = Table.grid(padding=(0, 2))
    for digest in dict.fromkeys((known.active, *made, known.packaged)):
        served = max((one.at for one in known.promotions if one.digest == digest), default=None)
        table.add_row(
            f"[{'green' if digest == known.active else 'dim'}]{digest[:12]}[/]",
            screen.say("serves now") if digest == known.active else "",
            f"[dim]{screen.say('ships with Entente') if digest == known.packaged else made[digest].isoformat(timespec='seconds')}[/]",
            f"[dim]{screen.say('promoted {at}', at=served.isoformat(timespec='seconds')) if served else ''}[/]",
        )
    screen.out.print(table)


@bundle.command("promote")
def bundle_promote(digest: Digest, json: Json = False) -> None:
    """Let a bundle serve; look at what it would change first: entente link --dry-run."""

    async def command(session: Session) -> int:
        async with open_identity(session.settings) as context:
            served = await context.bundles.promote(digest)
        _tell_served(session, served, json_output=json)
        return DONE

    run(command, json_output=json)


@bundle.command("rollback")
def bundle_rollback(json: Json = False) -> None:
    """Let the bundle serve that served before."""

    async def command(session: Session) -> int:
        async with open_identity(session.settings) as context:
            served = await context.bundles.rollback()
        _tell_served(session, served, json_output=json)
        return DONE

    run(command, json_output=json)


def _tell_served(session: Session, digest: str, *, json_output: bool) -> None:
    if json_output:
        session.screen.report({"active": digest})
    else:
        session.screen.out.print(session.screen.say("{digest} serves now; entente link brings the identities in line.", digest=digest[:12]))
