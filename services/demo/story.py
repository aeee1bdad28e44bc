"""The person the demo tells about: known to all four silos, in a household whose members are easily taken for each other."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from services.demo.chance import Chance
from services.demo.people import Person
from services.demo.population import SourceRow, everybody, sightings
from services.demo.silos import SILOS

_MISHEARD = (("ph", "f"), ("eau", "o"), ("au", "o"), ("ai", "é"), ("y", "i"), ("qu", "k"), ("c", "k"), ("z", "s"))
_DOUBLED = re.compile(r"([b-df-hj-np-tv-z])\1")


@dataclass(frozen=True, slots=True)
class Story:
    """A person with their records in every silo, and somebody of the same household and phone number."""

    person: Person
    rows: tuple[SourceRow, ...]
    mate: Person

    @property
    def question(self) -> dict[str, str]:
        """What an agent would type while the person speaks: both names misheard, and the phone number."""
        return {
            "given_name": misheard(self.person.given_name),
            "family_name": misheard(self.person.family_name),
            "phone": self.person.phones[0],
        }

    @property
    def question_of_mate(self) -> dict[str, str]:
        """The same from the other member of the household: same surname, same phone."""
        return {**self.question, "given_name": misheard(self.mate.given_name)}


def tell(seed: int, people: int) -> Story | None:
    """Return the story of a population of ``people``, the same for the same seed; None if nobody fits."""
    met: dict[str, Person] = {}
    rows: defaultdict[str, list[SourceRow]] = defaultdict(list)
    chance = Chance(seed)
    for row in sightings(chance, _noting(islice(everybody(chance), people), met)):
        rows[row.person_id].append(row)
    homes: defaultdict[int, list[Person]] = defaultdict(list)
    for person in met.values():
        homes[person.household].append(person)
    for person in met.values():
        mates = [mate for mate in homes[person.household] if _confusable(person, mate, rows)]
        if mates and {row.silo.name for row in rows[person.person_id]} == {silo.name for silo in SILOS}:
            return Story(person, tuple(rows[person.person_id]), mates[0])
    return None


def misheard(name: str) -> str:
    """Write a name as somebody who only heard it might."""
    heard = _DOUBLED.sub(r"\1", name.lower())
    if heard != name.lower():
        return heard.capitalize()
    for spelt, written in _MISHEARD:
        if spelt in heard:
            return heard.replace(spelt, written, 1).capitalize()
    return heard.removesuffix("e").capitalize()


def _noting(people: Iterator[Person], met: dict[str, Person]) -> Iterator[Person]:
    for person in people:
        met[person.person_id] = person
        yield person


def _confusable(person: Person, mate: Person, rows: dict[str, list[SourceRow]]) -> bool:
    """Same sex, surname and phone, another given name, and known to several silos."""
    return (
        mate.person_id != person.person_id
        and mate.sex == person.sex
        and mate.family_name == person.family_name
        and mate.given_name[0] != person.given_name[0]
        and mate.phones[:1] == person.phones[:1] != ()
        and len(rows[mate.person_id]) > 2  # noqa: PLR2004 - known, not merely seen once
    )
