"""A record as somebody names it: by our id, or by its source key."""

from __future__ import annotations

from identity.domain.errors import IdentityError, Reason
from identity.domain.source_record import RecordId, RecordRef
from identity.ports.sealer import Sealer
from identity.ports.transactor import Transaction


async def live_record(tx: Transaction, sealer: Sealer, named: RecordId | RecordRef) -> RecordId:
    """Return the id of the live record of that name.

    Raises:
        IdentityError: ``RECORD_NOT_FOUND`` if it is unknown or deleted.
    """
    if isinstance(named, RecordRef):
        address = sealer.address(named)
        head = (await tx.records.find([address])).get(address)
    else:
        head = (await tx.records.heads([named])).get(named)
    if head is None or head.deleted:
        raise IdentityError(Reason.RECORD_NOT_FOUND)
    return head.record_id
