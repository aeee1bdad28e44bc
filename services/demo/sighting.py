"""What one silo came to know of one person at one time: values picked, lost and worn, before the silo's own formats.

Rules
- Gaps go together: one record in five is thin (a guest checkout, a till form half filled), with twice the gaps of the silo.
- A record always has a name and at least one contact: the silo could not have made it otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from services.demo.chance import Chance
from services.demo.people import Person
from services.demo.places import Address
from services.demo.wear import SWAP_RATE, TYPO_RATE, slipped_date, slipped_email, slipped_phone, typo

_THIN_RATE, _THIN_FACTOR, _FULL_FACTOR = 0.2, 2.0, 0.75
_CURRENT_HOME = 0.5
_CURRENT_CONTACT = 0.6


@dataclass(frozen=True, slots=True)
class Gaps:
    """Probability that the silo lacks each value; ``contact`` is what it never lacks when all others are missing."""

    birth_date: float
    email: float
    phone: float
    address: float
    title: float
    given_name: float
    contact: str
    heard: float = 0.2
    """Share of typos that are mishearings."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A person as one record of a silo has them; None where the silo knows nothing."""

    title: str | None
    given_name: str | None
    second_given_name: str
    family_name: str
    birth_name: str
    birth_date: date | None
    email: str | None
    phone: str | None
    address: Address | None


def sight(chance: Chance, person: Person, gaps: Gaps) -> Sighting:
    """One sighting of ``person`` by a silo with these ``gaps``."""
    factor = _THIN_FACTOR if chance.happens(_THIN_RATE) else _FULL_FACTOR
    email = None if chance.happens(gaps.email * factor) else _in_use(chance, person.emails)
    phone = None if chance.happens(gaps.phone * factor) else _in_use(chance, person.phones)
    home = None if chance.happens(gaps.address * factor) else _home(chance, person)
    if email is None and phone is None and home is None:
        email = _in_use(chance, person.emails) if gaps.contact == "email" else None
        phone = _in_use(chance, person.phones) if gaps.contact == "phone" else None
        home = _home(chance, person) if gaps.contact == "address" else None
    family = person.birth_name if person.mixes_names and chance.happens(0.5) else person.family_name
    given: str | None = None if chance.happens(gaps.given_name * factor) else person.given_name
    return _worn(
        chance,
        Sighting(
            title=None if chance.happens(gaps.title * factor) else _title(chance, person),
            given_name=given,
            second_given_name=person.second_given_name,
            family_name=family,
            birth_name=person.birth_name,
            birth_date=None if chance.happens(gaps.birth_date * factor) else person.birth_date,
            email=email,
            phone=phone,
            address=home,
        ),
        gaps.heard,
    )


def _in_use(chance: Chance, contacts: tuple[str, ...]) -> str:
    return contacts[0] if len(contacts) == 1 or chance.happens(_CURRENT_CONTACT) else contacts[1]


def _home(chance: Chance, person: Person) -> Address:
    return person.homes[0] if len(person.homes) == 1 or chance.happens(_CURRENT_HOME) else person.homes[1]


def _title(chance: Chance, person: Person) -> str:
    if person.sex == "m":
        return "M."
    return "Mlle" if not person.married and chance.happens(0.1) else "Mme"


def _worn(chance: Chance, seen: Sighting, heard: float) -> Sighting:
    given, family, home = seen.given_name, seen.family_name, seen.address
    if given is not None and chance.happens(TYPO_RATE):
        given = typo(chance, given, heard=chance.happens(heard))
    if chance.happens(TYPO_RATE):
        family = typo(chance, family, heard=chance.happens(heard))
    if home is not None and chance.happens(TYPO_RATE):
        home = _worn_address(chance, home)
    if given is not None and chance.happens(SWAP_RATE):
        given, family = family, given
    return replace(
        seen,
        given_name=given,
        family_name=family,
        address=home,
        birth_date=None if seen.birth_date is None else slipped_date(chance, seen.birth_date),
        email=None if seen.email is None else slipped_email(chance, seen.email),
        phone=None if seen.phone is None else slipped_phone(chance, seen.phone),
    )


def _worn_address(chance: Chance, home: Address) -> Address:
    """One fault in an address: in the street's name most often, else in the town, the postal code or the number."""
    kind = chance.below(10)
    code = home.town.postal_code
    if kind == 0:
        return replace(home, town=replace(home.town, name=typo(chance, home.town.name)))
    if kind == 1:
        return replace(home, town=replace(home.town, postal_code=f"{code[:3]}{chance.between(10, 99)}"))
    if kind == 2 and home.number:  # noqa: PLR2004 - one of ten kinds
        return replace(home, number=str(chance.between(1, 150)))
    return replace(home, street=typo(chance, home.street))
