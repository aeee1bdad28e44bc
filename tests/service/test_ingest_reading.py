"""How a caller says what its records' extras and dates mean."""

import uuid

import pytest
from entente.identity.v1 import record_service_pb2 as pb

from identity.domain.attributes import ComparisonKind
from identity.domain.mapping import MAX_EXTRAS
from services.identity.parsing import ingest_records
from services.rpc.caller import Call, Caller
from services.rpc.errors import RequestInvalidError

CALL = Call(Caller("crm"), "r-1", "a/B", 0.0)


def request(**fields: object) -> pb.IngestRecordsRequest:
    message = pb.IngestRecordsRequest(source="crm", request_id=str(uuid.UUID(int=7)), **fields)
    record = message.records.add(key="1")
    record.attributes.given_name = "Zoé"
    record.attributes.extra["job"] = "baker"
    return message


def test_extras_and_dates_are_read_as_the_caller_says():
    command = ingest_records(
        request(
            extra_kinds={"job": pb.EXTRA_KIND_NAME, "since": pb.EXTRA_KIND_DATE},
            date_formats={"birth_date": "%d/%m/%Y", "since": "%Y%m%d"},
        ),
        CALL,
        lambda _body: b"mac",
    )
    assert command.reading.extras == {"x_job": ComparisonKind.NAME, "x_since": ComparisonKind.DATE}
    assert command.reading.formats == {"birth_date": "%d/%m/%Y", "x_since": "%Y%m%d"}


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"extra_kinds": {"job": pb.EXTRA_KIND_UNSPECIFIED}}, "extra_kinds"),
        ({"date_formats": {"birth_date": "day/month"}}, "date_formats"),
        ({"date_formats": {"phone": "%d/%m/%Y"}}, "date_formats"),
        ({"date_formats": {"birth_date": "%H" * 26 + "%d/%m/%Y"}}, "date_formats"),  # could freeze a worker
        ({"extra_kinds": {f"e{n}": pb.EXTRA_KIND_TEXT for n in range(MAX_EXTRAS + 1)}}, "extra_kinds"),
        ({"extra_kinds": {f"e{n}": pb.EXTRA_KIND_TEXT for n in range(50_000)}}, "extra_kinds"),  # paid for with every record
        ({"date_formats": {f"e{n}": "%d/%m/%Y" for n in range(MAX_EXTRAS + 1)}}, "date_formats"),
        ({"extra_kinds": {"Job;--": pb.EXTRA_KIND_TEXT}}, "extra_kinds"),
        ({"extra_kinds": {"j" * 42: pb.EXTRA_KIND_TEXT}}, "extra_kinds"),
    ],
)
def test_what_cannot_be_meant_is_told_by_its_field(fields, named):
    with pytest.raises(RequestInvalidError) as refused:
        ingest_records(request(**fields), CALL, lambda _body: b"mac")
    assert [violation.field for violation in refused.value.violations] == [named]
