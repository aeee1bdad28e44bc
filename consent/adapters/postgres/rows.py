"""Events and echoes as rows, and back: verified before anything is made of them.

Rules
- The MAC of a row is over the table's name and every other column, sealed evidence as it is stored.
- ``ordinal`` counts what an anchor has, events and echoes together, without a gap: what is read of an anchor is all of it or an error.
- No row stands beyond what the counter says was ever written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NoReturn

from consent.adapters.evidence import EvidenceSealer
from consent.adapters.keys import ConsentKeys
from consent.adapters.macs import Column, RowMac
from consent.domain.anchor import Anchor
from consent.domain.errors import ConsentError, Reason
from consent.domain.event import Actor, Assurance, ConsentEvent, EventKind, Method, NoticeShown

EVENT: Final = "consent.event/1"
ECHO: Final = "consent.echo/1"

EVENT_TYPES: Final = {
    "source": "text",
    "anchor": "bytea",
    "ordinal": "int4",
    "position": "int8",
    "revision": "int8",
    "event_id": "uuid",
    "kind": "text",
    "purpose": "text",
    "purpose_version": "int4",
    "channel": "text",
    "recipient": "text",
    "expressed_at": "timestamptz",
    "recorded_at": "timestamptz",
    "method": "text",
    "actor": "text",
    "assurance": "int2",
    "notice": "text",
    "notice_version": "int4",
    "language": "text",
    "notice_digest": "bytea",
    "valid_until": "timestamptz",
    "evidence": "bytea",
    "concerns": "uuid",
    "mac": "bytea",
}
ECHO_TYPES: Final = {
    "source": "text",
    "anchor": "bytea",
    "ordinal": "int4",
    "position": "int8",
    "revision": "int8",
    "event_id": "uuid",
    "mac": "bytea",
}
ECHO_WIDTH: Final = len(ECHO_TYPES)

_KINDS: Final = {kind.value: kind for kind in EventKind}
_METHODS: Final = {method.value: method for method in Method}
_ACTORS: Final = {actor.value: actor for actor in Actor}


def columns(types: Iterable[str], table: str = "") -> str:
    """Return a list of columns for a query."""
    return ", ".join(f"{table}.{name}" if table else name for name in types)


def inserting(table: str, types: dict[str, str]) -> str:
    """Return the statement that inserts rows given as one array per column."""
    arrays = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(types.values(), 1))
    return f"INSERT INTO {table} ({columns(types)}) SELECT * FROM unnest({arrays})"  # noqa: S608 - our own names


class Rows:
    """Makes and reads rows under the deployment's keys."""

    def __init__(self, keys: ConsentKeys) -> None:
        self.macs = RowMac(keys.rows)
        self._evidence = EvidenceSealer(keys.evidence)

    def of_event(self, event: ConsentEvent, ordinal: int, position: int) -> list[Column]:
        """Return the row of an event."""
        shown = event.notice
        row: list[Column] = [
            event.anchor.source,
            event.anchor.mac,
            ordinal,
            position,
            event.revision,
            event.event_id,
            event.kind.value,
            event.purpose,
            event.purpose_version,
            event.channel,
            event.recipient,
            event.expressed_at,
            event.recorded_at,
            event.method.value,
            event.actor.value,
            int(event.assurance),
            *((shown.notice, shown.version, shown.language, shown.digest) if shown else (None, None, None, None)),
            event.valid_until,
            self._evidence.seal(event.event_id, event.evidence),
            event.concerns,
        ]
        return [*row, self.macs.of(EVENT, row)]

    def event(self, row: Sequence[Any]) -> ConsentEvent:
        """Return the event of a row (``EVENT_TYPES``).

        Raises:
            ConsentError: ``EVENT_ALTERED``.
        """
        self.macs.check(EVENT, row[:-1], row[-1])
        return ConsentEvent(
            event_id=row[5],
            anchor=Anchor(row[0], row[1]),
            kind=_KINDS[row[6]],
            purpose=row[7],
            purpose_version=row[8],
            expressed_at=row[11],
            recorded_at=row[12],
            revision=row[4],
            channel=row[9],
            recipient=row[10],
            method=_METHODS[row[13]],
            actor=_ACTORS[row[14]],
            assurance=Assurance(row[15]),
            notice=None if row[16] is None else NoticeShown(row[16], row[17], row[18], row[19]),
            valid_until=row[20],
            evidence=self._evidence.open(row[5], row[21]),
            concerns=row[22],
        )

    def of_echo(self, row: Sequence[Column]) -> list[Column]:
        """Return the row of an echo, given all but its MAC."""
        return [*row, self.macs.of(ECHO, row)]

    def check_echo(self, row: Sequence[Any]) -> None:
        """Make sure that an echo's row (``ECHO_TYPES``) is as it was written.

        Raises:
            ConsentError: ``EVENT_ALTERED``.
        """
        self.macs.check(ECHO, row[:-1], row[-1])


def altered(table: str) -> NoReturn:
    """Refuse what was read: something is missing, or stands where it was never written."""
    raise ConsentError(Reason.EVENT_ALTERED, table=table)
