"""Files of what people said elsewhere: what permits, what does not, what is told of bad rows, and that a second time changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from consent.adapters.macs import HmacRequestMac
from consent.adapters.starter_catalogue import starter_catalogue
from consent.domain.decision import Request
from consent.domain.event import Actor, Assurance, EventKind, Method
from consent.domain.tables import Scope
from consent.usecases.answer_questions import AnswerQuestions
from consent.usecases.decide import Ask
from consent.usecases.import_consents import ConsentImporter, Imported, ImportRow, RowRefused
from consent.usecases.record_consent import Expression, RecordConsent
from services.consent.consent_file import (
    ConsentFileError,
    FileFault,
    open_consents,
    read_consents,
    rejects_path,
    write_rejects,
)
from tests.builders.consenting_services import KEYS, ConsentInMemory, TestClock
from tests.unit.consent.consenting import day

HEADER = "source,key,purpose,event,channel,recipient,at,assurance,method,notice_version,language,evidence,valid_until\n"
PROVED = "crm,42,offers-email,given,,,2025-12-01T10:00:00+01:00,contact,form,1,fr,form:2025/118,\n"
SECRET = "z0e.durand@mail.example"


@pytest.fixture
async def memory() -> ConsentInMemory:
    """The starter catalogue is published, and nobody has said anything."""
    made = ConsentInMemory(TestClock(day(5)), {"marketing": Scope(frozenset({"offers-email"}), frozenset({"marketing"}))})
    await made.usecases().publish(starter_catalogue())
    return made


async def imported(memory: ConsentInMemory, tmp_path: Path, rows: str, header: str = HEADER) -> Imported:
    path = tmp_path / "consents.csv"
    path.write_text(header + rows, "utf-8")
    importer = ConsentImporter(
        transactor=memory.transactor, recorder=memory.recorder(), macs=HmacRequestMac(KEYS.requests), clock=memory.clock
    )
    read = list(read_consents(open_consents(path), memory.anchors.anchor, lambda _: None))
    done = await importer("operator", [row for row in read if isinstance(row, ImportRow)])
    return done + Imported(refused=tuple(row for row in read if isinstance(row, RowRefused)))


async def outcome(memory: ConsentInMemory, key: str) -> str:
    ask = Ask(Request("marketing", "offers-email", "marketing", ("email",)), memory.anchors.anchor("crm", key))
    (answer,) = (await memory.usecases().answer_questions(AnswerQuestions("marketing", [ask]))).answers
    return answer.decision.outcome.value


async def events(memory: ConsentInMemory, key: str) -> list:
    return await memory.transactor.run(lambda tx: tx.events.of([memory.anchors.anchor("crm", key)]), read_only=True)


async def test_a_yes_with_its_proof_permits(memory, tmp_path):
    assert await imported(memory, tmp_path, PROVED) == Imported(recorded=1)
    (event,) = await events(memory, "42")
    assert (event.kind, event.method, event.assurance, event.actor) == (EventKind.GIVEN, Method.FORM, Assurance.CONTACT, Actor.SELF)
    assert (event.notice.version, event.notice.language, event.evidence) == (1, "fr", "form:2025/118")
    assert await outcome(memory, "42") == "permit"


@pytest.mark.parametrize("method", ["", "form", "import", "paper"])
@pytest.mark.parametrize(("version", "evidence"), [("", "form:2025/118"), ("1", ""), ("", "")])
async def test_a_yes_without_its_proof_is_history_and_permits_nothing(memory, tmp_path, method, version, evidence):
    row = f"crm,42,offers-email,given,,,2025-12-01,account,{method},{version},fr,{evidence},\n"
    assert await imported(memory, tmp_path, row) == Imported(recorded=1, unproved=1)
    assert [event.kind for event in await events(memory, "42")] == [EventKind.UNKNOWN]
    assert await outcome(memory, "42") == "deny"


async def test_a_no_needs_no_proof_and_may_be_of_every_purpose(memory, tmp_path):
    await imported(memory, tmp_path, PROVED)
    assert await imported(memory, tmp_path, "crm,42,,withdrawn,,,,,,,,,\n") == Imported(recorded=1)
    assert await outcome(memory, "42") == "deny"


async def test_the_same_file_again_changes_nothing(memory, tmp_path):
    rows = PROVED + "crm,43,offers-email,refused,,,,,,,,,\n" + "crm,44,,,,,,,,,,gpc:1,\n" + "crm,45,offers-email,given,,,2025-12-01,,,,,,\n"
    first = await imported(memory, tmp_path, rows)
    revision = await memory.transactor.run(lambda tx: tx.events.revision(), read_only=True)
    memory.clock.pass_(days=3)
    again = await imported(memory, tmp_path, rows)
    assert (first.present, again) == (0, Imported(present=4))
    assert await memory.transactor.run(lambda tx: tx.events.revision(), read_only=True) == revision
    assert (await imported(memory, tmp_path, rows + PROVED.replace("42", "46"))) == Imported(recorded=1, present=4), "what is new is taken"


async def test_a_row_that_is_there_twice_counts_once(memory, tmp_path):
    assert await imported(memory, tmp_path, PROVED + PROVED) == Imported(recorded=1, present=1)


async def test_a_yes_that_nobody_can_date_answers_nothing(memory, tmp_path):
    assert await imported(memory, tmp_path, PROVED.replace("2025-12-01T10:00:00+01:00", "")) == Imported(recorded=1, unproved=1)
    assert await outcome(memory, "42") == "deny"


async def test_a_no_without_a_date_counts_again_once_it_was_answered(memory, tmp_path):
    undated = "crm,42,offers-email,withdrawn,,,,,,,,,\n"
    assert await imported(memory, tmp_path, undated) == Imported(recorded=1)
    assert await imported(memory, tmp_path, undated) == Imported(present=1)
    memory.clock.pass_(days=1)
    yes = Expression(memory.anchors.anchor("crm", "42"), EventKind.GIVEN, "offers-email")
    await memory.recorder()(RecordConsent("crm", "1", [yes], b""))
    assert await outcome(memory, "42") == "permit"
    memory.clock.pass_(days=1)
    assert await imported(memory, tmp_path, undated) == Imported(recorded=1)
    assert await outcome(memory, "42") == "deny"


async def test_an_old_file_does_not_take_back_a_later_no(memory, tmp_path):
    await imported(memory, tmp_path, PROVED)
    await imported(memory, tmp_path, "crm,42,offers-email,withdrawn,,,2025-12-20,,,,,,\n")
    await imported(memory, tmp_path, PROVED)
    await imported(memory, tmp_path, PROVED.replace("form:2025/118", "form:2025/119"))
    assert await outcome(memory, "42") == "deny"


async def test_a_browsers_signal_is_an_objection_to_each_purpose_that_heeds_it(memory, tmp_path):
    done = await imported(memory, tmp_path, "crm,44,,,,,2025-12-01,,,,,gpc:1,\ncrm,44,,,,,2025-12-02,,,,,gpc:1,\n")
    heard = await events(memory, "44")
    assert {event.purpose for event in heard} == {"site-personalisation", "audience", "partner-sharing"}
    assert {(event.kind, event.method, event.assurance) for event in heard} == {(EventKind.OBJECTED, Method.GPC, Assurance.DEVICE)}
    assert done == Imported(recorded=3, present=1), "it is sent with every page, and counts once"


@pytest.mark.parametrize("string", ["tcf:CQLi5sAQLi5sAAHABBENBwF", "gpp:DBAA"])
async def test_a_consent_string_is_evidence_and_decides_nothing_by_itself(memory, tmp_path, string):
    row = f"crm,42,offers-email,given,,,2025-12-01,,,,,{string},\n"
    assert await imported(memory, tmp_path, row) == Imported(recorded=1, unproved=1)
    (event,) = await events(memory, "42")
    assert (event.method.value, event.evidence) == (string[:3], string)
    assert await outcome(memory, "42") == "deny"
    refused = await imported(memory, tmp_path, f"crm,42,,,,,2025-12-01,,,,,{string},\n")
    assert [(one.line, one.column) for one in refused.refused] == [(2, "event")], "it says nothing without an event"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (f"CRM {SECRET},42,offers-email,given,,,,,,,,,", "source"),
        ("crm,,offers-email,given,,,,,,,,,", "key"),
        (f"crm,42,offers-email,{SECRET},,,,,,,,,", "event"),
        ("crm,42,offers-email,erased,,,,,,,,,", "event"),
        ("crm,42,,given,,,,,,,,,", "purpose"),
        ("crm,42,offers-fax,given,,,,,,,,,", "purpose"),
        (f"crm,42,{SECRET},given,,,,,,,,,", "purpose"),
        ("crm,42,service,given,,,,,,,,,", "event"),
        ("crm,42,offers-email,given,fax,,,,,,,,", "channel"),
        ("crm,42,offers-email,given,,stranger,,,,,,,", "recipient"),
        (f"crm,42,offers-email,given,,,{SECRET},,,,,,", "at"),
        ("crm,42,offers-email,given,,,2031-01-01,,,,,,", "at"),
        ("crm,42,offers-email,given,,,,certain,,,,,", "assurance"),
        ("crm,42,offers-email,given,,,,,pigeon,,,,", "method"),
        ("crm,42,offers-email,given,,,,,,99,,x,", "notice_version"),
        ("crm,42,offers-email,given,,,,,,-1,,x,", "notice_version"),
        ("crm,42,offers-email,given,,,,,,1,french,x,", "language"),
        ("crm,42,offers-email,given,,,2025-12-01,,,1,,x,2025-11-01", "valid_until"),
        (f"crm,42,offers-email,given,{SECRET}", ""),
    ],
)
async def test_a_bad_row_is_told_by_line_and_column_and_stops_no_good_one(memory, tmp_path, row, column):
    done = await imported(memory, tmp_path, PROVED + row + "\n" + PROVED.replace("42", "43"))
    assert [(one.line, one.column) for one in done.refused] == [(3, column)]
    assert done.recorded == 2
    assert SECRET not in str(done)
    path = tmp_path / "consents.csv"
    write_rejects(path, done.refused)
    told = rejects_path(path).read_text("utf-8")
    assert told.startswith(f"line,column,reason\n3,{column},")
    assert SECRET not in told
    assert rejects_path(path).stat().st_mode & 0o777 == 0o600
    write_rejects(path, ())
    assert not rejects_path(path).exists(), "an earlier run's list is of no use"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
async def test_the_delimiter_is_found_in_the_header(memory, tmp_path, delimiter):
    def written(text: str) -> str:
        return text.replace(",", delimiter)

    assert await imported(memory, tmp_path, written(PROVED), written(HEADER)) == Imported(recorded=1)


async def test_windows_files_and_marks_of_order_are_read(memory, tmp_path):
    path = tmp_path / "consents.csv"
    path.write_bytes((HEADER + PROVED.replace("form:2025/118", "été")).replace("\n", "\r\n").encode("cp1252"))
    opened = open_consents(path)
    assert opened.encoding == "cp1252"
    (row,) = read_consents(opened, memory.anchors.anchor, lambda _: None)
    assert isinstance(row, ImportRow)
    assert row.said.evidence == "été"
    path.write_bytes(b"\xef\xbb\xbf" + (HEADER + PROVED).encode())
    assert len(list(read_consents(open_consents(path), memory.anchors.anchor, lambda _: None))) == 1


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", FileFault.COLUMN_MISSING),
        (PROVED, FileFault.COLUMN_MISSING),
        (HEADER.replace("event,", ""), FileFault.COLUMN_MISSING),
        (HEADER.replace("channel", "chanel"), FileFault.COLUMN_UNKNOWN),
        (HEADER.replace("recipient", "channel"), FileFault.COLUMN_TWICE),
    ],
)
def test_a_header_that_is_none_is_refused_without_quoting_it(tmp_path, text, fault):
    path = tmp_path / "consents.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(ConsentFileError) as refused:
        open_consents(path)
    assert refused.value.fault is fault
    assert "form:2025/118" not in str(refused.value)
    assert "chanel" not in str(refused.value)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ConsentFileError) as refused:
        open_consents(tmp_path / "none.csv")
    assert refused.value.fault is FileFault.UNREADABLE
    assert refused.value.facts == {"why": "No such file or directory"}
