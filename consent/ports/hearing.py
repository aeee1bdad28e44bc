"""What a decision is made of, read at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from consent.domain.anchor import Anchor
from consent.domain.event import ConsentEvent, Echo
from consent.domain.purpose import Published


@dataclass(frozen=True, slots=True)
class Heard:
    """Everything heard of some anchors, as of one instant: the newest revision, the catalogue in force, events and echoes in any order.

    ``published`` is the same object for as long as the catalogue is the same, so that what is compiled from it can be kept.
    """

    revision: int
    published: Published
    events: list[ConsentEvent]
    echoes: list[Echo]


class Hearing(Protocol):
    """Reads what decisions need: the path that every request takes, so it is one round trip."""

    async def heard(self, anchors: Collection[Anchor]) -> Heard:
        """Return everything heard of the anchors: no less than what was acknowledged before the call.

        Raises:
            ConsentError: ``EVENT_ALTERED`` if anything of it is not as it was written; ``STORE_UNAVAILABLE``.
        """
        ...
