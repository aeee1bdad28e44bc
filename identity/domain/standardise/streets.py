"""Street lines: the number and the street.

Rules
- The number keeps its suffix: bis, ter, quater (b, t, q), or a letter; of a range the first number counts. A number behind the street
  ("Hauptstrasse 12") is one too.
- The kind of street and the usual titles inside its name are spelled out; articles are left out, for half of the silos do so.
- What tells the door rather than the street (building, stairs, floor, flat, letter box, residence, c/o) is left out, unless
  nothing else is told.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from identity.domain.standardise.folding import fold, spaced
from identity.domain.standardise.placeholders import is_placeholder
from identity.domain.standardise.street_words import (
    ARTICLES,
    ENGLISH_LAST,
    FRENCH_FIRST,
    INSIDE_WORDS,
    ONE_WORD_TYPES,
    PLACE_PREFIXES,
    STREET_TYPES,
)


class Street(NamedTuple):
    """Number ("12bis") and street ("rue victor hugo")."""

    number: str | None
    street: str | None

    @property
    def line(self) -> str | None:
        """Number and street in one, as a street line writes them."""
        return f"{self.number} {self.street}" if self.number else self.street


NO_STREET = Street(None, None)
_ROUNDS = 4
_NUMBER_DIGITS = 5
_NUMBER_WITHIN = 200
"""Characters at the beginning of a line among which its number is looked for."""
_NUMBER = r"(?:no?\.? ?|no ?)?(\d{1,5})(?: ?(?:-|/|a|et) ?\d{1,5}\b)?"
_SUFFIX = r"(?:\s*[-/,]?\s*(bis|ter|quater|quinquies|[a-qs-z])\b(?!'))?"  # not r: that is a street
_START = re.compile(rf"^{_NUMBER}{_SUFFIX}\s*[,.;]?\s+(?=\S)")
_TYPE_WORDS = "|".join(sorted(STREET_TYPES, key=len, reverse=True))
_NUMBER_AND_TYPE = re.compile(rf"(?:^|[\s,;-]){_NUMBER}{_SUFFIX}\s*[,.;]?\s*(?=(?:{_TYPE_WORDS})\b[. ])")
_TYPE_AFTER_COMMA = re.compile(rf"(?:^|[,;-]\s*)(?=(?:{_TYPE_WORDS})\b[. ])")
_NUMBER_BEHIND = re.compile(
    r"(?<=[a-z])(?<!\bn)(?<!\bno)(?<!\brn)(?<!\brd)(?<!nationale)(?<!departementale)(?<!\bkm)[ ,]+(\d{1,4}) ?(bis|ter|[a-qs-z])?$"
)
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_FLAT_FIRST = re.compile(r"^(?:flat|unit|apartment|apt|appt|suite)\.? ?\w{1,4}[ ,/-]+(?=\d)")
_DOOR_WORDS = (
    "bat|batiment|bt|immeuble|imm|esc|escalier|appt?|appart|appartement|apt|porte|pte|hall|entree|lot|lgt|logement|etg|etage|"
    "boite|boite aux lettres|bal|interphone|digicode|code|flat|unit|apartment|suite|bp|cs|tsa|casier"
)
_DOOR = re.compile(
    rf"\b(?:{_DOOR_WORDS}) (?:n ?o? )?(?:\d{{1,6}}|[a-z]\d{{0,4}}|\d{{1,4}}[a-z])\b"
    r"|\b\d{1,2} ?(?:e|er|eme|ere|nd|ieme) (?:etage|etg)\b|\b(?:rdc|rez de chaussee)\b|\b(?:chez|c o) .*$"
)
_COMPLEMENTS = frozenset({"residence", "resid", "res", "lotissement", "hameau"})
_ELISION = re.compile(r"\b([dl])'")
_FIRST_ALNUM = re.compile(r"^[^a-z0-9]+")
_SUFFIXES = {"b": "bis", "t": "ter", "q": "quater"}


def street(raw: str) -> Street:
    """Number and street of a street line; absent when the line never settles on one reading."""
    return folded_street(fold(raw))


def folded_street(text: str) -> Street:
    """The same of a folded line."""
    found = street_of(text)
    if found.street is None or not _unsettled(found):
        return found
    for _ in range(_ROUNDS):
        again = street_of(found.line or "")
        if again == found:
            return found
        found = again
    return NO_STREET


def _unsettled(found: Street) -> bool:
    """Whether the line might be read differently when it comes in again: digits in the name, or a letter after the number."""
    name = found.street or ""
    return not name.replace(" ", "").isalpha() or (
        found.number is not None and (name[1:2] in {" ", ""} or name.split(" ", 1)[0] in {"bis", "ter", "et"})
    )


def street_of(text: str) -> Street:
    """Number and street of a folded line, read once."""
    head, _, rest = text.partition(" ")
    if head.isdigit() and head[0] != "0" and len(head) <= _NUMBER_DIGITS and rest.partition(" ")[0] in STREET_TYPES:
        name = street_name(rest)  # as most lines are written
        return Street(head, name) if name else NO_STREET
    if not text or (not text[0].isdigit() and is_placeholder(text)):
        return NO_STREET
    number, rest = _taken_apart(text if text[0].isalnum() else _FIRST_ALNUM.sub("", text))
    name = street_name(rest)
    return Street(number, name) if name else NO_STREET


def _taken_apart(text: str) -> tuple[str | None, str]:
    """The number, wherever it stands in a line, and the line without it."""
    number: str | None = None
    match = _START.match(text)
    if match is None or text[match.end() :].split(" ", 1)[0].strip(".,") not in STREET_TYPES:
        match = _NUMBER_AND_TYPE.search(text, 0, _NUMBER_WITHIN) or match or _START.match(_FLAT_FIRST.sub("", text))
    if match:
        number = _numbered(match[1], match[2])
        text = match.string[match.end() :]
    elif moved := _TYPE_AFTER_COMMA.search(text):
        text = text[moved.end() :]
    if (
        number is None
        and (behind := _NUMBER_BEHIND.search(text))
        and not _YEAR.fullmatch(behind[1])
        and " " in text[: behind.start()].strip()
    ):
        number, text = _numbered(behind[1], behind[2]), text[: behind.start()]
    return number, text


def _numbered(number: str, suffix: str | None) -> str | None:
    plain = number.lstrip("0")
    return plain + _SUFFIXES.get(suffix or "", suffix or "") if plain else None


@lru_cache(maxsize=32768)
def street_name(text: str) -> str | None:
    """A folded street without number, in its one form: "bd. du Gal-Leclerc, bât B" → "boulevard general leclerc"; None if it is none."""
    plain = spaced(_ELISION.sub(r"\1 ", text).replace("'", "") if "'" in text else text)
    words = _without_doors(plain)
    if words is None:
        return None
    if not words:
        return None if is_placeholder(plain) else plain  # nothing but a door or a box: as it stands
    spelled: list[str] = []
    last = len(words) - 1
    for position, word in enumerate(words):
        if position == 0 and last > 0:
            spelled.append(STREET_TYPES.get(word, INSIDE_WORDS.get(word, word)))
        elif position == last and position and word in ENGLISH_LAST and words[0] not in FRENCH_FIRST:
            spelled.append(ENGLISH_LAST[word])
        else:
            spelled.append(INSIDE_WORDS.get(word, word))
    name = " ".join(spelled)
    return None if is_placeholder(name) else name


def _without_doors(plain: str) -> list[str] | None:
    """The words that are left without doors, articles and "lieu-dit"; again, since taking one away may lay another bare.

    None when that never ends.
    """
    for _ in range(2 * _ROUNDS):
        words = _DOOR.sub(" ", plain).split()
        if words[:2] == ["lieu", "dit"]:
            words = words[2:]
        elif words and words[0] in PLACE_PREFIXES:
            words = words[1:]
        kept = [word for word in words if word not in ARTICLES] or words
        if kept and kept[0] in ONE_WORD_TYPES:
            # "rue du Lac, résidence du Parc": what follows the street names a building; "rue de la Résidence" is a street.
            kept = kept[: next((at for at, word in enumerate(kept) if at > 1 and word in _COMPLEMENTS), len(kept))]
        shorter = " ".join(kept)
        if shorter == plain:
            return kept
        plain = shorter
    return None
