"""One-line addresses, taken apart.

Rules
- The last five digits are the postal code; the town stands behind it, or before it when nothing does.
- Without a code the town is what follows the last comma, or Paris, Lyon or Marseille at the end.
- Foreign codes are known by their place: four digits before a town, a British code at the end.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from identity.domain.standardise.countries import COUNTRIES
from identity.domain.standardise.folding import fold, spaced
from identity.domain.standardise.placeholders import is_placeholder
from identity.domain.standardise.streets import NO_STREET, Street, folded_street


class Address(NamedTuple):
    """A one-line address taken apart; town, postal code and country still as written."""

    street: Street
    postal_code: str
    city: str
    country: str


NO_ADDRESS = Address(NO_STREET, "", "", "")
_POSTAL = re.compile(r"(?<!\d)(?:f-|fr-)?(\d{2} ?\d{3}|2[ab]\d{3})(?!\d)")
_FOUR_DIGITS = re.compile(r"^(\d{4}) ([a-z].*)$")
_BRITISH = re.compile(r"[ ,]+([a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2})$")
_LARGE_TOWN = re.compile(r"(?<! de)(?<! du)(?<! a)(?<! la)[ ,]+((?:paris|lyon|marseille)(?: \d{1,2} ?(?:e|er|eme|ieme)?(?: arr\w*)?)?)$")
_COMMAS = re.compile(r",(?: ?,)+")
_LETTER = re.compile(r"[a-z]")
_ENDS = " ,;-."
_LANDS = ("france", "belgique", "suisse", "luxembourg", "monaco")
_LAND_LAST = tuple(f" {name}" for name in _LANDS)


def address(raw: str) -> Address:
    """Street, postal code, town and country of a one-line address."""
    text = fold(raw)
    if ",," in text or ", ," in text:
        text = _COMMAS.sub(",", text)
    if is_placeholder(text):
        return NO_ADDRESS
    text, country = _without_country(text)
    codes = list(_POSTAL.finditer(text))
    if not codes:
        return _without_code(text, country)
    code = codes[-1]
    written = code[1].replace(" ", "")
    before, after = text[: code.start()].strip(_ENDS), text[code.end() :].strip(_ENDS)
    if _LETTER.search(after):
        town, _, rest = after.partition(",")
        # "75011 Paris, 12 rue Oberkampf": the town comes first.
        return Address(folded_street((before or rest).strip()), written, town.strip(), country)
    # "12 rue Oberkampf, Paris, 75011": the town stands before its code.
    line, _, town = before.rpartition(",")
    return Address(folded_street((line or before).strip()), written, town.strip() if line else "", country)


def _without_country(text: str) -> tuple[str, str]:
    head, comma, tail = text.rpartition(",")
    if comma and spaced(tail) in COUNTRIES:
        return head.rstrip(_ENDS), tail.strip()
    if text.endswith(_LAND_LAST):
        name = next(name for name in _LANDS if text.endswith(name))
        return text[: -len(name)].rstrip(" ,-(."), name
    return text, ""


def _without_code(text: str, country: str) -> Address:
    code = ""
    if british := _BRITISH.search(text):
        text, code = text[: british.start()], british[1]
    line, comma, town = text.rpartition(",")
    town = town.strip()
    if comma and (foreign := _FOUR_DIGITS.match(town)):
        return Address(folded_street(line.strip()), foreign[1], foreign[2], country)
    if comma and line.strip() and town and not town[0].isdigit():
        return Address(folded_street(line.strip()), code, town, country)
    if large := _LARGE_TOWN.search(text):
        return Address(folded_street(text[: large.start()].strip()), code, large[1], country)
    return Address(folded_street(text.strip()), code, "", country)
