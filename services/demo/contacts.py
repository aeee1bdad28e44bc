"""Phone numbers and e-mail addresses that belong to nobody.

Phones come from the ranges that Arcep sets aside for fiction (décision 2018-0881, annexe 1 § 2.5.12): five blocks of ten
thousand landline numbers and one of ten thousand mobile numbers. Sixty thousand numbers are enough for the demo; a population
of a million records would give each to ten strangers, which no real file shows. Once the block for fiction is used up, further
numbers are therefore taken from 07 10 to 07 29, possible in form but opened to no operator. E-mail domains end in ``.example`` (RFC 2606).
"""

from __future__ import annotations

import unicodedata
from functools import cache

from services.demo.chance import Chance, Weighted

MOBILE_FICTION = "063998"
LANDLINE_FICTION = ("019900", "026191", "035301", "046571", "053649")
_BLOCK = 10_000
_UNOPENED = 20_000_000  # 07 10 00 00 00 to 07 29 99 99 99
_STRIDE, _UNOPENED_STRIDE = 3_701, 7_654_321  # coprime to the block: neighbours do not get neighbouring numbers

_PROVIDERS = """courriel 30, boite-aux-lettres 14, poste-web 12, messagerie 11, ligne 8, abonne 6, toile 5, fil 3, net-plus 3, perso 2,
vert-mail 2, petit-mail 1, clic 1"""
_OWN_DOMAIN_RATE = 0.04


class Directory:
    """Hands out phone numbers and e-mail addresses, each once."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._mobiles = 0
        self._landlines = 0
        self._emails: set[str] = set()

    def mobile(self) -> str:
        """A mobile number, national form (ten digits)."""
        at, self._mobiles = self._mobiles, self._mobiles + 1
        return f"{MOBILE_FICTION}{at * _STRIDE % _BLOCK:04}" if at < _BLOCK else _unopened(at - _BLOCK)

    def landline(self) -> str:
        """A landline number, national form; a mobile one once the landlines set aside for fiction are used up."""
        at, self._landlines = self._landlines, self._landlines + 1
        if at >= _BLOCK * len(LANDLINE_FICTION):
            return self.mobile()
        block, at = at % len(LANDLINE_FICTION), at // len(LANDLINE_FICTION)
        return f"{LANDLINE_FICTION[block]}{at * _STRIDE % _BLOCK:04}"

    def email(self, given: str, surname: str, birth_year: int) -> str:
        """An address in one of the usual shapes, never given before."""
        chance = self._chance
        address = f"{_local_part(chance, plain(given), plain(surname), birth_year)}@{_domain(chance, plain(surname))}"
        while address in self._emails:
            local, _, domain = address.partition("@")
            address = f"{local}{chance.between(1, 99)}@{domain}"
        self._emails.add(address)
        return address


def plain(text: str) -> str:
    """Lower-case ASCII letters and digits of ``text``: œ becomes oe, é becomes e, the rest goes."""
    folded = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("æ", "ae"))
    return "".join(letter for letter in folded if letter.isascii() and letter.isalnum())


def _unopened(at: int) -> str:
    return f"07{10_000_000 + at * _UNOPENED_STRIDE % _UNOPENED:08}"


def _local_part(chance: Chance, given: str, surname: str, birth_year: int) -> str:
    shape = chance.below(100)
    shapes = (
        (34, f"{given}.{surname}"),
        (50, f"{given[:1]}.{surname}"),
        (60, f"{given}{surname}"),
        (68, f"{surname}.{given}"),
        (78, f"{given}{birth_year % 100:02}"),
        (86, f"{given}{chance.between(1, 999)}"),
        (92, f"{surname}{chance.between(1, 99)}"),
    )
    pseudonym = f"{chance.pick(_WORDS)}{chance.pick(_WORDS)}{chance.between(1, 99)}"
    return next((text for bound, text in shapes if shape < bound), pseudonym)


_WORDS = (
    "soleil",
    "lune",
    "chat",
    "tigre",
    "breizh",
    "sud",
    "rose",
    "velo",
    "mistral",
    "pixel",
    "coco",
    "luna",
    "jazz",
    "vague",
    "chouette",
)


def _domain(chance: Chance, surname: str) -> str:
    if chance.happens(_OWN_DOMAIN_RATE):
        return f"{surname}.example"
    return f"{chance.draw(_providers())}.example"


@cache
def _providers() -> Weighted[str]:
    rows = (entry.split() for entry in _PROVIDERS.replace("\n", " ").split(","))
    return Weighted((name, float(share)) for name, share in rows)
