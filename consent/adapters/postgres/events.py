"""Consent events in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from consent.adapters.macs import Column
from consent.adapters.postgres.counter import Counter, Reached, reached
from consent.adapters.postgres.link import Link, Row
from consent.adapters.postgres.rows import ECHO_TYPES, ECHO_WIDTH, EVENT_TYPES, Rows, altered, columns, inserting
from consent.domain.anchor import Anchor
from consent.domain.event import ConsentEvent, Echo

_NO_ECHO = ", ".join(f"NULL::{kind}" for kind in ECHO_TYPES.values())

# One statement, so that it sees one instant: how far everything has come, and each event and echo of some anchors.
_HEARD = f"""
SELECT r.revision, r.entries, r.catalogue, r.mac, h.*
FROM (VALUES (true)) AS one (single) LEFT JOIN consent.revision AS r ON r.single = one.single LEFT JOIN (
  SELECT {_NO_ECHO}, {columns(EVENT_TYPES, "e")} FROM consent.event AS e WHERE e.anchor = ANY($1::bytea[])
  UNION ALL
  SELECT {columns(ECHO_TYPES, "c")}, {columns(EVENT_TYPES, "e")}
  FROM consent.echo AS c LEFT JOIN consent.event AS e ON e.event_id = c.event_id WHERE c.anchor = ANY($1::bytea[])
) AS h ON true
"""  # noqa: S608 - our own column lists

_INSERT_EVENTS = inserting("consent.event", EVENT_TYPES)

_INSERT_ECHOES = inserting("consent.echo", ECHO_TYPES)

_ORDINALS = """
SELECT source, anchor, max(ordinal) FROM (
  SELECT source, anchor, ordinal FROM consent.event WHERE anchor = ANY($1::bytea[])
  UNION ALL
  SELECT source, anchor, ordinal FROM consent.echo WHERE anchor = ANY($1::bytea[])
) AS entry GROUP BY source, anchor
"""

_THERE = "SELECT event_id FROM consent.event WHERE event_id = ANY($1::uuid[])"

_ECHOED = "SELECT source, anchor, event_id FROM consent.echo WHERE event_id = ANY($1::uuid[])"

_BEFORE = """
SELECT greatest(
  (SELECT position FROM consent.event WHERE revision <= $1 ORDER BY revision DESC, position DESC LIMIT 1),
  (SELECT position FROM consent.echo WHERE revision <= $1 ORDER BY revision DESC, position DESC LIMIT 1), 0)
