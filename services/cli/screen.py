"""The terminal: tables, progress, JSON, and how an error looks.

Rules
- Reports go to standard output, everything else (progress, warnings, errors) to standard error, so that
  ``--json`` output can be piped.
- Progress shows on a terminal only; elsewhere one line says when a step is done.
- Texts may have markup, what is put into them may not: ``Screen.say`` and ``literal`` show a value as it is, without control characters.
  Whatever comes from a file, a name of one, a store or a model goes through one of the two before it is printed.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from services.cli.language import Language, plain

_OPENS_TAG: Final = re.compile(r"(\\*)\[(?=[a-z#/@]|$)")
_ENDS_IN_BACKSLASHES: Final = re.compile(r"(?<!\\)(?:\\\\)*\\$")
_JSON_LEAVES: Final = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def literal(value: str) -> str:
    """Return markup that shows a value as it is: control characters replaced, no bracket of it opens a tag, wherever it is put in.

    Stricter than ``rich.markup.escape``, which leaves half a tag alone: two values, or a value and what follows it, could make a whole one.
    """
    escaped = _OPENS_TAG.sub(lambda found: found[1] * 2 + "\\[", plain(value))
    return escaped + "\\" if _ENDS_IN_BACKSLASHES.search(escaped) else escaped


def shown_time(moment: datetime) -> str:
    """Return a time to the minute, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


class Screen:
    """What a command shows."""

    def __init__(self, language: Language, *, json_output: bool = False) -> None:
        self.language = language
        self.json_output = json_output
        self.out = Console(highlight=False, soft_wrap=False)
        self.err = Console(stderr=True, highlight=False)
        self._warned: set[str] = set()

    def say(self, text: str, **values: object) -> str:
        """Return ``text`` in the operator's language with ``values`` put in literally; markup is what the text itself has."""
        return self.language.text(text).format(**{name: literal(self.language.value(value)) for name, value in values.items()})

    def term(self, word: str) -> str:
        """Return a word of the domain in the operator's language, as markup."""
        return literal(self.language.term(word))

    def report(self, facts: Mapping[str, object]) -> None:
        """Print a report as one JSON object on standard output."""
        text = json.dumps(facts, ensure_ascii=False, indent=2, default=str)
        sys.stdout.write(_JSON_LEAVES.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")

    def note(self, text: str) -> None:
        """Print a side remark (markup) on standard error; silent with ``--json``."""
        if not self.json_output:
            self.err.print(text, style="dim")

    def warn(self, text: str) -> None:
        """Print a warning (markup) on standard error, also with ``--json``; each is shown once."""
        if text in self._warned:
            return
        self._warned.add(text)
        self.err.print(f"[bold yellow]![/] {text}")

    def fail(self, what: str, *, hint: str = "") -> None:
        """Print an error, literally: what went wrong and, on a second line, what to do."""
        self.err.print("[bold red]✗[/] ", end="")
        self.err.print(plain(what, lines=True), markup=False)
        if hint:
            self.err.print(f"  {plain(hint, lines=True)}", style="dim", markup=False)

    @contextmanager
    def progress(self, title: str, unit: str) -> Iterator[Ticker]:
        """Show a bar while a long step runs; the ticker is told how far it is. ``title`` and the ticker's notes are markup."""
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
