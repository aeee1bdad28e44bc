"""Towns, places of birth and postal codes.

Rules
- A town is written without arrondissement, CEDEX, department number or country, saints spelled out, hyphens as spaces.
- The arrondissement of Paris, Lyon or Marseille is in the postal code, wherever the source wrote it: "Paris 11e", 75011, 75116,
  "75379 PARIS CEDEX 08".
- Four digits are a French postal code that lost its zero, unless the record says another country.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from identity.domain.standardise.countries import COUNTRIES
from identity.domain.standardise.folding import fold, spaced
from identity.domain.standardise.placeholders import is_placeholder
from identity.domain.standardise.street_words import INSIDE_WORDS


class City(NamedTuple):
    """A town's name and, in Paris, Lyon and Marseille, the arrondissement that was written with it."""

    name: str | None
    arrondissement: int | None


NO_CITY = City(None, None)
_ARRONDISSEMENTS = {"paris": ("750", 20), "lyon": ("690", 9), "marseille": ("130", 16)}
_NUMERALS = "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx"
_ROMAN = {name: number for number, name in enumerate(_NUMERALS.split(), start=1)}
_CEDEX = re.compile(r"\bcedex\b\s*\d{0,2}.*$")
_CEDEX_NUMBER = re.compile(r"\bcedex\s*(\d{1,2})\b")
_PARENTHESIS = re.compile(r"\(([^)]*)\)?")
_TRAILING_ARTICLE = re.compile(r"^(.+?),?\s*\(\s*(l[ae]s?|l')\s*\)\s*$")
_POSTAL = re.compile(r"^(?:[a-z]{1,2}[- ])?\d{5}\b|\b(?:f-|fr-)?\d{5}$")
_WITH_NUMBER = re.compile(r"(paris|lyon|marseille)\s*(?:(\d{1,2})|([ivx]+))\s*(?:e|er|eme|ieme|ere|nd|nde)?(?:\s*arr\w*)?")
_NUMBER_FIRST = re.compile(r"(\d{1,2})\s*(?:e|er|eme|ieme|ere)\s*(?:arr\w*)?\s*(?:de )?(paris|lyon|marseille)")
_DEPARTMENT = re.compile(r"^(?:\d{2,3}|2[ab])\s*[-/ ]\s*(?=[a-z])|(?<=[a-z])\s*[-/ ]\s*(?:\d{2,3}|2[ab])$")
_ON = re.compile(r"\b(?:s\s*/\s*|sur/)\s*|/\s*")
_APOSTROPHE = re.compile(r"\s?'\s*")
_TOWN_WORDS = INSIDE_WORDS | {"ss": "sous", "mt": "mont", "bg": "bourg", "pt": "pont", "chap": "chapelle", "vlle": "ville"}
_CODE_LENGTH = 5
_ROUNDS = 8
_WITHOUT_ZERO = 4
_PLACEHOLDER_CODES = frozenset({"0", "99", "9999", "12345", "01234", "xxxxx", *(digit * 5 for digit in "0123456789")})


@lru_cache(maxsize=16384)
def city(raw: str) -> City:
    """The town in a field that may also hold a postal code, a CEDEX, an arrondissement or a department.

    Absent when the field never settles on one reading.
    """
    folded = fold(raw)
    for _ in range(_ROUNDS):
        # What comes out must stay as it is when it comes in: read on until it does.
        found = _city(folded)
        if found.name is None or found.name == folded or found.name.isalpha():
            return found
        folded = found.name
    return NO_CITY


