"""Whatever is unknown, missing or broken, nothing is permitted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

import pytest

from consent.domain.anchor import Anchor, Subject
from consent.domain.decision import Effect, Outcome, ReasonCode, Request
from consent.domain.errors import ConsentError, Reason
from consent.domain.event import Assurance, EventKind, Method
from consent.domain.purpose import Notice
from consent.domain.tables import Scope
from consent.ports.hearing import Heard
from consent.usecases.decide import Ask, Decide
from consent.usecases.record_consent import Expression, RecordConsent
from tests.builders.consenting_services import ConsentInMemory, TestClock
from tests.unit.consent.consenting import TEXT, A, B, day, purpose

OFFERS = replace(purpose(), notice="offers")
NOTICE = Notice("offers", 1, TEXT, digest=b"\x07" * 32)
SCOPES = {"crm": Scope(frozenset({"offers"}), frozenset({"crm"}))}
REQUEST = Request("crm", "offers", "crm", ("email",), "email")
YES = Expression(A, EventKind.GIVEN, "offers", assurance=Assurance.ACCOUNT)


async def world(*said: Expression) -> ConsentInMemory:
    """A deployment with one purpose, where something was said."""
    memory = ConsentInMemory(TestClock(day(0)), SCOPES)

    async def publish(tx) -> None:
        await tx.catalogue.publish([OFFERS], [NOTICE], at=day(0))

    await memory.transactor.run(publish)
    if said:
        await memory.recorder()(RecordConsent("crm", "r-1", said, b"body"))
    return memory


def deciding(memory: ConsentInMemory, **other: object) -> Decide:
    return Decide(**{"hearing": memory.transactor, "directory": memory.directory, "scopes": SCOPES, "clock": memory.clock} | other)


async def test_what_is_agreed_to_is_permitted_so_that_the_rest_of_this_file_means_something():
    decided = await deciding(await world(YES))([Ask(REQUEST, A)])
    assert decided.decisions[0].outcome is Outcome.PERMIT


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"purpose": "ghost"}, ReasonCode.PURPOSE_UNKNOWN),
        ({"purpose": ""}, ReasonCode.PURPOSE_UNKNOWN),
        ({"purpose": "OFFERS"}, ReasonCode.PURPOSE_UNKNOWN),
        ({"caller": "stranger"}, ReasonCode.PURPOSE_NOT_ALLOWED_FOR_CALLER),
        ({"caller": ""}, ReasonCode.PURPOSE_NOT_ALLOWED_FOR_CALLER),
        ({"recipient": "elsewhere"}, ReasonCode.RECIPIENT_NOT_COVERED),
        ({"recipient": "marketing"}, ReasonCode.RECIPIENT_NOT_COVERED),  # the purpose's, but not this caller's
        ({"recipient": ""}, ReasonCode.RECIPIENT_NOT_COVERED),
        ({"channel": "pigeon"}, ReasonCode.CHANNEL_NOT_COVERED),
        ({"channel": ""}, ReasonCode.CHANNEL_NOT_COVERED),
        ({"attributes": ("national_id",)}, ReasonCode.ATTRIBUTE_NOT_NEEDED),
        ({"attributes": ("nonsense",)}, ReasonCode.ATTRIBUTE_NOT_NEEDED),
        ({"attributes": ("*",)}, ReasonCode.ATTRIBUTE_NOT_NEEDED),
    ],
)
async def test_what_nobody_declared_is_refused_to_whoever_agreed_to_everything_else(change, reason):
    request = replace(REQUEST, **change)
    (decision,) = (await deciding(await world(YES))([Ask(request, A)])).decisions
    assert decision.outcome is Outcome.DENY
    assert {(ruling.effect, ruling.reason) for ruling in decision.rulings.values()} == {(Effect.DENY, reason)}
    assert decision.obligations == ()
    assert set(decision.rulings) == set(request.attributes)


async def test_a_request_for_no_attribute_at_all_releases_none():
    (decision,) = (await deciding(await world(YES))([Ask(replace(REQUEST, attributes=()), A)])).decisions
    assert not decision.rulings


@pytest.mark.parametrize("strangers", [True, False])
async def test_somebody_of_whom_nothing_is_known_is_refused(strangers):
    memory = await world(YES)
    memory.directory.strangers = strangers
    assert (await deciding(memory)([Ask(REQUEST, B)])).decisions[0].outcome is Outcome.DENY


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (replace(YES, notice_version=7), Reason.NOTICE_NOT_FOUND),
        (replace(YES, purpose="ghost"), Reason.PURPOSE_NOT_FOUND),
        (replace(YES, purpose=None), Reason.INVALID_EVENT),
        (replace(YES, recipient="elsewhere"), Reason.INVALID_EVENT),
        (replace(YES, channel="pigeon"), Reason.INVALID_EVENT),
    ],
)
async def test_a_yes_to_what_nobody_published_is_not_even_recorded(said, error):
    memory = await world()
    with pytest.raises(ConsentError) as raised:
        await memory.recorder()(RecordConsent("crm", "r-2", [said], b"body"))
    assert raised.value.reason is error
    assert (await deciding(memory)([Ask(REQUEST, A)])).decisions[0].outcome is Outcome.DENY


@pytest.mark.parametrize("unproved", [{"evidence": "file 1"}, {"notice_version": 1}, {}])
async def test_an_import_that_cannot_prove_what_was_shown_permits_nothing(unproved):
    memory = await world(replace(YES, method=Method.IMPORT, **unproved))
    assert (await deciding(memory)([Ask(REQUEST, A)])).decisions[0].outcome is Outcome.DENY
    proved = await world(replace(YES, method=Method.IMPORT, notice_version=1, evidence="file 1"))
    assert (await deciding(proved)([Ask(REQUEST, A)])).decisions[0].outcome is Outcome.PERMIT


class Broken:
    """A directory and a hearing that fail."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def subjects(self, anchors: Collection[Anchor], *, as_of: datetime | None = None) -> Mapping[Anchor, Subject]:
        raise self._error

    async def heard(self, anchors: Collection[Anchor]) -> Heard:
        raise self._error


@pytest.mark.parametrize("port", ["directory", "hearing"])
@pytest.mark.parametrize(
    "error", [*(ConsentError(reason) for reason in Reason), RuntimeError("a fault of ours"), TimeoutError(), ConnectionError()], ids=str
)
async def test_what_breaks_while_deciding_is_an_error_and_never_an_answer(port, error):
    memory = await world(YES)
    with pytest.raises(type(error)) as raised:
        await deciding(memory, **{port: Broken(error)})([Ask(REQUEST, A)])
    assert raised.value is error


async def test_a_revision_that_is_not_there_yet_is_an_error_and_never_an_answer():
    memory = await world(YES)
    reached = (await deciding(memory)([Ask(REQUEST, A)])).revision
    with pytest.raises(ConsentError, match="REVISION_NOT_REACHED"):
        await deciding(memory)([Ask(REQUEST, A)], min_revision=reached + 1)


async def test_without_a_catalogue_or_a_registry_nothing_is_permitted():
    empty = ConsentInMemory(TestClock(day(0)), SCOPES)
    memory = await world(YES)
    for decide in (deciding(empty), deciding(memory, scopes={})):
        assert (await decide([Ask(REQUEST, A)])).decisions[0].outcome is Outcome.DENY
