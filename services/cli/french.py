"""The French of what the command line says: English text → French text, same placeholders."""

from __future__ import annotations

from typing import Final

FRENCH: Final[dict[str, str]] = {}