def _city(folded: str) -> City:
    """The town in a folded field, read once."""
    if folded.isalpha() and not is_placeholder(folded):
        return City(folded, None)
    if is_placeholder(folded):
        return NO_CITY
    text = _CEDEX.sub("", folded)
    if moved := _TRAILING_ARTICLE.match(text):
        text = f"{moved[2]} {moved[1]}"
    text = _POSTAL.sub(" ", _PARENTHESIS.sub(" ", text)).strip(" ,-.")
    plain = spaced(text)
    if found := _WITH_NUMBER.fullmatch(plain):
        return _arrondissement(found[1], int(found[2]) if found[2] else _ROMAN.get(found[3], 0))
    if found := _NUMBER_FIRST.fullmatch(plain):
        return _arrondissement(found[2], int(found[1]))
    name = _spelled(text)
    return NO_CITY if not name or is_placeholder(name) else City(name, None)


def _arrondissement(name: str, number: int) -> City:
    return City(name, number if 1 <= number <= _ARRONDISSEMENTS[name][1] else None)


def _spelled(text: str) -> str:
    words = spaced(_APOSTROPHE.sub("", _ON.sub(" sur ", text))).split()
    last = len(words) - 1
    spelled: list[str] = []
    joined = ""
    for position, word in enumerate(words):
        if word in {"l", "d"} and position < last:
            joined = word
        elif word == "s" and 0 < position < last:
            spelled.append("sur")
        else:
            spelled.append(joined + _TOWN_WORDS.get(word, word))
            joined = ""
    return " ".join(spelled)


@lru_cache(maxsize=16384)
def birth_place(raw: str) -> str | None:
    """A town without department, arrondissement or country: "75 - Paris 11ème", "Alger (Algérie)", "Lyon, France"."""
    folded = fold(raw)
    for _ in range(_ROUNDS):
        name = _birth_place(folded)
        if name is None or name == folded or name.isalpha():
            return name
        folded = name
    return None


def _birth_place(folded: str) -> str | None:
    """The place in a folded field, read once."""
    if folded.isdigit() and len(folded) == _CODE_LENGTH and folded not in _PLACEHOLDER_CODES:
        return folded  # the statistical office's code of a town
    head, comma, tail = folded.partition(",")
    if comma and (tail.strip() in COUNTRIES or tail.strip().isdigit()):
        folded = head
    return city(folded if _WITH_NUMBER.fullmatch(folded) else _DEPARTMENT.sub("", folded)).name


def postal_code(raw: str, town: City = NO_CITY, town_raw: str = "", country: str | None = None) -> str | None:
    """The postal code in its one form; ``town`` and ``town_raw`` may tell the arrondissement that it lacks."""
    # The short road serves nearly every record.
    code = raw if len(raw) == _CODE_LENGTH and raw.isascii() and raw.isdigit() else _code(raw)
    if country in {None, "fr"} and code.isdigit() and len(code) == _WITHOUT_ZERO and code not in _PLACEHOLDER_CODES:
        code = f"0{code}"
    if code in _PLACEHOLDER_CODES or (len(code) != _CODE_LENGTH and is_placeholder(code)):
        code = ""
    if town.name in _ARRONDISSEMENTS:
        code = _in_arrondissement(code, town, town_raw)
    if code == "75116":
        code = "75016"
    return code or None


def _code(raw: str) -> str:
    """Letters and digits of a written code, without the country's prefix, Corsica's departments as the Post writes them."""
    code = spaced(fold(raw).removesuffix(".0")).replace(" ", "") if raw else ""
    if code.startswith("fr") and code[2:].isdigit():
        code = code[2:]
    elif code.startswith("f") and code[1:].isdigit():
        code = code[1:]
    if code[:2] in {"2a", "2b"} and code[2:].isdigit():
        code = f"20{code[2:]}"
    return code


def _in_arrondissement(code: str, town: City, town_raw: str) -> str:
    prefix, count = _ARRONDISSEMENTS[town.name or ""]
    number = town.arrondissement
    if number is None and "edex" in town_raw.lower() and (found := _CEDEX_NUMBER.search(fold(town_raw))):
        number = int(found[1])
    generic = not code or code == f"{prefix}00" or not code.startswith(prefix)
    if number and 1 <= number <= count and generic and (not code or code[:2] == prefix[:2]):
        return f"{prefix}{number:02d}"
    return code
