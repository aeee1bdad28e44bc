"""The stream of records that four silos hold about a population, in no telling order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from services.demo.chance import Chance
from services.demo.people import Person, households
from services.demo.sighting import sight
from services.demo.silos import SILOS, Row, Silo

_SHUFFLE_WINDOW = 50_000


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One record of one silo. ``values`` stand in the order of the silo's columns, the key first; ``person_id`` is the truth."""

    silo: Silo
    key: str
    person_id: str
    values: Row


def population(seed: int, *, people: int | None = None, records: int | None = None) -> Iterator[SourceRow]:
    """Records of the first ``people`` people, or the first ``records`` records; the same for the same seed everywhere.

    Raises:
        ValueError: neither or both limits are given.
    """
    if (people is None) == (records is None):
        raise ValueError("give either people or records")
    chance = Chance(seed)
    stream = islice(everybody(chance), people)
    rows = islice(sightings(chance, stream), records)
    return _shuffled(Chance(seed + 1), rows)


def everybody(chance: Chance) -> Iterator[Person]:
    """People without end, household by household."""
    for members in households(chance):
        yield from members


def sightings(chance: Chance, people: Iterator[Person]) -> Iterator[SourceRow]:
    """What the silos hold of some people, person by person; draws on the same chance as the people do."""
    counts = dict.fromkeys((silo.name for silo in SILOS), 0)
    for person in people:
        known = [silo for silo in SILOS if chance.happens(silo.share)] or [chance.pick(SILOS)]
        for silo in known:
            for _ in range(2 if chance.happens(silo.twice) else 1):
                counts[silo.name] += 1
                key = silo.key(counts[silo.name])
                yield SourceRow(silo, key, person.person_id, (key, *silo.write(chance, sight(chance, person, silo.gaps))))


def _shuffled(chance: Chance, rows: Iterator[SourceRow]) -> Iterator[SourceRow]:
    """Rows mixed within a moving window, so that neighbours in a file are not neighbours at home."""
    window: list[SourceRow] = []
    for row in rows:
        if len(window) < _SHUFFLE_WINDOW:
            window.append(row)
            continue
        at = chance.below(_SHUFFLE_WINDOW)
        window[at], out = row, window[at]
        yield out
    while window:
        at = chance.below(len(window))
        window[at], window[-1] = window[-1], window[at]
        yield window.pop()
