"""What the invented people said about offers by e-mail, as an old marketing tool would export it.

Rules
- Each silo that writes to people knows what was said to it, on its own records: yes with proof, yes without any proof left, or no.
- The person whom the demo tells about said yes to the first silo, with proof, and nothing to the others.
- Same seed, same bytes.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from services.demo.chance import Chance, Weighted
from services.demo.population import population

COLUMNS: Final = ("source", "key", "purpose", "event", "channel", "at", "assurance", "method", "notice_version", "language", "evidence")
PURPOSE: Final = "offers-email"
_SILOS: Final = ("crm", "webshop")
_ASKED: Final = 0.3
"""Share of these silos' records on which the question was ever put."""
_SAID: Final = Weighted([("proved", 0.55), ("unproved", 0.25), ("refused", 0.20)])
_FIRST_DAY: Final = date(2025, 1, 1)
_DAYS: Final = 330


def write_consents(path: Path, *, seed: int, people: int, story: Collection[tuple[str, str]] = ()) -> int:
    """Write the file, and return the number of its rows. ``story``: records of the person told about, the first of whom said yes."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n", delimiter=";")
        rows.writerow(COLUMNS)
        for count, row in enumerate(_rows(seed, people, tuple(story)), 1):  # noqa: B007 - counted for afterwards
            rows.writerow(row)
    return count


def _rows(seed: int, people: int, story: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, ...]]:
    chance = Chance(seed + 2)
    if story:
        yield _row(*story[0], "proved", _FIRST_DAY, 0)
    for number, row in enumerate(population(seed, people=people), 1):
        if row.silo.name in _SILOS and chance.happens(_ASKED):
            said, day = chance.draw(_SAID), _FIRST_DAY + timedelta(days=chance.below(_DAYS))
            if (row.silo.name, row.key) not in story:
                yield _row(row.silo.name, row.key, said, day, number)


def _row(source: str, key: str, said: str, day: date, number: int) -> tuple[str, ...]:
    at = day.isoformat()
    if said == "refused":
        return (source, key, PURPOSE, "refused", "", at, "declared", "form", "", "", "")
    proof = ("1", "fr", f"form:{day.year}/{number:05}") if said == "proved" else ("", "", "")
    return (source, key, PURPOSE, "given", "", at, "declared", "form" if said == "proved" else "", *proof)
