"""Edges and judgements in memory; the review queue needs both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping

from identity.adapters.memory.journal import Index, Journal, Table
from identity.domain.cluster import Pair
from identity.domain.edge import Edge, EdgeGrade
from identity.domain.judgement import Judgement
from identity.domain.refusal import LinkRefusal, Place, Waiting
from identity.domain.source_record import RecordId

WANTS_A_STEWARD = frozenset({EdgeGrade.HOLD, EdgeGrade.REVIEW})


class MemoryJudgementStore:
    """Fulfils ``JudgementStore``."""

    def __init__(self, journal: Journal) -> None:
        self._by_pair: Table[Pair, tuple[Judgement, ...]] = Table(journal)
        self._pairs: Index[RecordId, Pair] = Index(journal)

    async def add(self, judgement: Judgement) -> None:
        pair = (judgement.left, judgement.right)
        self._by_pair.put(pair, (*(self._by_pair.get(pair) or ()), judgement))
        for record in pair:
            self._pairs.add(record, pair)

    async def touching(self, record_ids: Collection[RecordId]) -> list[Judgement]:
        pairs = {pair for record in record_ids for pair in self._pairs.get(record)}
        return [self._standing(pair) for pair in sorted(pairs)]

    async def all(self) -> list[Judgement]:
        return [self._standing(pair) for pair in sorted(self._by_pair)]

    def judged(self, pair: Pair) -> bool:
        """Whether anybody ever decided on the pair."""
        return pair in self._by_pair

    def _standing(self, pair: Pair) -> Judgement:
        return max(enumerate(self._by_pair[pair]), key=lambda numbered: (numbered[1].at, numbered[0]))[1]


class MemoryEdgeStore:
    """Fulfils ``EdgeStore``."""

    def __init__(self, journal: Journal, judgements: MemoryJudgementStore) -> None:
        self._judgements = judgements
        self._edges: Table[Pair, Edge] = Table(journal)
        self._refused: Table[Pair, LinkRefusal] = Table(journal)
        self._pairs: Index[RecordId, Pair] = Index(journal)

    async def touching(self, record_ids: Collection[RecordId]) -> list[Edge]:
        pairs = {pair for record in record_ids for pair in self._pairs.get(record)}
        return [self._edges[pair] for pair in sorted(pairs)]

    async def replace_for(self, record_ids: Collection[RecordId], edges: Iterable[Edge]) -> None:
        self._drop({pair for record in record_ids for pair in self._pairs.get(record)})
        self._store(edges)

    async def replace_all(self, edges: Iterable[Edge]) -> None:
        self._drop(list(self._edges))
        self._store(edges)

    async def mark_refused(self, marks: Mapping[Pair, LinkRefusal | None]) -> None:
        for pair, refusal in marks.items():
            edge = self._edges.get(pair)
            if edge is None or edge.grade is not EdgeGrade.LINK:
                continue
            if refusal is None:
                self._refused.drop(pair)
            else:
                self._refused.put(pair, refusal)

    async def review(self, *, after: Place | None, limit: int, centre: float) -> list[Waiting]:
        waiting = [
            Waiting(edge, self._refused.get(pair))
            for pair, edge in ((pair, self._edges[pair]) for pair in self._edges)
            if (edge.grade in WANTS_A_STEWARD or pair in self._refused) and not self._judgements.judged(pair)
        ]
        waiting.sort(key=lambda one: one.place(centre))
        return [one for one in waiting if after is None or one.place(centre) > after][:limit]

    async def scan(self, *, batch: int = 20000) -> AsyncIterator[list[Edge]]:
        edges = [self._edges[pair] for pair in sorted(self._edges)]
        for start in range(0, len(edges), batch):
            yield edges[start : start + batch]

    async def count(self) -> int:
        return len(self._edges)

    def _drop(self, pairs: Collection[Pair]) -> None:
        for pair in pairs:
            self._edges.drop(pair)
            self._refused.drop(pair)
            for record in pair:
                self._pairs.discard(record, pair)

    def _store(self, edges: Iterable[Edge]) -> None:
        for edge in edges:
            pair = (edge.left, edge.right)
            self._edges.put(pair, edge)
            self._refused.drop(pair)
            for record in pair:
                self._pairs.add(record, pair)
