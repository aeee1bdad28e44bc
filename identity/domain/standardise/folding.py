"""Folding any text to lower-case ASCII with single spaces.

Rules
- Accents go (NFKD), ligatures and barred letters are spelled out (œ → oe, ß → ss, ø → o, ł → l …).
- Zero-width and bidirectional marks, lone surrogates and U+FFFD vanish; control characters are spaces.
- Text that was UTF-8 but read as Windows-1252 ("GÃ©rard") is repaired; HTML entities are resolved.
- Scripts other than Latin have no ASCII form here and vanish: the value is then absent.
- A field over ``MAX_LENGTH`` characters is no value of a person's attribute: it is refused, not cut, so that
  two long texts with one beginning never look alike.
"""

from __future__ import annotations

import html
import re
import unicodedata

MAX_LENGTH = 1024
"""Characters of a raw field beyond which it is refused."""

_APOSTROPHES = "\u2018\u2019\u201a\u201b\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u2032\u2035\u00b4\uff07\ua78b\ua78c\u055a"
_HYPHENS = "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d\u30fb\u00b7\u2022"
_QUOTES = "\u00ab\u00bb\u201c\u201d\u201e\u201f\u2033\uff02"
_SPACES = "\u0085\u1680\u2028\u2029\u180e"
_BEFORE: dict[int, str | None] = (
    dict.fromkeys(map(ord, _APOSTROPHES), "'")
    | dict.fromkeys(map(ord, _HYPHENS), "-")
    | dict.fromkeys(map(ord, _QUOTES), '"')
    | dict.fromkeys(map(ord, _SPACES), " ")
    | {0xAD: None}  # the soft hyphen is an instruction to a printer, not part of a name
)
_AFTER = str.maketrans(
    {
        "œ": "oe",
        "æ": "ae",
        "ß": "ss",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ħ": "h",
        "ı": "i",
        "ŋ": "n",
        "ŧ": "t",
        "ə": "e",
        "ǝ": "e",
        "ɛ": "e",
        "ɔ": "o",
        "ĸ": "k",
        "ƀ": "b",
        "ƒ": "f",
        "ɨ": "i",
        "ʉ": "u",
        "ɓ": "b",
        "ɗ": "d",
        "ƙ": "k",
        "ƴ": "y",
        "\u2044": "/",
    }
)
_CONTROLS = dict.fromkeys([*range(32), 127], " ") | {ord("`"): "'"}
_NO_ACCENTED = "\u00c2\u00c3\u00c5"  # with these begins what was read in a wrong encoding
_ACCENTED_LETTERS = "".join(
    letter
    for letter in map(chr, range(0xC0, 0x180))
    if letter not in _NO_ACCENTED
    and (spread := unicodedata.normalize("NFKD", letter))[0].isascii()
    and all(map(unicodedata.combining, spread[1:]))
)
_ACCENTED = re.compile(f"[\x00-\x7f{_ACCENTED_LETTERS}]*")
"""ASCII and Latin letters that are one ASCII letter and its accents: no other rule concerns them."""
_MOJIBAKE = re.compile(
    "[\u00c2\u00c3\u00c5][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]|\u00e2\u20ac"
)


_SPACED = bytes(byte if chr(byte).isascii() and chr(byte).isalnum() and not chr(byte).isupper() else 32 for byte in range(256))


def fold(text: str) -> str:
    """Lower-case ASCII with single spaces and none at the ends; empty when nothing is left."""
    if not text.isascii():
        text = _to_ascii(text)
    text = text.lower()
    if text.isalnum():
        return text
    if "&" in text:
        text = _without_entities(text)
    if not text.isprintable() or "`" in text:
        text = text.translate(_CONTROLS)
    return " ".join(text.split())


def spaced(folded: str) -> str:
    """The words of a folded text, each of letters and digits, with one space between them."""
    return b" ".join(folded.encode("ascii", "replace").translate(_SPACED).split()).decode()


def _to_ascii(text: str) -> str:
    if _ACCENTED.fullmatch(text):
        return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    if _MOJIBAKE.search(text):
        text = _repaired(text)
    spread = unicodedata.normalize("NFKD", text.translate(_BEFORE))
    return spread.lower().translate(_AFTER).encode("ascii", "ignore").decode("ascii")


def _repaired(text: str) -> str:
    """Undo one reading of UTF-8 as a single-byte encoding, where the bytes say that it happened."""
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text


def _without_entities(text: str) -> str:
    if ";" in text:
        text = html.unescape(text)
        if not text.isascii():
            text = _to_ascii(text)
        text = text.lower()
    # Set apart, an ampersand can never begin an entity: folding twice then changes nothing.
    return text.replace("&", " & ")
