"""A small world to assign identities in: invented people, a model, and every use case wired to one store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from identity.adapters.memory import MemoryTransactor
from identity.domain.edge import Edge
from identity.domain.errors import Reason
from identity.domain.judgement import Verdict
from identity.domain.model.blocking import Blocking, BlockingRule, block_keys, part
from identity.domain.model.bundle import Bundle, Thresholds
from identity.domain.model.declaration import Veto
from identity.domain.model.model import Model
from identity.domain.personal import Access, Personal
from identity.domain.refusal import LinkRefusal
from identity.domain.source_record import IdentityId, RecordAddress, RecordId, RecordRef
from identity.domain.standardise import STANDARDISER_VERSION
from identity.domain.unified_identity import IdentityState, UnifiedIdentity
from identity.ports.linker import Linker
from identity.ports.purpose_gate import Release, Subject, Use
from identity.ports.sealer import RecordContent, Sealer
from identity.ports.transactor import Transaction, Transactor
from identity.usecases.assign_records import AssignRecords, RecordsAssigned
from identity.usecases.identity_history import GetIdentityHistory, HistoryReader, IdentityHistoryAnswer, answering
from identity.usecases.judge_pair import JudgePair, PairJudge, PairJudged
from identity.usecases.link_batch import BatchLinker, BatchReport, LinkBatch
from identity.usecases.list_review_pairs import ReviewQueue
from identity.usecases.regroup import REACH, GroupingPolicy, Regroup
from identity.usecases.releasing import Releasing
from identity.usecases.split_identity import IdentitySplit, IdentitySplitter, SplitIdentity
from identity.usecases.subjects import SubjectReader
from tests.builders.models import BIRTH, EMAIL, GIVEN, SURNAME, bundle
from tests.fakes.plain_sealer import PlainSealer
from tests.fakes.python_linker import PythonLinker

BLOCKING = Blocking(
    rules=(
        BlockingRule("birth", (part("birth_date"),)),
        BlockingRule("names", (part("given_name"), part("family_name"))),
        BlockingRule("email", (part("email"),)),
    ),
    cap=60,
)
STEWARD = Use("steward", "unification", "steward")
REMARK = "released by a test's gate"
BORN_APART = Veto("born apart", (("birth", ("different",)),))


def people(cap: int = 60, thresholds: Thresholds | None = None) -> Bundle:
    """Return a model of people: two birth dates far apart are two persons."""
    blocking = Blocking(BLOCKING.rules, cap)
    wanted = thresholds or Thresholds(14.0, 8.0, 6.0, -4.0, "invented for a test")
    return bundle(GIVEN, SURNAME, BIRTH, EMAIL, vetoes=(BORN_APART,), blocking=blocking, thresholds=wanted)


class TickingClock:
    """A second passes at each look."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


class CountingIds:
    """Fresh ids, in order; ``stride`` makes them come in another."""

    def __init__(self, first: int = 1 << 80, stride: int = 1) -> None:
        self._next = first
        self._stride = stride

    def new(self) -> UUID:
        self._next += self._stride
        return UUID(int=self._next)

    def many(self, count: int) -> list[UUID]:
        return [self.new() for _ in range(count)]


@dataclass(slots=True)
class ObjectorsGate:
    """Lets everything through but the linking of those who object, and the release of what is ``withheld``."""

    objectors: set[RecordId] = field(default_factory=set)
    withheld: set[IdentityId] = field(default_factory=set)
    warnings: tuple[str, ...] = ()
    asked: list[Use] = field(default_factory=list)

    async def may_release(self, use: Use, subjects: Sequence[Subject]) -> list[Release]:
        self.asked.append(use)
        return [Release(permitted=subject.identity not in self.withheld, ground="test", warnings=(REMARK,)) for subject in subjects]

    def warnings_for(self, use: Use) -> tuple[str, ...]:
        return self.warnings

    async def may_link(self, records: Mapping[RecordId, RecordAddress]) -> frozenset[RecordId]:
        return frozenset(records) - self.objectors


class OneModel:
    """Fulfils ``ModelSource``; ``bundle`` may be exchanged, as a promotion does."""

    def __init__(self, of: Bundle) -> None:
        self.model = Model(of)

    async def active(self, tx: Transaction) -> Model:
        return self.model


def person(**standard: str | None) -> dict[str, str | None]:
    """Return a record's standard attributes."""
    columns = ("given_name", "family_name", "birth_name", "birth_date", "email")
    return {column: standard.get(column) for column in columns}


