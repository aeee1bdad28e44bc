"""What recording makes of an expression, beyond what the fold says of events (``consent.usecases.record_consent``)."""

from __future__ import annotations

import pytest

from consent.adapters.macs import HmacRequestMac
from consent.domain.anchor import Anchor, Subject
from consent.domain.decision import ReasonCode, Request
from consent.domain.errors import ConsentError, Reason
from consent.domain.event import Actor, Assurance, EventKind, Method
from consent.domain.purpose import Minors, Notice
from consent.domain.tables import Scope
from consent.usecases.answer_questions import AnswerQuestions
from consent.usecases.decide import Ask
from consent.usecases.record_consent import ConsentRecorder, Expression, RecordConsent
from tests.builders.consenting_services import KEYS, ConsentInMemory, TestClock
from tests.unit.consent.consenting import TEXT, A, B, day, purpose


@pytest.fixture
async def memory() -> ConsentInMemory:
    """A purpose whose notice changed for good in its second version, and nobody's consent."""
    made = ConsentInMemory(TestClock(day(5)), {"crm": Scope(frozenset({"offers"}), frozenset({"crm"}))})
    notices = [Notice("told", 1, TEXT, digest=b"1" * 32), Notice("told", 2, TEXT, digest=b"2" * 32)]

    async def publish(tx):
        await tx.catalogue.publish([purpose(notice="told")], notices, at=day(0))

    await made.transactor.run(publish)
    return made


async def record(memory: ConsentInMemory, said: Expression, request: str = "1"):
    return await memory.recorder()(RecordConsent("crm", request, [said], b"body"))


async def events(memory: ConsentInMemory, anchor: Anchor):
    return await memory.transactor.run(lambda tx: tx.events.of([anchor]), read_only=True)


async def echoes(memory: ConsentInMemory, anchor: Anchor):
    return await memory.transactor.run(lambda tx: tx.events.echoes([anchor]), read_only=True)


@pytest.mark.parametrize(("shown", "version"), [(None, 1), (2, 1), (1, None)])
async def test_a_yes_to_what_has_since_changed_is_of_no_version_in_force(memory, shown, version):
    await record(memory, Expression(A, EventKind.GIVEN, "offers", notice_version=shown))
    (event,) = await events(memory, A)
    assert event.purpose_version == version


async def test_no_program_lifts_what_a_person_said(memory):
    with pytest.raises(ConsentError) as refused:
        await record(memory, Expression(A, EventKind.LIFTED, None, actor=Actor.SYSTEM, assurance=Assurance.ACCOUNT))
    assert (refused.value.reason, refused.value.facts["field"]) == (Reason.INVALID_EVENT, "actor")


@pytest.mark.parametrize("method", [Method.GPC, Method.TCF, Method.GPP])
async def test_a_signal_gives_nothing(memory, method):
    await record(memory, Expression(A, EventKind.GIVEN, "offers", method=method, notice_version=2, evidence="file:1"))
    (event,) = await events(memory, A)
    assert event.kind is EventKind.UNKNOWN


async def test_what_a_program_noted_leaves_no_echo_and_what_a_person_said_does(memory):
    memory.directory.link({A}, {B})
    await record(memory, Expression(A, EventKind.RESTRICTED, None, actor=Actor.SYSTEM), "1")
    assert await echoes(memory, B) == []
    await record(memory, Expression(A, EventKind.RESTRICTED, None), "2")
    assert len(await echoes(memory, B)) == 1


class OnceAway:
    """A directory that a merge overtakes, and that is away when asked again."""

    def __init__(self, directory) -> None:
        self._directory = directory
        self._asked = 0

    async def subjects(self, anchors, *, as_of=None):
        self._asked += 1
        if self._asked == 2:
            raise ConsentError(Reason.DIRECTORY_UNAVAILABLE)
        found = await self._directory.subjects(anchors)
        self._directory.link({A}, {B})
        return found


async def test_a_request_cut_off_before_its_echo_leaves_it_when_it_is_repeated(memory):
    directory = OnceAway(memory.directory)
    recorder = ConsentRecorder(
        transactor=memory.transactor, directory=directory, macs=HmacRequestMac(KEYS.requests), ids=memory.ids, clock=memory.clock
    )
    command = RecordConsent("crm", "1", [Expression(A, EventKind.WITHDRAWN, "offers")], b"body")
    with pytest.raises(ConsentError):
        await recorder(command)
    memory.directory.known.clear()
    assert (await recorder(command)).repeated
    assert len(await echoes(memory, B)) == 1


async def test_a_caller_that_leaves_out_that_somebody_is_a_child_is_answered_as_for_a_child(memory):
    async def publish(tx):
        await tx.catalogue.publish([purpose(version=2, minors=Minors.JOINT, notice="told")], [], at=day(1))

    await memory.transactor.run(publish)
    await record(memory, Expression(A, EventKind.GIVEN, "offers"))
    ask = Ask(Request("crm", "offers", "crm", ("email",)), A)
    outcomes = []
    for minor in (False, True):
        memory.directory.known[A] = Subject(frozenset({frozenset({A})}), minor=minor)
        (answer,) = (await memory.usecases().answer_questions(AnswerQuestions("crm", [ask]))).answers
        outcomes.append(answer.decision.general.reason)
    assert outcomes == [ReasonCode.CONSENT_GIVEN, ReasonCode.MINOR_NO_PARENT]
