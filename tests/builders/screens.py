"""A screen that can be read."""

from __future__ import annotations

import io

from rich.console import Console

from services.cli.language import Language
from services.cli.screen import Screen


class Page(Screen):
    """Keeps what is shown, errors and warnings too, at a width in characters."""

    def __init__(self, language: str, width: int = 300) -> None:
        super().__init__(Language(language))
        self.seen = io.StringIO()
        self.out = self.err = Console(file=self.seen, width=width, highlight=False)
