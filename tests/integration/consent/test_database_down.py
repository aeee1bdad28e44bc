"""Without its database consent permits nothing: an error, in bounded time, and answers again when the database is back."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from consent.adapters.macs import HmacRequestMac
from consent.adapters.postgres import SESSION, PostgresTransactor
from consent.domain.decision import Outcome, Request
from consent.domain.errors import ConsentError, Reason
from consent.domain.event import EventKind
from consent.ports.transactor import Transaction
from consent.usecases.decide import Ask, Decide
from consent.usecases.record_consent import ConsentRecorder, Expression, RecordConsent
from services.database.running import Limits, open_runner
from tests.builders.consenting_services import WrittenDirectory
from tests.fixtures_database import migrated, passable_directory, wait_until_stopped
from tests.integration.consent.racing import KEYS, SCOPES
from tests.unit.consent.consenting import A, day, purpose

ASK = Ask(Request("crm", "offers", "crm", ("email",), "email"), A)
PATIENCE = 1.0


class Now:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def new(self) -> UUID:
        return uuid4()


async def publish(tx: Transaction) -> None:
    await tx.catalogue.publish([purpose()], [], at=day(0))


async def test_while_the_database_is_down_nothing_is_permitted_nor_recorded_and_then_everything_is_as_before():
    with passable_directory() as made:
        async with migrated(made / "home") as database:
            settings = database.consent
            opened = open_runner(
                settings.dsn,
                server_settings={**settings.server_settings, **SESSION},
                limits=Limits(connections=2, patience=PATIENCE, acquire_timeout=PATIENCE),
            )
            runner = await opened.__aenter__()
            store = PostgresTransactor(runner, KEYS)
            decide = Decide(hearing=store, directory=WrittenDirectory(), scopes=SCOPES, clock=Now())
            record = ConsentRecorder(
                transactor=store, directory=WrittenDirectory(), macs=HmacRequestMac(KEYS.requests), ids=Now(), clock=Now()
            )
            await store.run(publish)
            await record(RecordConsent("crm", "r-1", [Expression(A, EventKind.GIVEN, "offers")], b""))
            assert (await decide([ASK])).decisions[0].outcome is Outcome.PERMIT
        wait_until_stopped(made / "home")
        start = time.monotonic()
        for attempt in (
            lambda: decide([ASK]),
            lambda: record(RecordConsent("crm", "r-2", [Expression(A, EventKind.GIVEN, "offers")], b"")),
        ):
            with pytest.raises(ConsentError) as raised:
                await attempt()
            assert raised.value.reason is Reason.STORE_UNAVAILABLE
        assert time.monotonic() - start < 10 * PATIENCE
        async with migrated(made / "home"):
            assert (await decide([ASK])).decisions[0].outcome is Outcome.PERMIT
            await opened.__aexit__(None, None, None)
        wait_until_stopped(made / "home")
