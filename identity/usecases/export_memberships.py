"""Export memberships: which source record belongs to which identity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from identity.domain.personal import Access
from identity.domain.source_record import IdentityId, RecordRef
from identity.ports.sealer import Sealer
from identity.ports.transactor import Transaction, Transactor


@dataclass(frozen=True, slots=True)
class Membership:
    """One source record and its identity. The record key may itself be personal: it goes to the owner's file and nowhere else."""

    ref: RecordRef
    identity_id: IdentityId


class MembershipSink(Protocol):
    """Takes memberships in record id order. ``begin`` starts over: the export may be run again after a lost connection."""

    def begin(self) -> None: ...
    def write(self, memberships: Sequence[Membership]) -> None: ...


class MembershipExporter:
    """Exports every live record's membership, from one snapshot."""

    def __init__(self, *, transactor: Transactor, sealer: Sealer, access: Access) -> None:
        self._transactor = transactor
        self._sealer = sealer
        self._access = access

    async def __call__(self, sink: MembershipSink) -> int:
        """Write all memberships to the sink, and return how many.

        Raises:
            IdentityError: ``SEAL_BROKEN`` if a record cannot be unsealed.
        """

        async def read(tx: Transaction) -> int:
            sink.begin()
            written = 0
            async for versions in tx.records.scan():
                current = await tx.identities.current([version.record_id for version in versions])
                contents = self._sealer.unseal(versions)
                memberships = [
                    Membership(content.reveal(self._access).ref, current[version.record_id])
                    for version, content in zip(versions, contents, strict=True)
                    if version.record_id in current
                ]
                sink.write(memberships)
                written += len(memberships)
            return written

        return await self._transactor.run(read, read_only=True)
