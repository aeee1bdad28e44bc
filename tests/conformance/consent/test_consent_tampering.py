"""What somebody who may write to every table cannot do unnoticed; docs/threat-model.md says what is left."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from consent.adapters.postgres.rows import ECHO_TYPES, EVENT_TYPES
from consent.domain.errors import ConsentError, Reason
from consent.domain.event import EventKind
from consent.domain.purpose import Notice, Wording
from consent.ports.request_store import Answered
from tests.builders.consents import record
from tests.conformance.consent.conftest import Stored, consent_transactor
from tests.conformance.consent.test_consent_events import FULL
from tests.unit.consent.consenting import A, B, C, D, day, event, purpose

EVERYBODY = (A, B, C, D)
ANOTHER = {
    "text": "'canary'",
    "bytea": "decode(repeat('ab', 16), 'hex')",
    "int2": "2",
    "int4": "77",
    "int8": "77",
    "uuid": "'00000000-0000-0000-0000-0000000000ff'",
    "timestamptz": "'2026-02-02 00:00:00+00'",
}
E2 = "event_id = '00000000-0000-0000-0000-000000000002'"
OF_A, OF_B = (f"anchor = decode('{anchor.mac.hex()}', 'hex')" for anchor in (A, B))


async def history(stored: Stored) -> None:
    """A: given, withdrawn (echoed to B and C), given again with everything said. B: given, between the echo and another. D: refused."""
    store = stored.transactor
    await store.run(lambda tx: tx.catalogue.publish([purpose()], [Notice("n", 1, Wording({"fr": "x", "en": "x"}))], at=day(0)))
    await record(store, event(EventKind.GIVEN, 1, number=1))
    await record(store, event(EventKind.WITHDRAWN, 2, number=2), echoes=[(B, UUID(int=2)), (C, UUID(int=2))])
    await record(store, FULL)
    await record(store, event(EventKind.GIVEN, 3, B, number=4), event(EventKind.REFUSED, 3, D, number=5), echoes=[(B, UUID(int=5))])
    await store.run(lambda tx: tx.requests.keep("crm", "RecordConsent", "r-1", Answered(b"m" * 32, b"answer"), at=day(0)))


async def audit(stored: Stored) -> None:
    """Read everything, in steps of more than one request records, until nothing more comes."""
    step, after = 4, 0
    while True:
        events = await stored.transactor.run(lambda tx, after=after: tx.events.since(after, limit=step), read_only=True)
        if len(events) < step:
            return
        after = events[-1].revision - 1


async def hear(stored: Stored) -> None:
    assert len((await stored.transactor.heard(EVERYBODY)).events) == 5


async def read_catalogue(stored: Stored) -> None:
    async with consent_transactor(stored.database) as fresh:  # one that has not read it yet
        await fresh.heard([])


async def find_request(stored: Stored) -> None:
    assert await stored.transactor.run(lambda tx: tx.requests.find("crm", "RecordConsent", "r-1"), read_only=True)


Look = Callable[[Stored], Awaitable[None]]


async def noticed(stored: Stored, look: Look, *statements: str) -> None:
    await history(stored)
    await look(stored)
    await stored.insider(*statements)
    with pytest.raises(ConsentError) as told:
        await look(stored)
    assert told.value.reason is Reason.EVENT_ALTERED
    assert "canary" not in str(told.value)


@pytest.mark.parametrize("look", [hear, audit])
@pytest.mark.parametrize("column", EVENT_TYPES)
async def test_no_column_of_an_event_can_be_changed(stored: Stored, column: str, look: Look) -> None:
    where = f"event_id = '{FULL.event_id}'"
    if look is hear and column in {"source", "anchor"}:  # then it is no longer there: its place in the middle of A's is empty
        where = E2
    await noticed(stored, look, f"UPDATE consent.event SET {column} = {ANOTHER[EVENT_TYPES[column]]} WHERE {where}")


@pytest.mark.parametrize("column", ["purpose", "channel", "recipient", "notice", "valid_until", "evidence", "concerns", "purpose_version"])
async def test_what_an_event_says_cannot_be_taken_out_of_it(stored: Stored, column: str) -> None:
    await noticed(stored, hear, f"UPDATE consent.event SET {column} = NULL WHERE event_id = '{FULL.event_id}'")


@pytest.mark.parametrize("look", [hear, audit])
@pytest.mark.parametrize("column", ECHO_TYPES)
async def test_no_column_of_an_echo_can_be_changed(stored: Stored, column: str, look: Look) -> None:
    await noticed(stored, look, f"UPDATE consent.echo SET {column} = {ANOTHER[ECHO_TYPES[column]]} WHERE {E2} AND {OF_B}")


TO_D = f"decode('{D.mac.hex()}', 'hex')"
COPIED = ", ".join(EVENT_TYPES).replace("anchor, ordinal, position, revision, event_id", f"{TO_D}, 2, 77, 77, gen_random_uuid()")
MOVES = {
    "an event under another's MAC": "UPDATE consent.event SET mac = (SELECT mac FROM consent.event ORDER BY mac LIMIT 1)",
    "an event taken from between others": f"DELETE FROM consent.event WHERE {E2}",
    "the event behind an echo": "DELETE FROM consent.event WHERE kind = 'refused'",
    "an echo taken from between others": f"DELETE FROM consent.echo WHERE {E2} AND {OF_B}",
    "an echo turned to somebody else": f"UPDATE consent.echo SET anchor = {TO_D}, ordinal = 2 WHERE {E2} AND {OF_B}",
    "an echo of another event": f"UPDATE consent.echo SET event_id = '00000000-0000-0000-0000-000000000001' WHERE {E2}",
    "an echo copied": f"INSERT INTO consent.echo SELECT source, {TO_D}, 2, 77, 77, event_id, mac FROM consent.echo LIMIT 1",
    "an event copied to somebody else": f"INSERT INTO consent.event SELECT {COPIED} FROM consent.event WHERE {E2}",
    "a count taken back": "UPDATE consent.revision SET entries = entries - 1",
    "a revision raised": "UPDATE consent.revision SET revision = revision + 1",
    "no counts": "DELETE FROM consent.revision",
    "no MAC of the counts": "UPDATE consent.revision SET mac = ''",
}


@pytest.mark.parametrize("look", [hear, audit])
@pytest.mark.parametrize("what", MOVES)
async def test_nothing_can_be_moved_copied_or_taken_from_the_middle(stored: Stored, what: str, look: Look) -> None:
    await noticed(stored, look, MOVES[what])


LAST = {
    "the last event of an anchor": f"DELETE FROM consent.event WHERE event_id = '{FULL.event_id}'",
    "the last event of all": "DELETE FROM consent.event WHERE event_id = '00000000-0000-0000-0000-000000000005'",
    "the only echo of an anchor": f"DELETE FROM consent.echo WHERE anchor = decode('{C.mac.hex()}', 'hex')",
    "the last echo of all": f"DELETE FROM consent.echo WHERE {OF_B} AND event_id = '00000000-0000-0000-0000-000000000005'",
    "all that an anchor has": f"DELETE FROM consent.event WHERE {OF_A}",
    "every event": "DELETE FROM consent.event",
}


@pytest.mark.parametrize("what", LAST)
async def test_what_is_taken_from_the_end_of_an_anchor_is_noticed_by_whoever_reads_on(stored: Stored, what: str) -> None:
    await noticed(stored, audit, LAST[what])


REWRITE = """UPDATE consent.purpose_version SET document = replace(convert_from(document, 'UTF8'), '"consent"', '"contract"')::bytea"""
ONE_MORE = "INSERT INTO consent.purpose_version SELECT name, 2, document, digest, published_at, mac FROM consent.purpose_version"
CATALOGUE = {
    "another document": REWRITE,
    "another document with its hash": f"{REWRITE}; UPDATE consent.purpose_version SET digest = sha256(document)",
    "another name": "UPDATE consent.notice_version SET name = 'other'",
    "another version": "UPDATE consent.notice_version SET version = 2",
    "another day": "UPDATE consent.purpose_version SET published_at = now()",
    "a purpose less": "DELETE FROM consent.purpose_version",
    "a notice less": "DELETE FROM consent.notice_version",
    "a version more": ONE_MORE,
    "a notice as a purpose": "INSERT INTO consent.purpose_version SELECT * FROM consent.notice_version; DELETE FROM consent.notice_version",
}


@pytest.mark.parametrize("what", CATALOGUE)
async def test_nothing_published_can_be_changed_added_or_taken_away(stored: Stored, what: str) -> None:
    await noticed(stored, read_catalogue, *CATALOGUE[what].split("; "))


@pytest.mark.parametrize("change", ["answer = 'other'", "body_mac = 'other'", "at = now()", "mac = ''"])
async def test_no_answer_can_be_changed(stored: Stored, change: str) -> None:
    await noticed(stored, find_request, f"UPDATE consent.request SET {change}")


async def test_evidence_is_sealed_and_bound_to_its_event(stored: Stored) -> None:
    await history(stored)
    (row,) = await stored.insider(f"SELECT evidence, e::text AS whole FROM consent.event AS e WHERE event_id = '{FULL.event_id}'")
    assert b"4711" not in row["evidence"]
    assert b"4711".hex() not in row["whole"]
