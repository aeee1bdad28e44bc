"""On which line of a TOML text a key stands, so that a fault can name its line; ``tomllib`` does not tell."""

from __future__ import annotations

import re
from collections.abc import Iterator

_BARE_OR_QUOTED = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_PATH = rf"{_BARE_OR_QUOTED}(?:\s*\.\s*{_BARE_OR_QUOTED})*"
_HEADER = re.compile(rf"^\s*\[\[?\s*({_PATH})\s*\]\]?")
_PAIR = re.compile(rf"^\s*({_PATH})\s*=")
_INLINE_PAIR = re.compile(rf"[{{,]\s*({_PATH})\s*=")
_PIECE = re.compile(_BARE_OR_QUOTED)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|' r"'[^']*'")


def key_lines(text: str) -> dict[tuple[str, ...], int]:
    """Return the line (from 1) of every table and key, by its whole path; the first of equal paths stands."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in _code_lines(text):
        header = _HEADER.match(line)
        if header:
            table = _pieces(header[1])
            lines.setdefault(table, number)
            continue
        pair = _PAIR.match(line)
        if pair:
            path = table + _pieces(pair[1])
            lines.setdefault(path, number)
            for inner in _inline_keys(line[pair.end() :]):
                lines.setdefault(path + inner, number)
    return lines


def _code_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines that are not inside a multi-line string."""
    closing = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if closing:
            closing = "" if closing in line else closing
            continue
        yield number, line
        for quotes in ('"""', "'''"):
            if line.count(quotes) % 2:
                closing = quotes


def _inline_keys(value: str) -> Iterator[tuple[str, ...]]:
    """Yield the keys of an inline table (one level: a catalogue has no deeper ones)."""
    blanked = _STRING.sub(lambda found: '"' + "_" * (len(found[0]) - 2) + '"', value)
    for found in _INLINE_PAIR.finditer(blanked):
        yield _pieces(value[found.start(1) : found.end(1)])


def _pieces(path: str) -> tuple[str, ...]:
    return tuple(piece.strip("\"'") for piece in _PIECE.findall(path))
