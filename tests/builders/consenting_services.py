"""The consent context put together in memory: real use cases, real MACs, no database, and a directory that a test writes itself."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from consent.adapters.keys import derive_keys
from consent.adapters.macs import HmacPseudonyms, HmacRequestMac, HmacRevisionSigner
from consent.adapters.memory import MemoryTransactor
from consent.adapters.receipts import ReceiptKey, SignedReceipts
from consent.domain.anchor import Anchor, Subject, alone
from consent.domain.event import ConsentEvent
from consent.domain.purpose import Published
from consent.domain.receipt import Controller
from consent.domain.tables import Scope
from consent.ports.receipt_issuer import IssuedReceipt
from consent.usecases.answer_questions import QuestionAnswerer
from consent.usecases.decide import Decide
from consent.usecases.get_receipt import ReceiptGiver
from consent.usecases.list_events import EventLister
from consent.usecases.publish_catalogue import CataloguePublisher
from consent.usecases.read_catalogue import NoticeReader, PurposeLister
from consent.usecases.record_consent import ConsentRecorder
from consent.usecases.watch_revocations import Pace, RevocationWatcher
from services.consent.servicer import ConsentUseCases

KEYS = derive_keys(lambda name: hashlib.sha256(name.encode()).digest())
RECEIPT_KEY = ReceiptKey(hashlib.sha256(b"receipts").digest())


@dataclass
class TestClock:
    """Stands still until a test moves it on."""

    __test__ = False
    time: datetime

    def now(self) -> datetime:
        return self.time

    def pass_(self, **span: float) -> None:
        self.time += timedelta(**span)


class CountedIds:
    """Mints ids 1, 2, 3 …"""

    def __init__(self) -> None:
        self._last = 0

    def new(self) -> UUID:
        self._last += 1
        return UUID(int=self._last)


class WrittenDirectory:
    """Knows the subjects that a test wrote down; everybody else is alone, or unknown if ``strangers``."""

    def __init__(self) -> None:
        self.known: dict[Anchor, Subject] = {}
        self.strangers = False

    async def subjects(self, anchors: Collection[Anchor], *, as_of: datetime | None = None) -> Mapping[Anchor, Subject]:
        if self.strangers:
            return {anchor: self.known[anchor] for anchor in anchors if anchor in self.known}
        return {anchor: self.known.get(anchor, alone(anchor)) for anchor in anchors}

    def link(self, *groups: set[Anchor]) -> None:
        """Make one subject of groups; the anchors of a group are proved to be one person's."""
        subject = Subject(frozenset(frozenset(group) for group in groups))
        self.known |= dict.fromkeys(subject.anchors, subject)


class KeyedAnchors:
    """Names anchors by a keyed MAC, as the key ring does."""

    def anchor(self, source: str, key: str) -> Anchor:
        return Anchor(source, hmac.digest(b"k" * 32, f"{len(source)}:{source}{key}".encode(), "sha256")[:16])


class BareReceipts:
    """Issues receipts that say what they are of, and prove nothing."""

    def issue(self, event: ConsentEvent, published: Published) -> IssuedReceipt:
        return IssuedReceipt(event.event_id, str(event.event_id).encode(), "none")


@dataclass
class ConsentInMemory:
    """Everything of a deployment's consent."""

    clock: TestClock
    scopes: Mapping[str, Scope]
    pace: Pace = field(default_factory=lambda: Pace(poll=0.01, heartbeat=0.05, patience=0.2))
    transactor: MemoryTransactor = field(default_factory=MemoryTransactor)
    directory: WrittenDirectory = field(default_factory=WrittenDirectory)
    ids: CountedIds = field(default_factory=CountedIds)
    revisions: HmacRevisionSigner = field(default_factory=lambda: HmacRevisionSigner(KEYS.revisions))
    anchors: KeyedAnchors = field(default_factory=KeyedAnchors)

    def usecases(self) -> ConsentUseCases:
        pseudonyms = HmacPseudonyms(KEYS.pseudonyms)
        decide = Decide(hearing=self.transactor, directory=self.directory, scopes=self.scopes, clock=self.clock)
        return ConsentUseCases(
            publish=CataloguePublisher(transactor=self.transactor, clock=self.clock),
            list_purposes=PurposeLister(transactor=self.transactor),
            get_notice=NoticeReader(transactor=self.transactor),
            record_consent=self.recorder(),
            list_events=EventLister(transactor=self.transactor),
            get_receipt=ReceiptGiver(transactor=self.transactor, issuer=SignedReceipts(RECEIPT_KEY, pseudonyms, Controller())),
            answer_questions=QuestionAnswerer(decide=decide, pseudonyms=pseudonyms, ids=self.ids, clock=self.clock),
            watch_revocations=RevocationWatcher(transactor=self.transactor, pace=self.pace),
            anchors=self.anchors,
            revisions=self.revisions,
            pseudonyms=pseudonyms,
        )

    def recorder(self) -> ConsentRecorder:
        return ConsentRecorder(
            transactor=self.transactor, directory=self.directory, macs=HmacRequestMac(KEYS.requests), ids=self.ids, clock=self.clock
        )
