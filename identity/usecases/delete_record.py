"""Delete a record: it leaves its identity, and storage keeps its versions sealed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from identity.domain.errors import IdentityError, Reason
from identity.domain.source_record import RecordId, RecordRef
from identity.ports.clock import Clock
from identity.ports.sealer import Sealer
from identity.ports.transactor import Transaction, Transactor
from identity.usecases.answer_once import Request, answer_once
from identity.usecases.store_records import Assigner, delete_records

_METHOD: Final = "DeleteRecord"


@dataclass(frozen=True, slots=True)
class DeleteRecord:
    """Delete this record; deleting one that is deleted already changes nothing."""

    ref: RecordRef
    request: Request | None = None


class RecordDeleter:
    """Handles ``DeleteRecord``."""

    def __init__(self, *, transactor: Transactor, sealer: Sealer, clock: Clock, assigner: Assigner) -> None:
        self._transactor = transactor
        self._sealer = sealer
        self._clock = clock
        self._assigner = assigner

    async def __call__(self, command: DeleteRecord) -> RecordId:
        """Delete the record and return its id.

        Raises:
            IdentityError: ``RECORD_NOT_FOUND`` if it never was; ``REQUEST_ID_REUSED``; ``STORE_UNAVAILABLE``.
        """
        address = self._sealer.address(command.ref)
        at = self._clock.now()

        async def delete(tx: Transaction) -> RecordId:
            head = (await tx.records.find([address])).get(address)
            if head is None:
                raise IdentityError(Reason.RECORD_NOT_FOUND)
            if not head.deleted:
                await delete_records(tx, self._assigner, [head.record_id], at=at)
            return head.record_id

        async def work(tx: Transaction) -> RecordId:
            return await answer_once(
                tx,
                command.request,
                lambda: delete(tx),
                method=_METHOD,
                at=at,
                write=lambda record_id: record_id.hex.encode(),
                read=_read,
            )

        return await self._transactor.run(work)


def _read(answer: bytes) -> RecordId:
    return RecordId(UUID(hex=answer.decode()))
