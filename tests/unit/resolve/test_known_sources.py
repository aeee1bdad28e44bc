"""Which sources have records is told, of those that whoever asks may name."""

from __future__ import annotations

from identity.domain.source_record import RecordRef
from identity.usecases.delete_record import DeleteRecord
from identity.usecases.ingest_records import IngestRecords
from identity.usecases.known_sources import SourceList
from tests.builders.intake import Intake, record


async def test_sources_with_live_records_are_told_to_whoever_may_name_them() -> None:
    intake = Intake()
    records = [record("1", source=source, given_name="Zoé", family_name="Martin") for source in ("web", "crm", "loyalty", "gone")]
    await intake.ingest(IngestRecords(records))
    await intake.delete(DeleteRecord(RecordRef("gone", "1")))
    sources = SourceList(transactor=intake.transactor)
    assert await sources({"web", "crm", "gone", "nosuch"}) == ("crm", "web")
    assert await sources(()) == ()
