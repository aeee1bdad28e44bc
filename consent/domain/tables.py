"""The catalogue compiled: bit sets and maps, so that a decision is a few look-ups and not an interpreter.

Measured against policy engines in ``bench/decide.py``. The tables hold nothing about anybody; they are made anew when the catalogue or the
caller registry changes, and agree with a general policy engine on random requests (``tests/integration/consent/test_oracle.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from consent.domain.decision import Decision, Effect, NextStep, Outcome, ReasonCode, Request, Ruling, next_step, on_ground
from consent.domain.fold import State
from consent.domain.purpose import Published, Purpose


@dataclass(frozen=True, slots=True)
class Scope:
    """What a caller is registered for: purposes, and recipients on whose behalf it may ask."""

    purposes: frozenset[str]
    recipients: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Row:
    purpose: Purpose
    needed: int
    callers: frozenset[str]


class Tables:
    """Decides requests under one catalogue and one registry. Immutable; safe to share between threads."""

    __slots__ = ("_bits", "_refused", "_rows", "_scopes", "published")

    def __init__(self, published: Published, scopes: Mapping[str, Scope]) -> None:
        self.published = published
        self._scopes = dict(scopes)
        current = [versions[-1] for versions in published.purposes.values() if versions]
        names = sorted({name for purpose in current for name in purpose.attributes})
        self._bits = {name: 1 << place for place, name in enumerate(names)}
        self._rows = {
            purpose.purpose_id: _Row(
                purpose,
                sum(self._bits[name] for name in purpose.attributes),
                frozenset(caller for caller, scope in scopes.items() if purpose.purpose_id in scope.purposes),
            )
            for purpose in current
        }
        self._refused = {reason: Ruling(Effect.DENY, reason) for reason in ReasonCode}

    @property
    def scopes(self) -> Mapping[str, Scope]:
        """The registry that these tables were made under."""
        return self._scopes

    def impersonal(self, request: Request) -> ReasonCode | None:
        """Return why a request is refused whoever the subject is, or None if the subject has a say."""
        row = self._rows.get(request.purpose)
        if row is None:
            return ReasonCode.PURPOSE_UNKNOWN
        if request.caller not in row.callers:
            return ReasonCode.PURPOSE_NOT_ALLOWED_FOR_CALLER
        if request.recipient not in row.purpose.recipients or request.recipient not in self._scopes[request.caller].recipients:
            return ReasonCode.RECIPIENT_NOT_COVERED
        if request.channel is not None and request.channel not in row.purpose.channels:
            return ReasonCode.CHANNEL_NOT_COVERED
        return None

    def refuse(self, request: Request, reason: ReasonCode) -> Decision:
        """Return the decision that refuses everything for one reason."""
        ruling = self._refused[reason]
        return Decision(Outcome.DENY, dict.fromkeys(request.attributes, ruling), ruling, next_step=next_step(reason))

    def decide(self, request: Request, state: State) -> Decision:
        """Decide a request about a subject whose effective state is known."""
        reason = self.impersonal(request)
        if reason is not None:
            return self.refuse(request, reason)
        row = self._rows[request.purpose]
        general = _ruling(row.purpose, state)
        unneeded, bit, needed = self._refused[ReasonCode.ATTRIBUTE_NOT_NEEDED], self._bits.get, row.needed
        rulings = {name: general if bit(name, 0) & needed else unneeded for name in request.attributes}
        permitted = general.effect is Effect.PERMIT
        outcome = _outcome(rulings.values(), permitted=permitted)
        return Decision(
            outcome,
            rulings,
            general,
            obligations=row.purpose.obligations if permitted else (),
            next_step=NextStep.NONE if permitted else next_step(general.reason),
        )

    def purpose(self, purpose_id: str) -> Purpose | None:
        """Return the version in force of a purpose."""
        row = self._rows.get(purpose_id)
        return row.purpose if row else None


def _ruling(purpose: Purpose, state: State) -> Ruling:
    effect, reason = on_ground(purpose.basis, state, prospecting=purpose.prospecting)
    if reason is not ReasonCode.CONSENT_GIVEN or state.event is None:
        return Ruling(effect, reason, purpose.basis, purpose_version=purpose.version)
    shown = state.event.notice
    notice = f"{shown.notice}/{shown.version}/{shown.digest.hex()}" if shown else ""
    return Ruling(effect, reason, purpose.basis, state.event.event_id, purpose.version, notice, state.valid_until)


def _outcome(rulings: Iterable[Ruling], *, permitted: bool) -> Outcome:
    effects = {ruling.effect for ruling in rulings}
    if not permitted or effects == {Effect.DENY}:
        return Outcome.DENY
    return Outcome.PARTIAL if Effect.DENY in effects else Outcome.PERMIT
