"""Consent events: what was expressed on an anchor, by whom, how, and when. Append-only; nothing here ever changes.

Rules (research/consent.md §3.1, §3.2; ISO/IEC TS 27560; W3C DPV 2.3 consent statuses)
- Status words are DPV's: requested, unknown, given, renewed, refused, withdrawn, expired, invalidated, revoked; GDPR adds objected
  (Art. 21), restricted (Art. 18) and lifted, which ends an objection or a restriction; erased ends everything (Art. 17).
- ``purpose`` None means every purpose: only what takes away may do so. A grant names one purpose (GDPR Art. 6(1)(a), 7: specific).
- ``channel`` or ``recipient`` None means all of the purpose's.
- ``expressed_at`` is the source's clock, ``recorded_at`` ours. What takes away counts from the later of the two, what permits from the
  earlier: no clock of a source can outrun a withdrawal that we acknowledged.
- ``revision`` numbers all events of the deployment in the order in which they were acknowledged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final
from uuid import UUID

from consent.domain.anchor import Anchor


class EventKind(StrEnum):
    """What was expressed."""

    REQUESTED = "requested"
    UNKNOWN = "unknown"
    GIVEN = "given"
    RENEWED = "renewed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    OBJECTED = "objected"
    RESTRICTED = "restricted"
    LIFTED = "lifted"
    EXPIRED = "expired"
    INVALIDATED = "invalidated"
    REVOKED = "revoked"
    ERASED = "erased"


GRANTS: Final = frozenset({EventKind.GIVEN, EventKind.RENEWED})
DENIALS: Final = frozenset(
    {
        EventKind.REFUSED,
        EventKind.WITHDRAWN,
        EventKind.OBJECTED,
        EventKind.RESTRICTED,
        EventKind.EXPIRED,
        EventKind.INVALIDATED,
        EventKind.REVOKED,
        EventKind.ERASED,
    }
)
SILENT: Final = frozenset({EventKind.REQUESTED, EventKind.UNKNOWN})
"""Kinds that are kept as history and decide nothing."""


class Actor(StrEnum):
    """Who expressed it."""

    SELF = "self"
    GUARDIAN = "guardian"
    AGENT = "agent"
    SYSTEM = "system"


class Method(StrEnum):
    """How it was expressed."""

    PORTAL = "portal"
    FORM = "form"
    PHONE = "phone"
    PAPER = "paper"
    LINK = "link"
    IMPORT = "import"
    GPC = "gpc"
    TCF = "tcf"
    GPP = "gpp"


class Assurance(IntEnum):
    """How sure it is that the holder of the anchor spoke; higher is surer."""

    DECLARED = 1
    DEVICE = 2
    CONTACT = 3  # a contact that was verified by a code
    ACCOUNT = 4  # signed in, or an identity checked by an agent


@dataclass(frozen=True, slots=True)
class NoticeShown:
    """The notice that was shown: id, version, language, and the SHA-256 of its published text (32 bytes)."""

    notice: str
    version: int
    language: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """One expression. ``evidence`` names where the proof is kept (a file number, a recording); ``event_id`` is a UUIDv7 of ours.

    ``purpose_version`` is the version of the purpose that was current in the notice. ``valid_until`` shortens the purpose's own term.
    ``concerns`` is the event that an invalidation or a lifting is about, if one in particular.
    """

    event_id: UUID
    anchor: Anchor
    kind: EventKind
    purpose: str | None
    purpose_version: int | None
    expressed_at: datetime
    recorded_at: datetime
    revision: int
    channel: str | None = None
    recipient: str | None = None
    method: Method = Method.FORM
    actor: Actor = Actor.SELF
    assurance: Assurance = Assurance.DECLARED
    notice: NoticeShown | None = None
    valid_until: datetime | None = None
    evidence: str = ""
    concerns: UUID | None = None

    @property
    def instant(self) -> datetime:
        """When it counts: what permits from the earlier clock, everything else from the later."""
        chosen = min if self.kind in GRANTS or self.kind is EventKind.LIFTED else max
        return chosen(self.expressed_at, self.recorded_at)

    def covers(self, purpose: str, channel: str | None, recipient: str | None) -> bool:
        """Whether it says something about a use. A use whose channel or recipient is open is covered by every denial of a part of it,
        and by no grant of a part.
        """
        if self.purpose is not None and self.purpose != purpose:
            return False
        if self.kind in GRANTS or self.kind is EventKind.LIFTED:
            return self.channel in {None, channel} and self.recipient in {None, recipient}
        return _touches(self.channel, channel) and _touches(self.recipient, recipient)


def _touches(said: str | None, asked: str | None) -> bool:
    return said is None or asked is None or said == asked


@dataclass(frozen=True, slots=True)
class Echo:
    """A denial that was expressed while ``anchor`` was of one subject with the denial's own anchor: it stays with both, whatever becomes
    of the link (DESIGN §5.3).
    """

    anchor: Anchor
    event: ConsentEvent
