"""The decision: may this caller use these attributes of this subject, for this purpose, now?

Rules (DESIGN §5.4; field names follow OpenID AuthZEN 1.0 where it has them)
- Unknown means no: a purpose, attribute, caller, recipient or channel that the catalogue does not name is refused.
- What cannot depend on the subject is checked first, so that its refusals say nothing about anybody.
- Each attribute has its own answer and reason; ``PARTIAL`` permits some of those asked for.
- A permit names its ground: legal basis, purpose version, and where consent is the ground the event and the notice.
- The minimum: an attribute that the purpose does not need is refused, whatever the subject agreed to (GDPR Art. 5(1)(c)).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from consent.domain.fold import State, Status
from consent.domain.purpose import OBJECTABLE, LegalBasis


class Effect(StrEnum):
    """What becomes of one attribute."""

    PERMIT = "permit"
    DENY = "deny"


class Outcome(StrEnum):
    """What becomes of the request."""

    PERMIT = "permit"
    PARTIAL = "partial"
    DENY = "deny"


class ReasonCode(StrEnum):
    """Why; stable, documented in docs/decisions.md."""

    CONSENT_GIVEN = "CONSENT_GIVEN"
    OTHER_GROUND = "OTHER_GROUND"
    NO_CONSENT = "NO_CONSENT"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    OBJECTED = "OBJECTED"
    EXPIRED = "EXPIRED"
    NOTICE_CHANGED = "NOTICE_CHANGED"
    CONFLICT = "CONFLICT"
    MINOR_NO_PARENT = "MINOR_NO_PARENT"
    RESTRICTED = "RESTRICTED"
    PURPOSE_UNKNOWN = "PURPOSE_UNKNOWN"
    PURPOSE_NOT_ALLOWED_FOR_CALLER = "PURPOSE_NOT_ALLOWED_FOR_CALLER"
    ATTRIBUTE_NOT_NEEDED = "ATTRIBUTE_NOT_NEEDED"
    RECIPIENT_NOT_COVERED = "RECIPIENT_NOT_COVERED"
    CHANNEL_NOT_COVERED = "CHANNEL_NOT_COVERED"
    LOW_MATCH_CONFIDENCE = "LOW_MATCH_CONFIDENCE"
    STALE = "STALE"
    NOT_EVALUABLE = "NOT_EVALUABLE"


class NextStep(StrEnum):
    """What could change the answer."""

    NONE = "none"
    ASK_CONSENT = "ask-consent"
    ASK_GUARDIAN = "ask-guardian"
    STEP_UP = "step-up"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, whoever the subject is. ``caller`` is authenticated, never claimed."""

    caller: str
    purpose: str
    recipient: str
    attributes: tuple[str, ...]
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """The answer for one attribute. ``event`` is the consent event it rests on, where there is one that the caller may know of."""

    effect: Effect
    reason: ReasonCode
    basis: LegalBasis | None = None
    event: UUID | None = None
    purpose_version: int | None = None
    notice: str = ""
    valid_until: datetime | None = None

    def __bool__(self) -> bool:
        raise TypeError("a Ruling has no truth value: read .effect")


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to a request: one ruling per attribute asked for, in the order asked."""

    outcome: Outcome
    rulings: Mapping[str, Ruling]
    general: Ruling
    """The ruling on the use itself: what holds for every attribute that the purpose needs."""
    obligations: tuple[str, ...] = ()
    next_step: NextStep = NextStep.NONE

    def __bool__(self) -> bool:
        raise TypeError("a Decision has no truth value: read .outcome")


_REASON_OF: Final[Mapping[Status, ReasonCode]] = {
    Status.UNKNOWN: ReasonCode.NO_CONSENT,
    Status.NOTICE_CHANGED: ReasonCode.NOTICE_CHANGED,
    Status.EXPIRED: ReasonCode.EXPIRED,
    Status.MINOR: ReasonCode.MINOR_NO_PARENT,
    Status.REFUSED: ReasonCode.REFUSED,
    Status.WITHDRAWN: ReasonCode.WITHDRAWN,
    Status.OBJECTED: ReasonCode.OBJECTED,
    Status.RESTRICTED: ReasonCode.RESTRICTED,
}
_OBJECTIONS: Final = frozenset({Status.REFUSED, Status.WITHDRAWN, Status.OBJECTED})
_STEP_OF: Final[Mapping[ReasonCode, NextStep]] = {
    ReasonCode.NO_CONSENT: NextStep.ASK_CONSENT,
    ReasonCode.EXPIRED: NextStep.ASK_CONSENT,
    ReasonCode.NOTICE_CHANGED: NextStep.ASK_CONSENT,
    ReasonCode.CONFLICT: NextStep.ASK_CONSENT,
    ReasonCode.MINOR_NO_PARENT: NextStep.ASK_GUARDIAN,
    ReasonCode.LOW_MATCH_CONFIDENCE: NextStep.STEP_UP,
}


def next_step(reason: ReasonCode) -> NextStep:
    """Return what could change the answer. A refusal asks for nothing: nobody is asked again for having said no."""
    return _STEP_OF.get(reason, NextStep.NONE)


def as_refused(basis: LegalBasis, *, prospecting: bool) -> ReasonCode:
    """Return the reason with which somebody who said no is refused: also that of somebody erased or unknown, who look the same."""
    if basis is LegalBasis.CONSENT:
        return ReasonCode.REFUSED
    return ReasonCode.OBJECTED if basis in OBJECTABLE or prospecting else ReasonCode.RESTRICTED


def on_ground(basis: LegalBasis, state: State, *, prospecting: bool) -> tuple[Effect, ReasonCode]:
    """Return what a legal basis makes of the subject's state.

    - Consent permits what is given, and nothing else (Art. 6(1)(a)).
    - What may be objected to stands until somebody says no in whatever word (Art. 21); direct marketing always may (Art. 21(2)).
    - A restriction stops every use but what the law demands or a life depends on (Art. 18(2)).
    """
    if state.status is Status.ERASED:
        return Effect.DENY, as_refused(basis, prospecting=prospecting)
    if basis is LegalBasis.CONSENT:
        if state.status is Status.GIVEN:
            return Effect.PERMIT, ReasonCode.CONSENT_GIVEN
        return Effect.DENY, ReasonCode.CONFLICT if state.conflict else _REASON_OF[state.status]
    if state.status is Status.RESTRICTED and basis not in {LegalBasis.LEGAL_OBLIGATION, LegalBasis.VITAL_INTEREST}:
        return Effect.DENY, ReasonCode.RESTRICTED
    if (basis in OBJECTABLE or prospecting) and state.status in _OBJECTIONS:
        return Effect.DENY, ReasonCode.OBJECTED
    return Effect.PERMIT, ReasonCode.OTHER_GROUND
