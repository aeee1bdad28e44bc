"""Makers of consent things for tests: short, with sensible defaults, nothing random."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from consent.domain.anchor import Anchor, Subject
from consent.domain.event import Assurance, ConsentEvent, EventKind
from consent.domain.purpose import LegalBasis, Minors, Published, Purpose, Wording

DAY_0 = datetime(2026, 1, 1, tzinfo=UTC)
TEXT = Wording({"fr": "Offres par courriel", "en": "Offers by e-mail"})
A, B, C, D = (Anchor("crm", bytes([n]) * 16) for n in range(1, 5))


def day(number: float) -> datetime:
    return DAY_0 + timedelta(days=number)


def purpose(
    basis: LegalBasis = LegalBasis.CONSENT,
    *,
    version: int = 1,
    compatible: bool = False,
    valid_days: int | None = None,
    minors: Minors = Minors.ALIKE,
    prospecting: bool = False,
    notice: str = "",
    channels: frozenset[str] = frozenset({"email", "sms"}),
) -> Purpose:
    return Purpose(
        "offers", version, basis, TEXT, TEXT, frozenset({"email", "given_name"}), frozenset({"marketing", "crm"}), channels,
        "P36M", "GDPR 6(1)(a)",
        compatible=compatible, valid_days=valid_days, minors=minors, prospecting=prospecting, notice=notice,
    )  # fmt: skip


def published(*versions: Purpose) -> Published:
    return Published({"offers": versions or (purpose(),)})


def event(
    kind: EventKind,
    at: float,
    anchor: Anchor = A,
    *,
    recorded: float | None = None,
    number: int | None = None,
    assurance: Assurance = Assurance.DECLARED,
    **more: object,
) -> ConsentEvent:
    fields = {"purpose": "offers", "purpose_version": 1} | more
    event_id = UUID(int=number if number is not None else int(at * 1000) * 64 + list(EventKind).index(kind) * 4 + anchor.mac[0])
    return ConsentEvent(
        event_id=event_id,
        anchor=anchor,
        kind=kind,
        expressed_at=day(at),
        recorded_at=day(at if recorded is None else recorded),
        revision=1,
        assurance=assurance,
        **fields,  # type: ignore[arg-type]  # the fields are named by the caller
    )


def subject(*groups: set[Anchor]) -> Subject:
    return Subject(frozenset(frozenset(group) for group in groups))
