"""Delete a record: it leaves its identity, and storage keeps its versions sealed."""

from __future__ import annotations

from dataclasses import dataclass

from identity.domain.source_record import RecordRef
from identity.usecases.ingest_records import Request


@dataclass(frozen=True, slots=True)
class DeleteRecord:
    """Delete this record."""

    ref: RecordRef
    request: Request | None = None
