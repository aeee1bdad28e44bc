"""List what was expressed on one anchor, page by page, oldest first.

Rules
- Only what was expressed on the anchor itself: what reached it from other anchors would tell of them.
- The store checks each row's MAC as it reads: an altered row fails the page, it is never shown.
"""

from __future__ import annotations

import base64
import struct
from binascii import Error as NotBase64
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from consent.domain.anchor import Anchor
from consent.domain.errors import ConsentError, Reason
from consent.domain.event import ConsentEvent
from consent.ports.transactor import Transaction, Transactor

DEFAULT_PAGE: Final = 50
LARGEST_PAGE: Final = 500
_TOKEN: Final = struct.Struct(">Q16s")


@dataclass(frozen=True, slots=True)
class ListConsentEvents:
    """One page of an anchor's events. ``page_size`` 0 means 50, more than 500 is read as 500; ``page_token`` is the page before's."""

    anchor: Anchor
    page_size: int = 0
    page_token: str = ""


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events in the order in which they were acknowledged, and where the next page begins (empty on the last one)."""

    events: tuple[ConsentEvent, ...]
    next_page_token: str


class EventLister:
    """Handles ``ListConsentEvents``. Events only ever join at the end, so pages neither repeat nor miss one."""

    def __init__(self, *, transactor: Transactor) -> None:
        self._transactor = transactor

    async def __call__(self, command: ListConsentEvents) -> EventPage:
        """Return one page; an anchor that nobody knows has none.

        Raises:
            ConsentError: ``INVALID_PAGE_TOKEN`` if the token is not one of ours; ``EVENT_ALTERED``; ``STORE_UNAVAILABLE``.
        """
        size = min(command.page_size, LARGEST_PAGE) if command.page_size > 0 else DEFAULT_PAGE
        after = _opened(command.page_token) if command.page_token else (-1, b"")

        async def read(tx: Transaction) -> list[ConsentEvent]:
            return await tx.events.of([command.anchor])

        events = await self._transactor.run(read, read_only=True)
        rest = sorted((event for event in events if _place(event) > after), key=_place)
        page = tuple(rest[:size])
        return EventPage(page, _sealed(page[-1]) if len(rest) > size else "")


def _place(event: ConsentEvent) -> tuple[int, bytes]:
    return event.revision, event.event_id.bytes


def _sealed(event: ConsentEvent) -> str:
    return base64.urlsafe_b64encode(_TOKEN.pack(*_place(event))).decode("ascii")


def _opened(token: str) -> tuple[int, bytes]:
    try:
        revision, event_id = _TOKEN.unpack(base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True))
    except (NotBase64, UnicodeEncodeError, struct.error):
        raise ConsentError(Reason.INVALID_PAGE_TOKEN) from None
    return int(revision), UUID(bytes=event_id).bytes
