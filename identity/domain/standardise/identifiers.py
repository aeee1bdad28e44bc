"""Sex, country, national and loyalty identifiers, and the kinds of declared extras (DESIGN §9.3)."""

from __future__ import annotations

import re
from functools import lru_cache

from identity.domain.attributes import ComparisonKind
from identity.domain.standardise.countries import COUNTRIES
from identity.domain.standardise.dates import date
from identity.domain.standardise.folding import fold, spaced
from identity.domain.standardise.names import name_words
from identity.domain.standardise.placeholders import is_placeholder
from identity.domain.standardise.titles import sex_of

_NIR = re.compile(r"([1-478]\d{2}\d{2}(?:\d{2}|2[ab])\d{6})(\d{2})")
_NUMBER = re.compile(r"([+-]?)(\d{1,24})(?:\.(\d{1,24}))?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+\.\d+")
_NOT_NUMBER = re.compile(r"[^0-9.,+-]+")


@lru_cache(maxsize=1024)
def sex(raw: str) -> str | None:
    """``m`` or ``f``."""
    return sex_of(fold(raw))


@lru_cache(maxsize=1024)
def country(raw: str) -> str | None:
    """ISO 3166-1 alpha-2 in lower case, from a code or a French or English name."""
    return COUNTRIES.get(spaced(fold(raw)))


def identifier(raw: str) -> str | None:
    """Letters and digits only; absent when it is a placeholder, such as one digit throughout."""
    folded = fold(raw)
    if is_placeholder(folded):
        return None
    plain = spaced(folded).replace(" ", "")
    return None if is_placeholder(plain) else plain


def national_id(raw: str) -> str | None:
    """Letters and digits only; a French NIR loses its two-digit key, since half of the silos leave it out."""
    plain = identifier(raw)
    if plain and (match := _NIR.fullmatch(plain)):
        # The key proves that these fifteen digits are a NIR; Corsica's 2A and 2B count as 19 and 18.
        body = int(match[1].replace("2a", "19").replace("2b", "18"))
        if 97 - body % 97 == int(match[2]):
            return match[1]
    return plain


def extra(kind: ComparisonKind, raw: str, date_format: str | None = None) -> str | None:
    """The canonical form of a declared extra, by its comparison kind."""
    match kind:
        case ComparisonKind.DATE:
            return date(raw, date_format)
        case ComparisonKind.NUMBER:
            return number(raw)
        case ComparisonKind.IDENTIFIER:
            return identifier(raw)
        case ComparisonKind.NAME:
            words = " ".join(name_words(fold(raw)))
            return None if is_placeholder(words) else words
        case ComparisonKind.TEXT:
            folded = fold(raw)
            return None if is_placeholder(folded) else spaced(folded) or None
        case ComparisonKind.EXACT:
            return fold(raw) or None


def number(raw: str) -> str | None:
    """A plain decimal without needless zeros; the French comma and spaces in thousands are understood."""
    text = _NOT_NUMBER.sub("", fold(raw))
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    elif "," in text:
        text = text.replace(".", "").replace(",", ".")
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    whole, fraction = match[2].lstrip("0") or "0", (match[3] or "").rstrip("0")
    plain = f"{whole}.{fraction}" if fraction else whole
    return f"-{plain}" if match[1] == "-" and plain != "0" else plain
