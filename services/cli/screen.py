"""The terminal: tables, progress, JSON, and how an error looks.

Rules
- Reports go to standard output, everything else (progress, warnings, errors) to standard error, so that
  ``--json`` output can be piped.
- Progress shows on a terminal only; elsewhere one line says when a step is done.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from services.cli.language import Language


class Screen:
    """What a command shows."""

    def __init__(self, language: Language, *, json_output: bool = False) -> None:
        self.language = language
        self.say = language.say
        self.json_output = json_output
        self.out = Console(highlight=False, soft_wrap=False)
        self.err = Console(stderr=True, highlight=False)

    def report(self, facts: Mapping[str, object]) -> None:
        """Print a report as one JSON object on standard output."""
        sys.stdout.write(json.dumps(facts, ensure_ascii=False, indent=2, default=str) + "\n")

    def note(self, text: str) -> None:
        """Print a side remark on standard error; silent with ``--json``."""
        if not self.json_output:
            self.err.print(text, style="dim")

    def warn(self, text: str) -> None:
        """Print a warning on standard error, also with ``--json``."""
        self.err.print(f"[bold yellow]![/] {text}")

    def fail(self, what: str, *, hint: str = "") -> None:
        """Print an error: what went wrong and, on a second line, what to do."""
        self.err.print("[bold red]✗[/] ", end="")
        self.err.print(what, markup=False)
        if hint:
            self.err.print(f"  {hint}", style="dim", markup=False)

    @contextmanager
    def progress(self, title: str, unit: str) -> Iterator[Ticker]:
        """Show a bar while a long step runs; the ticker is told how far it is."""
        shown = self.err.is_terminal and not self.json_output
        columns = (
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TextColumn(unit),
            TextColumn("[dim]{task.fields[note]}[/]"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.err, disable=not shown, transient=False) as bar:
            yield Ticker(bar, bar.add_task(title, total=None, note=""))


class Ticker:
    """Tells one progress bar how far a step is."""

    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar = bar
        self._task = task

    def at(self, done: int, total: int | None = None, note: str = "") -> None:
        """Move the bar to ``done`` of ``total`` units, with a short note."""
        self._bar.update(self._task, completed=done, total=total, note=note)
