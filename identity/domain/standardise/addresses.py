"""Street lines and one-line addresses.

Rules
- The number keeps its suffix: bis, ter, quater (b, t, q), or a letter; of a range the first number counts.
- The kind of street and the usual titles inside its name are spelled out; articles are left out, for half of the silos do so.
- What tells the door rather than the street (building, stairs, floor, flat, letter box, c/o) is left out.
- In one line, the last five digits are the postal code and the town stands beside them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from identity.domain.standardise.countries import COUNTRIES
from identity.domain.standardise.folding import fold
from identity.domain.standardise.placeholders import is_placeholder
from identity.domain.standardise.street_words import ARTICLES, ENGLISH_LAST, INSIDE_WORDS, STREET_TYPES


class Street(NamedTuple):
    """Number ("12bis") and street ("rue victor hugo")."""

    number: str | None
    street: str | None


class Address(NamedTuple):
    """A one-line address taken apart; town and postal code still as written."""

    street: Street
    postal_code: str
    city: str
    country: str


NO_STREET = Street(None, None)
NO_ADDRESS = Address(NO_STREET, "", "", "")
_NUMBER = r"(?:no?\.? ?|no ?)?(\d{1,5})(?: ?(?:-|/|a|et) ?\d{1,5}\b)?"
_SUFFIX = r"(?:\s*[-/,]?\s*(bis|ter|quater|quinquies|[a-z])\b(?!'))?"
_START = re.compile(rf"^{_NUMBER}{_SUFFIX}\s*[,.;]?\s+(?=\S)")
_TYPE_WORDS = "|".join(sorted(STREET_TYPES, key=len, reverse=True))
_NUMBER_AND_TYPE = re.compile(rf"(?:^|[\s,;-]){_NUMBER}{_SUFFIX}\s*[,.;]?\s*(?=(?:{_TYPE_WORDS})\b[. ])")
_TYPE_AFTER_COMMA = re.compile(rf"(?:^|[,;-]\s*)(?=(?:{_TYPE_WORDS})\b[. ])")
_DOOR_WORDS = (
    r"bat(?:iment|\.)?|bt|immeuble|imm|esc(?:alier|\.)?|appt?|appart(?:ement)?|apt|porte|pte|hall|entree|lot|lgt|logement|etg|etage|"
    r"boite(?: aux lettres)?|bal|interphone|digicode|code|flat|unit|apartment|suite|bp|cs|tsa|casier"
)
_DOOR = re.compile(
    rf"\s*[,;(-]?\s*\b(?:(?:{_DOOR_WORDS})\.?\s*(?:n ?o?\.?\s*)?(?:\d{{1,6}}|[a-z]\d{{0,3}}|[a-z]?\d{{1,4}}[a-z]?)\b"
    r"|\d{1,2}\s*(?:e|er|eme|ere|nd|ieme)\s*(?:et(?:a)?ge?|etg)\b|(?:rdc|rez de chaussee|rez-de-chaussee)\b|(?:chez|c/o)\s.*$)\.?"
)
_POSTAL = re.compile(r"(?<!\d)(?:f-|fr-)?(\d{2} ?\d{3})(?!\d)")
_APOSTROPHE = re.compile(r"'")
_NOT_ALNUM = re.compile(r"[^a-z0-9]+")
_SUFFIXES = {"b": "bis", "t": "ter", "q": "quater"}
_POST_BOX = re.compile(r"\b(?:bp|cs|tsa|po box|p o box)\s*\d+")


def street(raw: str) -> Street:
    """Number and street of a street line."""
    return _street(fold(raw))


def _street(text: str) -> Street:
    if is_placeholder(text):
        return NO_STREET
    number: str | None = None
    match = _START.match(text)
    if match is None or text[match.end() :].split(" ", 1)[0].strip(".,") not in STREET_TYPES:
        match = _NUMBER_AND_TYPE.search(text) or match
    if match:
        number = _numbered(match[1], match[2])
        text = text[match.end() :]
    elif moved := _TYPE_AFTER_COMMA.search(text):
        text = text[moved.end() :]
    name = street_name(text)
    if name is None or is_placeholder(name):
        return NO_STREET
    return Street(number, name)


def _numbered(number: str, suffix: str | None) -> str | None:
    plain = number.lstrip("0")
    return plain + _SUFFIXES.get(suffix or "", suffix or "") if plain else None


@lru_cache(maxsize=65536)
def street_name(text: str) -> str | None:
    """A folded street without number, in its one form: "bd. du Gal-Leclerc, bât B" → "boulevard general leclerc"."""
    bare = _DOOR.sub(" ", text)
    words = _NOT_ALNUM.sub(" ", _APOSTROPHE.sub(" ", bare)).split()
    if not words:
        words = _NOT_ALNUM.sub(" ", text).split()
    spelled: list[str] = []
    last = len(words) - 1
    for position, word in enumerate(words):
        if position == 0 and last:
            spelled.append(STREET_TYPES.get(word, INSIDE_WORDS.get(word, word)))
        elif position == last and position and word in ENGLISH_LAST and words[0] not in STREET_TYPES:
            spelled.append(ENGLISH_LAST[word])
        else:
            spelled.append(INSIDE_WORDS.get(word, word))
    kept = [word for word in " ".join(spelled).split() if word not in ARTICLES] or spelled
    if kept[:2] == ["lieu", "dit"]:
        kept = kept[2:] or kept
    return " ".join(kept) or None


def address(raw: str) -> Address:
    """Street, postal code, town and country of a one-line address."""
    text = fold(raw)
    if is_placeholder(text):
        return NO_ADDRESS
    text, country = _without_country(text)
    codes = list(_POSTAL.finditer(text))
    if not codes:
        return _without_code(text, country)
    code = codes[-1]
    before, after = text[: code.start()].strip(" ,;-"), text[code.end() :].strip(" ,;-.")
    if after and any(character.isalpha() for character in after):
        town = after.split(",")[0].strip()
        return Address(_street(before), code[1].replace(" ", ""), town, country)
    # "12 rue X, Paris, 75011": the town stands before its code.
    line, _, town = before.rpartition(",")
    return Address(_street(line or before), code[1].replace(" ", ""), town.strip() if line else "", country)


def _without_country(text: str) -> tuple[str, str]:
    head, comma, tail = text.rpartition(",")
    if comma and _NOT_ALNUM.sub(" ", tail).strip() in COUNTRIES and not tail.strip().isdigit():
        return head.rstrip(" ,"), tail.strip()
    for name in ("france", "belgique", "suisse", "luxembourg", "monaco"):
        if text.endswith(f" {name}"):
            return text[: -len(name)].rstrip(" ,-("), name
    return text, ""


def _without_code(text: str, country: str) -> Address:
    line, comma, town = text.rpartition(",")
    if comma and line.strip() and not any(character.isdigit() for character in town.strip()[:1]):
        return Address(_street(line), "", town.strip(), country)
    return Address(_street(text), "", "", country)
