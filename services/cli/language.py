"""What the command line says, in English and French.

Rules
- A text is written in English where it is said; ``french.py`` holds its French. A test extracts every text
  that is said and demands its French, with the same placeholders.
- A word that the domain stores or sends (``certain``, ``same_root``) is a ``term``; reports as JSON keep it as it is.
- Values are put in by name, never glued, so that word order is the translator's.
- A value never commands the terminal: names of files and columns come from others, and may hold escape sequences.
"""

from __future__ import annotations

import unicodedata

from services.cli.french import FRENCH
from services.cli.french_terms import TERMS

_NARROW_NO_BREAK_SPACE = "\u202f"
_COMMANDING = frozenset({"Cc", "Cs", "Zl", "Zp"})
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(text: str, *, lines: bool = False) -> str:
    """Return a text whose control characters (ESC, C1, line breaks, changes of direction) are replaced; ``lines`` keeps line feeds."""
    if text.isprintable():
        return text
    return "".join("\ufffd" if _commands(character) and not (lines and character == "\n") else character for character in text)


def _commands(character: str) -> bool:
    return unicodedata.category(character) in _COMMANDING or character in _DIRECTION


class Language:
    """Says texts in one language; the command line has one for the life of the process."""

    def __init__(self, code: str) -> None:
        self.code = code

    def say(self, text: str, **values: object) -> str:
        """Return ``text`` in this language with ``values`` put in."""
        return self.text(text).format(**{name: self.value(value) for name, value in values.items()})

    def text(self, text: str) -> str:
        """Return a text without placeholders in this language."""
        return FRENCH.get(text, text) if self.code == "fr" else text

    def term(self, word: str) -> str:
        """Return a word of the domain (a grade, a level, a state, a cause, …) in this language; one that is not known, as it is."""
        return TERMS.get(word, word) if self.code == "fr" else word

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number as this language writes it."""
        shown = f"{value:,.{digits}f}"
        if self.code == "fr":
            return shown.replace(",", _NARROW_NO_BREAK_SPACE).replace(".", ",")
        return shown

    def signed(self, value: float, digits: int) -> str:
        """Return a number with its sign."""
        return f"{'+' if value > 0 else ''}{self.number(value, digits)}"

    def value(self, value: object) -> str:
        """Return a value as it is put into a text: numbers in this language, anything else without control characters."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return plain(str(value))
        return self.number(value, 0 if isinstance(value, int) else 3)
