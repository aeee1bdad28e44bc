"""What happens to a value between a person's mouth and a silo's column: typos, mishearing, slips of the date.

Rates *required* of the benches: a typo in 5 % of names and of addresses, given name and family name swapped in 3 % of records.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date

from services.demo.chance import Chance

TYPO_RATE = 0.05
SWAP_RATE = 0.03
DAY_MONTH_RATE = 0.015
DATE_SLIP_RATE = 0.02
CONTACT_SLIP_RATE = 0.015

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_NEIGHBOURS = {
    **dict(zip("azertyuiop", ("zq", "aer", "zrt", "ety", "ru", "ti", "yo", "uop", "ip", "ol"), strict=True)),
    **dict(zip("qsdfghjklm", ("sa", "qdz", "sfe", "dgr", "fht", "gjy", "hku", "jli", "km", "lp"), strict=True)),
    **dict(zip("wxcvbn", ("xs", "wc", "xv", "cb", "vn", "b"), strict=True)),
}
_HEARD = (
    *(("ph", "f"), ("f", "ph"), ("eau", "o"), ("au", "o"), ("ault", "aud"), ("th", "t"), ("y", "i"), ("i", "y"), ("ss", "s"), ("ll", "l")),
    *(
        ("nn", "n"),
        ("tt", "t"),
        ("rr", "r"),
        ("k", "c"),
        ("qu", "k"),
        ("ge", "je"),
        ("ier", "ié"),
        ("et", "ais"),
        ("ez", "es"),
        ("ck", "k"),
    ),
    *(("an", "en"), ("en", "an"), ("d", "t"), ("t", "d"), ("b", "p"), ("m", "n"), ("n", "nn"), ("l", "ll"), ("s", "ss"), ("e", "")),
)


def typo(chance: Chance, text: str, *, heard: bool = False) -> str:
    """``text`` with one slip of the keyboard, or of the ear when ``heard``; always different from it."""
    while True:
        slipped = _mishear(chance, text) if heard else _slip(chance, text)
        if slipped != text:
            return slipped


def _mishear(chance: Chance, text: str) -> str:
    sounds = [(old, new) for old, new in _HEARD if old in text[1:].lower()]
    if not sounds:
        return _slip(chance, text)
    old, new = chance.pick(sounds)
    at = text.lower().index(old, 1)
    return text[:at] + new + text[at + len(old) :]


def _slip(chance: Chance, text: str) -> str:
    at = chance.below(len(text))
    kind = chance.below(4)
    if kind == 0 and len(text) > 1:
        return text[:at] + text[at + 1 :]
    if kind == 1 and at + 1 < len(text):
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == 2:  # noqa: PLR2004 - one of four kinds
        return text[:at] + text[at] + text[at:]
    near = _NEIGHBOURS.get(text[at].lower(), _LETTERS)
    return text[:at] + chance.pick(near) + text[at + 1 :]


def slipped_date(chance: Chance, day: date) -> date:
    """``day``, rarely with day and month swapped, or one part mistyped; always a date that exists."""
    if chance.happens(DAY_MONTH_RATE):
        return _swapped(day)
    if not chance.happens(DATE_SLIP_RATE):
        return day
    part = chance.below(3)
    if part == 0:
        year = day.year + chance.pick((-10, -1, 1, 10))
        return day.replace(year=year, day=min(day.day, monthrange(year, day.month)[1]))
    if part == 1:
        month = chance.between(1, 12)
        return day.replace(month=month, day=min(day.day, monthrange(day.year, month)[1]))
    return day.replace(day=chance.between(1, monthrange(day.year, day.month)[1]))


def _swapped(day: date) -> date:
    months = 12
    return day.replace(month=day.day, day=day.month) if day.day <= months else day


def slipped_phone(chance: Chance, phone: str) -> str:
    """``phone``, rarely with two of its last four digits changed about: it stays in its range."""
    if not chance.happens(CONTACT_SLIP_RATE):
        return phone
    at = chance.between(6, 8)
    return phone[:at] + phone[at + 1] + phone[at] + phone[at + 2 :]


def slipped_email(chance: Chance, email: str) -> str:
    """``email``, rarely with a typo in its local part."""
    if not chance.happens(CONTACT_SLIP_RATE):
        return email
    local, _, domain = email.partition("@")
    return f"{re.sub('[^a-z0-9._-]', '', typo(chance, local)) or local}@{domain}"


def unaccented(text: str) -> str:
    """``text`` without accents, ligatures opened."""
    opened = text.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae")
    return "".join(letter for letter in unicodedata.normalize("NFD", opened) if not unicodedata.combining(letter))
