"""Invented people for tests that need many at once: any number of persons, each recorded as often as wanted."""

from __future__ import annotations

import random

_GIVEN = [
    "Zoé",
    "Paul",
    "Lise",
    "Marc",
    "Anne",
    "Hugo",
    "Emma",
    "Louis",
    "Jade",
    "Nina",
    "Léo",
    "Adam",
    "Rose",
    "Noé",
    "Lucie",
    "Jean",
    "Marie",
    "Luc",
    "Eva",
    "Tom",
]
_STEMS = ["Dur", "Mar", "Bel", "Cor", "Fal", "Gri", "Han", "Jol", "Lem", "Nor", "Per", "Qui", "Ros", "Sal", "Tav", "Vau"]
_ENDS = ["and", "eau", "in", "ier", "ot", "ard", "el", "oux"]


def person(number: int) -> tuple[str, ...]:
    """Given name, family name, birth date, e-mail address and phone of an invented person, the same for the same number."""
    chance = random.Random(number)
    born = f"{chance.randint(1940, 2005)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    name = chance.choice(_STEMS) + chance.choice(_ENDS)
    return chance.choice(_GIVEN), name, born, f"p{number}@mail.example", f"063998{number % 2000:04}"


def crowd(persons: int, records_each: int = 2, first: int = 0) -> list[tuple[str, ...]]:
    """Rows of that many persons; the key is ``<person>-<copy>``."""
    return [(f"{number}-{copy}", *person(number)) for number in range(first, first + persons) for copy in range(records_each)]
