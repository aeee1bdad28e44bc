"""Use cases of consent that answer from a script and remember what they were asked, for tests of the edge alone."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from consent.domain.anchor import Anchor
from consent.domain.decision import Decision, Effect, NextStep, Outcome, ReasonCode, Ruling
from consent.domain.errors import ConsentError, Reason
from consent.domain.event import Actor, Assurance, ConsentEvent, EventKind, Method, NoticeShown
from consent.domain.purpose import LegalBasis, Minors, Notice, Purpose, Wording
from consent.ports.receipt_issuer import IssuedReceipt
from consent.usecases.answer_questions import Answer, Answers
from consent.usecases.list_events import EventPage
from consent.usecases.publish_catalogue import Publication
from consent.usecases.read_catalogue import PurposePage
from consent.usecases.record_consent import Recorded
from consent.usecases.watch_revocations import Revoked
from services.consent.servicer import ConsentUseCases

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
EVENT, DECISION = UUID(int=11), UUID(int=12)
WORDS = Wording({"fr": "Offres par courriel", "en": "Offers by e-mail"})
NOTICE = Notice("offers", 3, WORDS, compatible=True, digest=b"\x07" * 32)
PURPOSE = Purpose(
    "offers-email", 2, LegalBasis.CONSENT, WORDS, WORDS, frozenset({"email", "given_name"}), frozenset({"crm", "marketing"}),
    frozenset({"email"}), "P36M", "GDPR Art. 6(1)(a)", notice="offers", compatible=True, valid_days=395, minors=Minors.JOINT,
    prospecting=True, signal=True, obligations=("show-withdraw-link",),
)  # fmt: skip
GIVEN = ConsentEvent(
    EVENT, Anchor("crm", b"\x01" * 16), EventKind.GIVEN, "offers-email", 2, NOON, NOON, 7, channel="email", recipient="marketing",
    method=Method.PORTAL, actor=Actor.GUARDIAN, assurance=Assurance.ACCOUNT, notice=NoticeShown("offers", 3, "fr", b"\x07" * 32),
    valid_until=NOON + timedelta(days=30), evidence="dossier 12", concerns=DECISION,
)  # fmt: skip
PERMITTED = Ruling(
    Effect.PERMIT, ReasonCode.CONSENT_GIVEN, LegalBasis.CONSENT, EVENT, 2, "offers/3/" + "07" * 32, NOON + timedelta(days=30)
)
ANSWER = Answer(
    Decision(
        Outcome.PARTIAL,
        {"email": PERMITTED, "national_id": Ruling(Effect.DENY, ReasonCode.ATTRIBUTE_NOT_NEEDED)},
        PERMITTED,
        ("show-withdraw-link",),
        NextStep.NONE,
    ),
    DECISION,
    {"fr": "La personne a accepté.", "en": "The person agreed."},
    timedelta(milliseconds=500),
    "px-1",
)


class PlainNames:
    """Stands in for the keys: anchors, tokens and pseudonyms that a test can foresee."""

    def anchor(self, source: str, key: str) -> Anchor:
        return Anchor(source, hashlib.sha256(f"{source}:{key}".encode()).digest()[:16])

    def token(self, revision: int) -> str:
        return f"r{revision}"

    def revision(self, token: str) -> int:
        if not token.startswith("r") or not token[1:].isdigit():
            raise ConsentError(Reason.INVALID_REVISION)
        return int(token[1:])

    def pseudonym(self, caller: str, anchor: Anchor) -> str:
        return f"{caller}/{anchor.source}/{anchor.mac.hex()}"


class ScriptedConsent:
    """Remembers commands in ``asked``; ``fails`` is raised by all."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.fails: BaseException | None = None
        self.names = PlainNames()
        self.heard: asyncio.Queue[Revoked | BaseException | None] = asyncio.Queue()
        self.watching = 0
        self.answered = ANSWER

    def usecases(self) -> ConsentUseCases:
        return ConsentUseCases(
            publish=self.publish,
            list_purposes=self.purposes,
            get_notice=self.notice,
            record_consent=self.record,
            list_events=self.events,
            get_receipt=self.receipt,
            answer_questions=self.answer,
            watch_revocations=self.watch,
            anchors=self.names,
            revisions=self.names,
            pseudonyms=self.names,
        )

    async def _take(self, command: object) -> None:
        self.asked.append(command)
        if self.fails is not None:
            raise self.fails

    async def publish(self, catalogue) -> Publication:
        await self._take(catalogue)
        return Publication((), (), 0, 8)

    async def purposes(self, command) -> PurposePage:
        await self._take(command)
        return PurposePage((PURPOSE,), "next", "c" * 64)

    async def notice(self, command) -> Notice:
        await self._take(command)
        return NOTICE

    async def record(self, command) -> Recorded:
        await self._take(command)
        return Recorded(tuple(UUID(int=n + 1) for n in range(len(command.expressions))), 9)

    async def events(self, command) -> EventPage:
        await self._take(command)
        return EventPage((GIVEN,), "next")

    async def receipt(self, command) -> IssuedReceipt:
        await self._take(command)
        return IssuedReceipt(command.event_id, b'{"a":1}', "k-1")

    async def answer(self, command) -> Answers:
        await self._take(command)
        return Answers(tuple(self.answered for _ in command.asks), 9, "c" * 64)

    async def watch(self, command) -> AsyncGenerator[Revoked, None]:
        await self._take(command)
        self.watching += 1
        try:
            while (heard := await self.heard.get()) is not None:
                if isinstance(heard, BaseException):
                    raise heard
                yield heard
        finally:
            self.watching -= 1
