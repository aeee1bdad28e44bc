"""Households and the people in them: the truth that four silos see only in part.

Rules (rates are constants below; those that the product's benches require are marked *required*)
- A household has one to five members, all of fifteen or more: single people, couples, couples or single parents with children.
- *required*: in 10 % of households of several, all use one e-mail address and one phone number.
- A landline belongs to the household: members who give it give the same number.
- *required*: 6 % of households with children have twins: same birth date, surname and address.
- *required*: in 4 % of households with a father and a son, the eldest son bears his father's given name.
- *required*: 12 % of people have moved; part of their records still carry the old address. Two thirds moved with the household.
- *required*: 8 % of married women appear now under their birth name, now under their married name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.demo.chance import Chance, Weighted
from services.demo.contacts import Directory
from services.demo.names import given_names, surname
from services.demo.places import Address, address, address_in

SHARED_CONTACT_RATE = 0.10
TWIN_RATE = 0.06
NAMESAKE_RATE = 0.04
MOVED_RATE = 0.12
MIXED_NAME_RATE = 0.08

_TODAY = date(2026, 1, 1)
# Families shop more than people who live alone: somewhat larger than the average French household.
_SIZES = Weighted([(1, 0.28), (2, 0.31), (3, 0.17), (4, 0.16), (5, 0.08)])
_LARGEST = 5
_HOUSEHOLD_MOVED = 0.08
_ALONE_MOVED = (MOVED_RATE - _HOUSEHOLD_MOVED) / (1 - _HOUSEHOLD_MOVED)
_COUPLE_OF_TWO, _COUPLE_WITH_CHILDREN = 0.78, 0.80
_MARRIED, _KEEPS_BIRTH_NAME = 0.66, 0.15
_SAME_TOWN = 0.45
_SECOND_EMAIL, _SECOND_PHONE = 0.20, 0.12
_HAS_LANDLINE, _GIVES_LANDLINE = 0.5, 0.45
_SECOND_GIVEN_NAME = 0.30


@dataclass(frozen=True, slots=True)
class Person:
    """One invented person. ``homes``, ``emails`` and ``phones`` hold what is in use, the current one first.

    ``family_name`` is the name in use, ``birth_name`` the one given at birth; ``mixes_names`` says that records show either.
    """

    person_id: str
    household: int
    sex: str
    given_name: str
    second_given_name: str
    family_name: str
    birth_name: str
    married: bool
    mixes_names: bool
    birth_date: date
    homes: tuple[Address, ...]
    emails: tuple[str, ...]
    phones: tuple[str, ...]


def households(chance: Chance) -> Iterator[tuple[Person, ...]]:
    """Households without end, their members told apart by ``person_id``."""
    directory = Directory(chance)
    people = number = 0
    while True:
        members = _household(chance, directory, number, people)
        yield members
        people += len(members)
        number += 1


def _household(chance: Chance, directory: Directory, number: int, first_id: int) -> tuple[Person, ...]:
    size = chance.draw(_SIZES)
    home = address(chance)
    homes = (home, _elsewhere(chance, home)) if chance.happens(_HOUSEHOLD_MOVED) else (home,)
    drafts = _members(chance, size)
    landline = directory.landline() if chance.happens(_HAS_LANDLINE) else None
    shared = _contacts(chance, directory, drafts[0], landline) if len(drafts) > 1 and chance.happens(SHARED_CONTACT_RATE) else None
    members: list[Person] = []
    for at, draft in enumerate(drafts):
        own = homes
        if len(homes) == 1 and chance.happens(_ALONE_MOVED):
            own = (home, _elsewhere(chance, home))
        emails, phones = _contacts(chance, directory, draft, landline) if shared is None else (shared[0][:1], shared[1][:1])
        members.append(replace(draft, person_id=f"P{first_id + at:07}", household=number, homes=own, emails=emails, phones=phones))
    return tuple(members)


def _elsewhere(chance: Chance, home: Address) -> Address:
    return address_in(chance, home.town) if chance.happens(_SAME_TOWN) else address(chance)


def _contacts(chance: Chance, directory: Directory, person: Person, landline: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The person's e-mail addresses and phone numbers; who gives a landline gives the household's."""
    year = person.birth_date.year
    emails = [directory.email(person.given_name, person.family_name, year)]
    if chance.happens(_SECOND_EMAIL):
        emails.append(directory.email(person.given_name, person.birth_name, year))
    phones = [landline if landline is not None and chance.happens(_GIVES_LANDLINE) else directory.mobile()]
    if chance.happens(_SECOND_PHONE):
        phones.append(directory.mobile())
    return tuple(emails), tuple(phones)