class World:
    """Every use case over one transactor. Records are named by small numbers; ``record(n)`` is the id."""

    def __init__(
        self,
        *,
        of: Bundle | None = None,
        transactor: Transactor | None = None,
        linker: Linker | None = None,
        policy: GroupingPolicy | None = None,
        reach: int = REACH,
        clock: TickingClock | None = None,
        ids: CountingIds | None = None,
        sealer: Sealer | None = None,
    ) -> None:
        self.transactor: Transactor = transactor or MemoryTransactor()
        self.refusals: list[Reason] = []
        self.access = Access("tests")
        self.sealer: Sealer = sealer or PlainSealer(self.access)
        self.gate = ObjectorsGate()
        self.models = OneModel(of or people())
        self.clock = clock or TickingClock()
        self.linker: Any = linker or PythonLinker()  # tests reach into the one they gave
        ids = ids or CountingIds()
        policy = policy or GroupingPolicy()
        self.regroup = Regroup(gate=self.gate, ids=ids, sealer=self.sealer, access=self.access, policy=policy, reach=reach)
        self.assigner = AssignRecords(models=self.models, gate=self.gate, sealer=self.sealer, access=self.access, regroup=self.regroup)
        self.judge_pair = PairJudge(transactor=self.transactor, sealer=self.sealer, clock=self.clock, regroup=self.regroup)
        self.splitter = IdentitySplitter(transactor=self.transactor, sealer=self.sealer, clock=self.clock, regroup=self.regroup)
        self.subjects = SubjectReader(sealer=self.sealer, access=self.access, clock=self.clock)
        self.releasing = Releasing(gate=self.gate, subjects=self.subjects)
        self.history = HistoryReader(transactor=self.transactor, releasing=self.releasing)
        self.queue = ReviewQueue(transactor=self.transactor, releasing=self.releasing)
        self.batch = BatchLinker(
            transactor=self.transactor,
            linker=self.linker,
            models=self.models,
            gate=self.gate,
            sealer=self.sealer,
            access=self.access,
            clock=self.clock,
            ids=ids,
            assign=self.assigner,
            policy=policy,
        )

    @staticmethod
    def record(number: int) -> RecordId:
        return RecordId(UUID(int=number + 1))

    @staticmethod
    def ref(number: int) -> RecordRef:
        return RecordRef("crm" if number % 2 else "webshop", f"k{number}")

    async def ingest(self, records: Mapping[int, Mapping[str, str | None]], *, alone: bool = False) -> RecordsAssigned | None:
        """Store new or changed records and assign them, all in one transaction."""
        blocking = self.models.model.bundle.declaration.blocking

        async def work(tx: Transaction) -> RecordsAssigned | None:
            heads = await tx.records.heads([self.record(number) for number in records])
            versions = []
            for number, standard in records.items():
                record = self.record(number)
                version = heads[record].version + 1 if record in heads else 1
                content = RecordContent(self.ref(number), {k: v for k, v in standard.items() if v}, standard, STANDARDISER_VERSION)
                tags = self.sealer.block_tags(block_keys(blocking, standard))
                versions.append(self.sealer.seal(record, version, Personal(content), tags))
            at = self.clock.now()
            await tx.records.add(versions, at)
            numbered = [version.record_id for version in versions]
            if alone:
                await self.assigner.found_alone(tx, numbered, at=at)
                return None
            return await self.assigner.within(tx, numbered, at=at)

        return await self.transactor.run(work)

    async def delete(self, *numbers: int) -> None:
        async def work(tx: Transaction) -> None:
            at = self.clock.now()
            gone = [self.record(number) for number in numbers]
            await self.assigner.forget(tx, gone, at=at)
            await tx.records.delete(gone, at)

        await self.transactor.run(work)

    async def judge(self, left: int, right: int, verdict: Verdict) -> PairJudged:
        return await self.judge_pair(JudgePair(self.record(left), self.record(right), verdict, "steward"))

    async def split(self, identity: IdentityId, *numbers: int) -> IdentitySplit:
        return await self.splitter(SplitIdentity(identity, tuple(self.record(number) for number in numbers), "steward"))

    async def link(self, **how: object) -> BatchReport:
        return await self.batch(LinkBatch(**how))  # type: ignore[arg-type]  # passed through from tests

    async def groups(self) -> set[frozenset[int]]:
        """Return which records are together."""
        return {frozenset(record.int - 1 for record in members) for members in (await self.identities()).values()}

    async def identities(self) -> dict[IdentityId, frozenset[RecordId]]:
        async def work(tx: Transaction) -> dict[IdentityId, frozenset[RecordId]]:
            identities: dict[IdentityId, set[RecordId]] = {}
            async for rows in tx.identities.scan():
                for record, identity in rows:
                    identities.setdefault(identity, set()).add(record)
            return {identity: frozenset(members) for identity, members in identities.items()}

        return await self.transactor.run(work, read_only=True)

    async def identity_of(self, number: int) -> IdentityId:
        return (await self.transactor.run(lambda tx: tx.identities.current([self.record(number)]), read_only=True))[self.record(number)]

    async def known(self, identity: IdentityId) -> UnifiedIdentity:
        return (await self.transactor.run(lambda tx: tx.identities.read([identity]), read_only=True))[identity]

    async def answering(self, identity: IdentityId) -> tuple[IdentityId, ...]:
        return await self.transactor.run(lambda tx: answering(tx, identity), read_only=True)

    async def history_of(self, identity: IdentityId, as_of: datetime | None = None) -> IdentityHistoryAnswer:
        return await self.history(GetIdentityHistory(STEWARD, identity, as_of))

    async def edges(self) -> list[Edge]:
        async def work(tx: Transaction) -> list[Edge]:
            return [edge async for edges in tx.edges.scan() for edge in edges]

        return await self.transactor.run(work, read_only=True)

    async def refused_links(self) -> dict[tuple[int, int], LinkRefusal]:
        """Return the refused links that wait for a steward."""
        waiting = await self.transactor.run(lambda tx: tx.edges.review(after=None, limit=1_000_000, centre=0.0), read_only=True)
        return {(one.edge.left.int - 1, one.edge.right.int - 1): one.refusal for one in waiting if one.refusal}

    async def quarantined(self) -> set[IdentityId]:
        async def work(tx: Transaction) -> set[IdentityId]:
            current = [identity async for rows in tx.identities.scan() for _, identity in rows]
            known = await tx.identities.read(current)
            return {i for i, identity in known.items() if identity.quarantined and identity.state is IdentityState.CURRENT}

        return await self.transactor.run(work, read_only=True)
