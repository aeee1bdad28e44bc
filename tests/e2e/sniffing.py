"""Looks for what must not be found: a text in any of its usual disguises, in files and in what processes show of themselves."""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Iterable
from pathlib import Path


def plain(text: str) -> str:
    """The text as the standardiser writes it: lower-case ASCII."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def disguises(text: str) -> set[bytes]:
    """The ways in which a text may have been written down, once ASCII letters are made small: accents, encodings, hexadecimal.

    UTF-16 stands for both orders of bytes: what is between its first and last character is the same.
    """
    found: set[bytes] = set()
    for word in (text, text.lower(), text.upper(), plain(text), plain(text).upper(), plain(text).capitalize()):
        raw = word.encode()
        found |= {raw, word.encode("latin-1"), word.encode("utf-16-le")[:-1], raw.hex().encode(), word.encode("unicode_escape")}
    return {form.lower() for form in found}


def in_base64(text: str) -> set[bytes]:
    """The part of a text's Base64 that is the same whatever stands before and after, in any case, for each alignment."""
    spelt = {text, text.lower(), text.upper(), plain(text), plain(text).upper(), plain(text).capitalize()}
    found: set[bytes] = set()
    for raw in (word.encode() for word in spelt):
        for shift in range(3):
            padded = bytes(shift) + raw
            inner = base64.b64encode(padded[: len(padded) // 3 * 3])[4 if shift else 0 :]
            found |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return found


class Nose:
    """Knows a list of secrets in all their disguises."""

    def __init__(self, secrets: Iterable[str]) -> None:
        listed = list(secrets)
        self._small = {form: secret for secret in listed for form in disguises(secret)}
        self._exact = {form: secret for secret in listed for form in in_base64(secret)}
        assert min(map(len, [*self._small, *self._exact])) >= 8, "a shorter text is found by chance"

    def smells(self, content: bytes | str) -> set[str]:
        """Which secrets a content holds."""
        raw = content.encode() if isinstance(content, str) else content
        small = raw.lower()
        found = {secret for form, secret in self._small.items() if form in small}
        return found | {secret for form, secret in self._exact.items() if form in raw}

    def in_files(self, *folders: Path) -> dict[str, set[str]]:
        """Which files below the folders hold which secrets, in their content or their name."""
        return {
            str(path): found
            for folder in folders
            for path in folder.rglob("*")
            if (found := self.smells(path.name) | (self.smells(path.read_bytes()) if path.is_file() and not path.is_symlink() else set()))
        }