"""

_SINCE = f"SELECT {columns(EVENT_TYPES)} FROM consent.event WHERE revision > $1 ORDER BY revision, position LIMIT $2"  # noqa: S608 - our own column list

_ECHOES_SINCE = f"""
SELECT {columns(ECHO_TYPES)} FROM consent.echo WHERE revision > $1 AND revision <= $2 ORDER BY revision, position
"""  # noqa: S608 - our own column list

_HEARD_AT: Final = 4
_EVENT_AT: Final = _HEARD_AT + ECHO_WIDTH
_POSITION: Final = 3
_REVISION: Final = 4
_END: Final = 1 << 62
"""After every revision."""


async def fetch_heard(link: Link, anchors: Collection[Anchor]) -> list[Row]:
    """Return the rows from which ``heard`` is read: one at least."""
    return await link.fetch(_HEARD, list({anchor.mac for anchor in anchors}))


def reached_of(found: Sequence[Row], rows: Rows) -> Reached:
    """Return how far everything had come when the rows were read."""
    first = found[0]
    return reached((first[0], first[1], first[2], first[3]), rows.macs)


def heard(found: Iterable[Row], anchors: Collection[Anchor], rows: Rows, entries: int) -> tuple[list[ConsentEvent], list[Echo]]:
    """Return the events and echoes of some anchors, all of them.

    Raises:
        ConsentError: ``EVENT_ALTERED`` if one of them is not as it was written, or one is missing between others.
    """
    asked = frozenset(anchors)
    events: list[ConsentEvent] = []
    echoes: list[Echo] = []
    seen: dict[Anchor, tuple[int, int]] = {}
    for row in found:
        echo, event = row[_HEARD_AT:_EVENT_AT], row[_EVENT_AT:]
        place = event if echo[0] is None else echo
        if place[0] is None or (anchor := Anchor(place[0], place[1])) not in asked:
            continue  # nothing was heard, or it is of another source's anchor that happens to have the same MAC
        if place[_POSITION] > entries:
            altered("consent.revision")
        if echo[0] is None:
            events.append(rows.event(event))
        else:
            rows.check_echo(echo)
            if event[5] is None:
                altered("consent.event")
            echoes.append(Echo(anchor, rows.event(event)))
        count, highest = seen.get(anchor, (0, 0))
        seen[anchor] = count + 1, max(highest, place[2])
    if any(count != highest for count, highest in seen.values()):
        altered("consent.event")
    return events, echoes


class PostgresEventStore:
    """Fulfils ``EventStore``."""

    def __init__(self, link: Link, rows: Rows, counter: Counter) -> None:
        self._link = link
        self._rows = rows
        self._counter = counter

    async def next_revision(self) -> int:
        return await self._counter.take_revision()

    async def revision(self) -> int:
        return (await self._counter.found()).revision

    async def of(self, anchors: Collection[Anchor]) -> list[ConsentEvent]:
        events, _ = await self._heard(anchors)
        return sorted(events, key=lambda event: (event.revision, event.event_id.bytes))

    async def echoes(self, anchors: Collection[Anchor]) -> list[Echo]:
        _, echoes = await self._heard(anchors)
        return echoes

    async def _heard(self, anchors: Collection[Anchor]) -> tuple[list[ConsentEvent], list[Echo]]:
        entries = (await self._counter.now()).entries
        return heard(await fetch_heard(self._link, anchors), anchors, self._rows, entries)

    async def append(self, events: Sequence[ConsentEvent], echoes: Sequence[tuple[Anchor, UUID]]) -> None:
        echoes = await self._missing(echoes, {event.event_id for event in events})
        if not events and not echoes:
            return
        revision = await self._counter.take_revision()
        if any(event.revision != revision for event in events):
            raise ValueError("an event is recorded under its transaction's revision")
        position = (await self._counter.add(entries=len(events) + len(echoes))).entries
        places = _Places(position, await self._ordinals({*(event.anchor for event in events), *(anchor for anchor, _ in echoes)}))
        in_order = sorted(events, key=lambda event: event.event_id.bytes)
        await self._insert(_INSERT_EVENTS, [self._rows.of_event(event, *places.next(event.anchor)) for event in in_order])
        spread = [(anchor.source, anchor.mac, *places.next(anchor), revision, event_id) for anchor, event_id in echoes]
        await self._insert(_INSERT_ECHOES, [self._rows.of_echo(row) for row in spread])

    async def _missing(self, echoes: Sequence[tuple[Anchor, UUID]], new: set[UUID]) -> list[tuple[Anchor, UUID]]:
        """Return the echoes that are not there yet, each once."""
        wanted = dict.fromkeys(echoes)
        old = list({event_id for _, event_id in wanted} - new)
        if not old:
            return list(wanted)
        if len(await self._link.fetch(_THERE, old)) != len(old):
            raise ValueError("an echo is of an event that is there")
        there = {(Anchor(row[0], row[1]), row[2]) for row in await self._link.fetch(_ECHOED, old)}
        return [one for one in wanted if one not in there]

    async def _ordinals(self, anchors: Collection[Anchor]) -> dict[Anchor, int]:
        rows = await self._link.fetch(_ORDINALS, list({anchor.mac for anchor in anchors}))
        return {Anchor(row[0], row[1]): row[2] for row in rows}

    async def _insert(self, statement: str, rows: Sequence[Sequence[Column]]) -> None:
        if rows:
            await self._link.execute(statement, *zip(*rows, strict=True))

    async def since(self, revision: int, *, limit: int) -> list[ConsentEvent]:
        entries = (await self._counter.now()).entries
        before: int = await self._link.fetchval(_BEFORE, revision)
        found = await self._link.fetch(_SINCE, revision, limit + 1)
        cut = len(found) > limit
        whole = found[limit][_REVISION] - 1 if cut else _END
        echoes = await self._link.fetch(_ECHOES_SINCE, revision, whole)
        for echo in echoes:
            self._rows.check_echo(echo[:])
        positions = sorted(row[_POSITION] for row in (*found, *echoes) if row[_REVISION] <= whole)
        last = before + len(positions)
        if positions != list(range(before + 1, last + 1)) or last > entries or (last < entries and not cut):
            altered("consent.event")
        return [self._rows.event(row[:]) for row in found[:limit]]


class _Places:
    """The next place of each anchor, and overall."""

    def __init__(self, position: int, ordinals: Mapping[Anchor, int]) -> None:
        self._position = position
        self._ordinals = dict(ordinals)

    def next(self, anchor: Anchor) -> tuple[Any, Any]:
        """Return ordinal and position."""
        self._position += 1
        ordinal = self._ordinals[anchor] = self._ordinals.get(anchor, 0) + 1
        return ordinal, self._position