def _members(chance: Chance, size: int) -> list[Person]:
    if size == 1:
        return [_adult(chance, chance.pick("mf"), chance.between(18, 92))]
    parents = _couple(chance, size)
    children = size - len(parents)
    if not children:
        return parents
    twins = chance.happens(TWIN_RATE)
    if twins and children == 1:
        children += 1
    return [*parents, *_children(chance, parents, children, twins=twins)]


def _couple(chance: Chance, size: int) -> list[Person]:
    """One or two adults: parents of an age to have grown children when the household has more members."""
    low, high = (40, 62) if size > 2 else (22, 88)  # noqa: PLR2004 - ages in years; a couple is two
    if not chance.happens(_COUPLE_OF_TWO if size == 2 else _COUPLE_WITH_CHILDREN):  # noqa: PLR2004 - a couple is two
        return [_adult(chance, "f" if chance.happens(0.8) else "m", chance.between(38, 64))]
    age = chance.between(low, high)
    man = _adult(chance, "m", age)
    woman = _adult(chance, "f", max(20, age + chance.between(-7, 3)))
    if not chance.happens(_MARRIED):
        return [man, woman]
    if chance.happens(_KEEPS_BIRTH_NAME):
        return [replace(man, married=True), replace(woman, married=True)]
    mixes = chance.happens(MIXED_NAME_RATE / (1 - _KEEPS_BIRTH_NAME))
    return [replace(man, married=True), replace(woman, married=True, family_name=man.family_name, mixes_names=mixes)]


def _children(chance: Chance, parents: list[Person], count: int, *, twins: bool) -> list[Person]:
    youngest_parent = max(parent.birth_date.year for parent in parents)
    oldest = max(16, min(34, _TODAY.year - youngest_parent - 20))
    ages = sorted((chance.between(15, oldest) for _ in range(count)), reverse=True)
    taken = {parent.given_name for parent in parents}
    father = parents[0] if parents[0].sex == "m" else None
    namesake = father is not None and chance.happens(NAMESAKE_RATE)
    children: list[Person] = []
    for at, age in enumerate(ages):
        twin_of = children[0] if twins and at == 1 else None
        child = _child(chance, parents[0], age, taken, twin_of)
        if namesake and father is not None and child.sex == "m":
            child = replace(child, given_name=father.given_name)
            namesake = False
        taken.add(child.given_name)
        children.append(child)
    return children


def _child(chance: Chance, parent: Person, age: int, taken: set[str], twin_of: Person | None) -> Person:
    same_sex = 0.66
    sex = twin_of.sex if twin_of is not None and chance.happens(same_sex) else chance.pick("mf")
    child = _adult(chance, sex, age)
    while child.given_name in taken:
        child = _adult(chance, sex, age)
    birth = child.birth_date if twin_of is None else twin_of.birth_date
    return replace(child, birth_date=birth, family_name=parent.birth_name, birth_name=parent.birth_name)


def _adult(chance: Chance, sex: str, age: int) -> Person:
    birth = _TODAY - timedelta(days=age * 365 + chance.below(366))
    names = given_names(sex, birth.year)
    family = surname(chance)
    second = chance.draw(names) if chance.happens(_SECOND_GIVEN_NAME) else ""
    return Person("", 0, sex, chance.draw(names), second, family, family, False, False, birth, (), (), ())
