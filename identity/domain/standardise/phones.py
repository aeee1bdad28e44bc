"""Telephone numbers as E.164 text.

Rules
- France is the default region; a record's own country is, when it has one.
- A number that the numbering plan can hold is kept though it be unassigned (the ranges that Arcep reserves for fiction are such);
  an impossible one is absent.
- Overseas numbers dialled in national form (0262 …, 0590 …) get their own country code, as they have abroad.
- Numbers that people type to get past a form (0000000000, 0123456789, one digit throughout) are absent.
"""

from __future__ import annotations

import re

import phonenumbers

from identity.domain.standardise.folding import fold

_SEPARATORS = [None if chr(code) in " .-/_\t()" else chr(code) for code in range(128)]  # whole, since a character that is not there costs
_FRENCH = re.compile(r"(?:(?:\+|00)330?|0)([1-9]\d{8})", re.ASCII)
_BARE_FRENCH = re.compile(r"(?:33)?([1-9]\d{8})", re.ASCII)
_TRUNK = re.compile(r"\(\s*0\s*\)")
_SEVERAL = re.compile(r"\s*(?:[;|,]|\bou\b|\bet\b|\bor\b|\s/\s|(?<=\d{2}) ?/ ?(?=0\d|\+))\s*")
_FLOAT = re.compile(r"\.0$")
_EXTENSION = re.compile(r"\s*(?:poste|ext|extension|x|#|p\.)\s*\.?:?\s*\d{1,6}\s*$")
_OVERSEAS = {
    "262": "262",
    "263": "262",
    "269": "262",
    "590": "590",
    "594": "594",
    "596": "596",
    "690": "590",
    "691": "590",
    "692": "262",
    "693": "262",
    "639": "262",
    "694": "594",
    "695": "594",
    "696": "596",
    "697": "596",
    "709": "262",
    "976": "262",
}
_FICTION = "63998"  # Arcep keeps 06 39 98 for fiction: it is not Mayotte's
_TYPED_PAST = frozenset({"123456789", "612345678", "987654321", "102030405", "601020304"})
_FRANCE = 33
_FRENCH_REGIONS = frozenset({"FR", "MC", "GP", "MQ", "GF", "RE", "YT", "BL", "MF"})


def phone(raw: str, region: str = "FR") -> str | None:
    """E.164 (+ and digits), or None when the value is no possible number; of several numbers the first possible one."""
    text = raw if raw.isdigit() else raw.translate(_SEPARATORS)
    if region in _FRENCH_REGIONS:
        found = _FRENCH.fullmatch(text)
        if found:
            return _french(found[1])
    return _slow(raw, region)


def _french(national: str) -> str | None:
    """A number of nine digits after the 0, in France or overseas."""
    if national in _TYPED_PAST or national[1:] == national[1] * 8:
        return None
    code = _OVERSEAS.get(national[:3])
    if code and not national.startswith(_FICTION):
        return f"+{code}{national}"
    return f"+33{national}"


def _slow(raw: str, region: str) -> str | None:
    text = fold(raw)
    for part in _SEVERAL.split(text):
        found = _one(_EXTENSION.sub("", _FLOAT.sub("", part)), region)
        if found:
            return found
    return None


def _one(text: str, region: str) -> str | None:
    text = _TRUNK.sub("", text)
    digits = "".join(character for character in text if character.isdigit() or character == "+")
    if region in _FRENCH_REGIONS:
        found = _FRENCH.fullmatch(digits) or _BARE_FRENCH.fullmatch(digits)
        if found:
            return _french(found[1])
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if number.country_code == _FRANCE:
        found = _FRENCH.fullmatch(f"0{number.national_number}")
        return _french(found[1]) if found else None
    if not phonenumbers.is_possible_number(number) or len(set(str(number.national_number))) == 1:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
