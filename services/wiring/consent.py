"""The consent context, put together: stores, names, who may ask for what, use cases. Read top to bottom.

Rules
- A fresh deployment starts with the starter catalogue: it is published once, when nothing is published yet.
- Who may ask for what is looked up in the caller registry with every decision: a change of the file counts within a second.
- Consent names an identifier by the same keyed MAC as identity does, so that who belongs together is told without opening a record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import final

from consent.adapters.starter_catalogue import starter_catalogue
from consent.domain.anchor import Anchor
from consent.domain.event import ConsentEvent
from consent.domain.purpose import Published
from consent.domain.tables import Scope
from consent.ports.receipt_issuer import IssuedReceipt, ReceiptIssuer
from consent.ports.subject_directory import SubjectDirectory
from consent.usecases.answer_questions import QuestionAnswerer
from consent.usecases.decide import Decide
from consent.usecases.get_receipt import ReceiptGiver
from consent.usecases.list_events import EventLister
from consent.usecases.publish_catalogue import CataloguePublisher
from consent.usecases.read_catalogue import NoticeReader, PurposeLister
from consent.usecases.record_consent import ConsentRecorder
from consent.usecases.watch_revocations import RevocationWatcher
from identity.adapters.sealing import AesGcmSealer
from identity.adapters.system import RandomIds, SystemClock
from identity.domain.source_record import RecordRef
from services.consent.servicer import ConsentUseCases
from services.rpc.caller import Caller
from services.rpc.registry import CallerRegistry
from services.settings import Settings
from services.wiring.callers import FILE, METHODS
from services.wiring.consent_store import ConsentStore
from services.wiring.storing import Store


@dataclass(frozen=True, slots=True)
class ConsentContext:
    """Every use case of the consent context, bound to its adapters. ``served`` are those that gRPC offers."""

    store: ConsentStore
    served: ConsentUseCases
    decide: Decide
    clock: SystemClock


def build_consent(
    settings: Settings,
    store: Store,
    consent_store: ConsentStore,
    directory: SubjectDirectory,
    scopes: Mapping[str, Scope] | None = None,
    *,
    receipts: ReceiptIssuer | None = None,
) -> ConsentContext:
    """Bind the use cases to the stores. Without ``scopes`` those of the caller registry hold, as it is at each decision.

    Raises:
        RegistryError: if the caller registry cannot be used.
    """
    scopes = RegisteredScopes(settings) if scopes is None else scopes
    transactor, clock = consent_store.transactor, SystemClock()
    ids = RandomIds(clock)
    decide = Decide(hearing=transactor, directory=directory, scopes=scopes, clock=clock)
    served = ConsentUseCases(
        publish=CataloguePublisher(transactor=transactor, clock=clock),
        list_purposes=PurposeLister(transactor=transactor),
        get_notice=NoticeReader(transactor=transactor),
        record_consent=ConsentRecorder(transactor=transactor, directory=directory, macs=consent_store.requests, ids=ids, clock=clock),
        list_events=EventLister(transactor=transactor),
        get_receipt=ReceiptGiver(transactor=transactor, issuer=receipts or _NoReceipts()),
        answer_questions=QuestionAnswerer(decide=decide, pseudonyms=consent_store.pseudonyms, ids=ids, clock=clock),
        watch_revocations=RevocationWatcher(transactor=transactor),
        anchors=SealedAnchors(store.sealer),
        revisions=consent_store.revisions,
        pseudonyms=consent_store.pseudonyms,
    )
    return ConsentContext(consent_store, served, decide, clock)


async def publish_starter(context: ConsentContext) -> None:
    """Publish the starter catalogue if nothing is published yet; raises as ``CataloguePublisher``."""
    published = await context.store.transactor.run(lambda tx: tx.catalogue.published(), read_only=True)
    if not published.purposes:
        await context.served.publish(starter_catalogue())


@final
class SealedAnchors:
    """Fulfils ``AnchorNamer`` with the MAC by which identity's storage names a source record."""

    def __init__(self, sealer: AesGcmSealer) -> None:
        self._sealer = sealer

    def anchor(self, source: str, key: str) -> Anchor:
        return Anchor(*self._sealer.address(RecordRef(source, key)))


class RegisteredScopes(Mapping[str, Scope]):
    """What each caller is registered for, as the registry's file says now."""

    def __init__(self, settings: Settings) -> None:
        """Read the registry.

        Raises:
            RegistryError: if it cannot be used.
        """
        self._registry = CallerRegistry(settings.home / FILE, METHODS, lambda _: None)  # the gate's own tells of a file that went bad
        self._read: tuple[Mapping[str, Caller], dict[str, Scope]] | None = None

    def __getitem__(self, name: str) -> Scope:
        return self._now()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def _now(self) -> dict[str, Scope]:
        callers = self._registry.callers()
        if self._read is None or self._read[0] is not callers:
            self._read = callers, {name: Scope(caller.purposes, caller.recipients) for name, caller in callers.items()}
        return self._read[1]


@final
class _NoReceipts:
    """Stands where receipts are issued."""

    def issue(self, event: ConsentEvent, published: Published) -> IssuedReceipt:
        raise NotImplementedError
