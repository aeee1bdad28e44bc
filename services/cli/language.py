"""What the command line says, in English and French.

Rules
- A text is written in English where it is said; ``french.py`` holds its French. A test extracts every text
  that is said and demands its French, with the same placeholders.
- Values are put in by name, never glued, so that word order is the translator's.
"""

from __future__ import annotations

from services.cli.french import FRENCH

_NARROW_NO_BREAK_SPACE = "\u202f"


class Language:
    """Says texts in one language; the command line has one for the life of the process."""

    def __init__(self, code: str) -> None:
        self.code = code

    def say(self, text: str, **values: object) -> str:
        """Return ``text`` in this language with ``values`` put in."""
        return self.text(text).format(**{name: self._shown(value) for name, value in values.items()})

    def text(self, text: str) -> str:
        """Return a text without placeholders in this language."""
        return FRENCH.get(text, text) if self.code == "fr" else text

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number as this language writes it."""
        shown = f"{value:,.{digits}f}"
        if self.code == "fr":
            return shown.replace(",", _NARROW_NO_BREAK_SPACE).replace(".", ",")
        return shown

    def _shown(self, value: object) -> str:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return str(value)
        return self.number(value, 0 if isinstance(value, int) else 3)
