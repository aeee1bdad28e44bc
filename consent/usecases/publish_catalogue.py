"""Publish a catalogue: all of it or nothing, and the same one again changes nothing.

Rules
- What is wrong with it in itself, with what was published before, and with the law in force that day, is told together.
- The content of a published version never changes: another one is refused (``VERSION_IS_PUBLISHED``).
- A catalogue that changes anything takes a revision: what was decided under the older one is then older too, wherever it is remembered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from consent.domain.catalogue import Catalogue
from consent.domain.catalogue_codec import digest, notice_to_json
from consent.domain.compatibility import compare
from consent.domain.errors import ConsentError, Reason
from consent.domain.french_rules import breaches
from consent.domain.purpose_checks import catalogue_faults
from consent.ports.clock import Clock
from consent.ports.transactor import Transaction, Transactor


@dataclass(frozen=True, slots=True)
class Publication:
    """What was published: versions that are new (name, version), and how many were there already. ``revision``: from which on it counts."""

    purposes: tuple[tuple[str, int], ...]
    notices: tuple[tuple[str, int], ...]
    unchanged: int
    revision: int


class CataloguePublisher:
    """Handles the publication of catalogues."""

    def __init__(self, *, transactor: Transactor, clock: Clock) -> None:
        self._transactor = transactor
        self._clock = clock

    async def __call__(self, catalogue: Catalogue) -> Publication:
        """Publish, and return once it is durable.

        Raises:
            CatalogueError: ``INVALID_CATALOGUE``, with every fault; nothing is published then.
            ConsentError: ``VERSION_IS_PUBLISHED`` (``name``, ``version``), ``STORE_UNAVAILABLE``; nothing is published then.
        """
        catalogue = replace(catalogue, notices=tuple(replace(one, digest=digest(notice_to_json(one))) for one in catalogue.notices))
        now = self._clock.now()

        async def work(tx: Transaction) -> Publication:
            published = await tx.catalogue.published()
            changes = compare(published, catalogue)
            for name, version in changes.altered:
                raise ConsentError(Reason.VERSION_IS_PUBLISHED, name=name, version=version)
            faults = [*catalogue_faults(catalogue, published.notices), *changes.faults, *breaches(changes.purposes, now)]
            if faults:
                raise catalogue.error(faults)
            new = changes.purposes or changes.notices
            if new:
                await tx.catalogue.publish(changes.purposes, changes.notices, at=now)
            return Publication(
                tuple((purpose.purpose_id, purpose.version) for purpose in changes.purposes),
                tuple((notice.notice_id, notice.version) for notice in changes.notices),
                changes.unchanged,
                await (tx.events.next_revision() if new else tx.events.revision()),
            )

        return await self._transactor.run(work)
