"""Record status: is it there, in which version, and in which identity.

The purpose gate is not asked: the question has no purpose. It is a source system looking after its own records, so the caller must be
registered for the source (the server sees to that), and only a steward is told the identity's id (the servicer sees to that).
"""

from __future__ import annotations

from dataclasses import dataclass

from identity.domain.errors import IdentityError, Reason
from identity.domain.source_record import IdentityId, RecordId, RecordRef
from identity.ports.sealer import Sealer
from identity.ports.transactor import Transaction, Transactor


@dataclass(frozen=True, slots=True)
class GetRecordStatus:
    """Tell how a record stands."""

    ref: RecordRef


@dataclass(frozen=True, slots=True)
class RecordStatus:
    """How a record stands. ``identity_id`` is None once it is deleted."""

    record_id: RecordId
    version: int
    deleted: bool
    identity_id: IdentityId | None


class RecordStatusReader:
    """Handles ``GetRecordStatus``."""

    def __init__(self, *, transactor: Transactor, sealer: Sealer) -> None:
        self._transactor = transactor
        self._sealer = sealer

    async def __call__(self, query: GetRecordStatus) -> RecordStatus:
        """Return the record's status.

        Raises:
            IdentityError: ``RECORD_NOT_FOUND`` if no record ever had that name; ``STORE_UNAVAILABLE``.
        """
        address = self._sealer.address(query.ref)

        async def look(tx: Transaction) -> RecordStatus:
            head = (await tx.records.find([address])).get(address)
            if head is None:
                raise IdentityError(Reason.RECORD_NOT_FOUND)
            current = await tx.identities.current([head.record_id])
            return RecordStatus(head.record_id, head.version, head.deleted, current.get(head.record_id))

        return await self._transactor.run(look, read_only=True)
