"""What counts as somebody having spoken, where nobody filled in a form: a browser's signal, a no to all advertising.

Rules (GDPR Art. 4(11), 21(2), (3), (5); ``french_rules.py``)
- Only ``Sec-GPC: 1`` is the signal; any other value is none.
- A signal is an objection once for each purpose that heeds it. It is sent with every page, and would otherwise take back, page by page, the
  explicit yes that the same person gave later, signed in, while the signal was there to see.
- A no to advertising is a no to all of it, whatever its ground.
- A grant is a person's act: a program grants nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from consent.domain.event import GRANTS, Actor, Assurance, ConsentEvent, EventKind, Method
from consent.domain.purpose import Published

SIGNAL = "1"


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection to record on the anchor on which it was made."""

    purpose: str
    expressed_at: datetime
    method: Method
    assurance: Assurance
    kind: EventKind = EventKind.OBJECTED
    actor: Actor = Actor.SELF


def signal_objections(header: str | None, events: Collection[ConsentEvent], published: Published, at: datetime) -> tuple[Objection, ...]:
    """Return what a request's ``Sec-GPC`` header objects to that it did not before. ``events``: what was expressed on the same anchor."""
    if header != SIGNAL:
        return ()
    heard = {event.purpose for event in events if event.kind is EventKind.OBJECTED and event.method is Method.GPC}
    return tuple(
        Objection(purpose_id, at, Method.GPC, Assurance.DEVICE)
        for purpose_id, versions in sorted(published.purposes.items())
        if versions[-1].signal and purpose_id not in heard
    )


def prospecting_objections(published: Published, at: datetime, *, method: Method, assurance: Assurance) -> tuple[Objection, ...]:
    """Return the objections that a no to advertising comes to."""
    return tuple(
        Objection(purpose_id, at, method, assurance)
        for purpose_id, versions in sorted(published.purposes.items())
        if versions[-1].prospecting
    )


def is_clear_act(kind: EventKind, actor: Actor) -> bool:
    """Whether an event may come from whom it says: what gives something back, a grant or a lifting, comes from a person."""
    return actor is not Actor.SYSTEM or (kind not in GRANTS and kind is not EventKind.LIFTED)


def is_proved(kind: EventKind, notice_version: int | None, evidence: str) -> bool:
    """Whether an expression that comes from elsewhere can be shown to have been made: a grant needs what was shown, and where that is kept
    (GDPR Art. 7(1)). What takes away needs no proof.
    """
    return kind not in GRANTS or (notice_version is not None and bool(evidence))
