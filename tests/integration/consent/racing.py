"""One of several processes that give, withdraw, merge and decide at once on one database, and write down what they saw.

``python -m tests.integration.consent.racing`` reads its orders (``Orders``, as JSON) from standard input and writes what it did
(``Done``) to standard output. Times are of the machine's monotonic clock, which all processes share.

All keep to the same few people for a short while, then all go on to fresh ones, so that they meet. Each person has two anchors, which a
merge makes one subject by an unproved link.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID, uuid4

import asyncpg

from consent.adapters.keys import derive_keys
from consent.adapters.macs import HmacRequestMac
from consent.adapters.postgres import SESSION, PostgresTransactor
from consent.domain.anchor import Anchor, Subject, alone
from consent.domain.decision import Outcome, Request
from consent.domain.errors import ConsentError
from consent.domain.event import Assurance, EventKind
from consent.domain.tables import Scope
from consent.ports.hearing import Heard, Hearing
from consent.ports.subject_directory import SubjectDirectory
from consent.usecases.decide import Ask, Decide
from consent.usecases.record_consent import ConsentRecorder, Expression, RecordConsent
from services.database.running import Limits, open_runner

KEYS = derive_keys(lambda use: hashlib.sha256(use.encode()).digest())
SCOPES = {"crm": Scope(frozenset({"offers"}), frozenset({"crm"}))}
TOGETHER = 4
"""How many people everybody is busy with at a time."""
AWHILE = 0.4
"""Seconds until everybody goes on to others."""
TASKS = 3
_STALE = 0.05

Step = Literal["give", "withdraw", "merge", "decide", "failed"]


@dataclass(frozen=True)
class Orders:
    """What a process is to do. ``answers``: how many decisions to ask for; ``careless``: which guard is off ("hearing", "links", or none).

    ``begun`` is the time from which people are counted.
    """

    dsn: str
    server_settings: dict[str, str]
    links_dsn: str
    seed: int
    begun: float
    answers: int
    careless: str = ""


@dataclass(frozen=True)
class Done:
    """One thing done between two times. ``anchors`` by number: those of person ``p`` are ``2 p`` and ``2 p + 1``."""

    step: Step
    start: float
    end: float
    anchors: list[int]
    revision: int = 0
    permitted: list[bool] | None = None


def anchor(number: int) -> Anchor:
    return Anchor("racing", number.to_bytes(16, "big"))


class LinksInATable:
    """Fulfils ``SubjectDirectory`` over a table of the people whose anchors were merged: read each time, committed before acknowledged."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def subjects(self, anchors: Collection[Anchor], *, as_of: datetime | None = None) -> Mapping[Anchor, Subject]:
        numbers = {one: int.from_bytes(one.mac, "big") for one in anchors}
        rows = await self._pool.fetch(
            "SELECT person FROM racing.merged WHERE person = ANY($1::bigint[])", [n // 2 for n in numbers.values()]
        )
        merged = {row["person"] for row in rows}
        return {one: _merged(number // 2) if number // 2 in merged else alone(one) for one, number in numbers.items()}

    async def merge(self, person: int) -> None:
        await self._pool.execute("INSERT INTO racing.merged (person) VALUES ($1) ON CONFLICT DO NOTHING", person)


def _merged(person: int) -> Subject:
    return Subject(frozenset({frozenset({anchor(2 * person)}), frozenset({anchor(2 * person + 1)})}))


class KeptHearing:
    """A guard that is off: what was heard is kept for a moment, without asking whether it is still so."""

    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing
        self._kept: dict[frozenset[Anchor], tuple[float, Heard]] = {}

    async def heard(self, anchors: Collection[Anchor]) -> Heard:
        asked = frozenset(anchors)
        when, heard = self._kept.get(asked, (0.0, None))
        if heard is None or time.monotonic() - when > _STALE:
            heard = await self._hearing.heard(anchors)
            self._kept[asked] = (time.monotonic(), heard)
        return heard


class KeptLinks:
    """A guard that is off: who belongs together is kept for a moment."""

    def __init__(self, directory: SubjectDirectory) -> None:
        self._directory = directory
        self._kept: dict[frozenset[Anchor], tuple[float, Mapping[Anchor, Subject]]] = {}

    async def subjects(self, anchors: Collection[Anchor], *, as_of: datetime | None = None) -> Mapping[Anchor, Subject]:
        asked = frozenset(anchors)
        when, known = self._kept.get(asked, (0.0, None))
        if known is None or time.monotonic() - when > _STALE:
            known = await self._directory.subjects(anchors)
            self._kept[asked] = (time.monotonic(), known)
        return known


class _Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class _Ids:
    def new(self) -> UUID:
        return uuid4()


class Racer:
    """Does things at random and remembers when."""

    def __init__(self, orders: Orders, transactor: PostgresTransactor, links: LinksInATable) -> None:
        hearing = KeptHearing(transactor) if orders.careless == "hearing" else transactor
        directory = KeptLinks(links) if orders.careless == "links" else links
        self._decide = Decide(hearing=hearing, directory=directory, scopes=SCOPES, clock=_Clock())
        self._record = ConsentRecorder(
            transactor=transactor, directory=links, macs=HmacRequestMac(KEYS.requests), ids=_Ids(), clock=_Clock()
        )
        self._links = links
        self._orders = orders
        self._left = orders.answers
        self.done: list[Done] = []

    async def race(self, task: int) -> None:
        chance = random.Random(f"{self._orders.seed}/{task}")
        while self._left > 0:
            first = int((time.monotonic() - self._orders.begun) / AWHILE) * TOGETHER
            number = chance.randrange(2 * first, 2 * (first + TOGETHER))
            kind = chance.choices(("give", "withdraw", "merge", "decide"), (14, 16, 4, 66))[0]
            await self._step(kind, number, first)
            if kind in {"withdraw", "merge"}:
                await self._step("decide", number, first)

    async def _step(self, kind: Step, number: int, first: int) -> None:
        anchors = list(range(2 * first, 2 * (first + TOGETHER))) if kind == "decide" else [number]
        start = time.monotonic()
        try:
            revision, permitted = await self._do(kind, anchors)
        except ConsentError:
            kind, revision, permitted = ("failed" if kind != "decide" else "decide"), 0, None
        self.done.append(Done(kind, start, time.monotonic(), anchors, revision, permitted))

    async def _do(self, kind: Step, anchors: Sequence[int]) -> tuple[int, list[bool] | None]:
        if kind == "decide":
            self._left -= len(anchors)
            asks = [Ask(Request("crm", "offers", "crm", ("email",), "email"), anchor(number)) for number in anchors]
            decided = await self._decide(asks)
            return decided.revision, [decision.outcome is Outcome.PERMIT for decision in decided.decisions]
        if kind == "merge":
            await self._links.merge(anchors[0] // 2)
            return 0, None
        said = EventKind.GIVEN if kind == "give" else EventKind.WITHDRAWN
        expression = Expression(anchor(anchors[0]), said, "offers", assurance=Assurance.ACCOUNT)
        recorded = await self._record(RecordConsent("crm", str(uuid4()), [expression], b""))
        return recorded.revision, None


async def main() -> None:
    orders = Orders(**json.load(sys.stdin))
    limits = Limits(connections=TASKS, lock_timeout=30, patience=30)
    async with (
        open_runner(orders.dsn, server_settings={**orders.server_settings, **SESSION}, limits=limits) as runner,
        asyncpg.create_pool(orders.links_dsn, min_size=1, max_size=TASKS) as pool,
    ):
        racer = Racer(orders, PostgresTransactor(runner, KEYS), LinksInATable(pool))
        await asyncio.gather(*(racer.race(task) for task in range(TASKS)))
    json.dump([asdict(done) for done in racer.done], sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
