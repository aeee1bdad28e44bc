"""Edges and judgements in PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable

from identity.adapters.postgres.bulk import BULK_FROM
from identity.adapters.postgres.link import BEFORE_ALL, Link, Row
from identity.domain.edge import Edge, EdgeGrade
from identity.domain.judgement import Authority, Judgement, Verdict
from identity.domain.source_record import RecordId

_EDGE = "left_id, right_id, match_weight, decision_weight, grade"

# Two index scans; OR would make the planner read everything.
_TOUCHING = f"""
SELECT {_EDGE} FROM identity.edge WHERE left_id = ANY($1::uuid[])
UNION
SELECT {_EDGE} FROM identity.edge WHERE right_id = ANY($1::uuid[])
ORDER BY left_id, right_id
"""  # noqa: S608 - our own column list

_DROP_LEFT = "DELETE FROM identity.edge WHERE left_id = ANY($1::uuid[])"
_DROP_RIGHT = "DELETE FROM identity.edge WHERE right_id = ANY($1::uuid[])"

_PUT = f"""
INSERT INTO identity.edge ({_EDGE})
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::float8[], $4::float8[], $5::text[])
ON CONFLICT (left_id, right_id) DO UPDATE
SET match_weight = excluded.match_weight, decision_weight = excluded.decision_weight, grade = excluded.grade
"""  # noqa: S608 - our own column list

_REVIEW = f"""
SELECT {_EDGE} FROM (SELECT {_EDGE}, abs(decision_weight - $1) AS distance FROM identity.edge WHERE grade IN ('hold', 'review')) AS e
WHERE ($2::float8 IS NULL OR (distance, left_id, right_id) > ($2, $3::uuid, $4::uuid))
  AND NOT EXISTS (SELECT FROM identity.judgement AS j WHERE j.left_id = e.left_id AND j.right_id = e.right_id)
ORDER BY distance, left_id, right_id LIMIT $5
"""  # noqa: S608 - our own column list

_SCAN = f"""
SELECT {_EDGE} FROM identity.edge WHERE (left_id, right_id) > ($1, $2) ORDER BY left_id, right_id LIMIT $3
"""  # noqa: S608 - our own column list

_JUDGEMENT = "left_id, right_id, verdict, authority, author, at"

_JUDGE = """
INSERT INTO identity.judgement (left_id, right_id, ordinal, verdict, authority, author, at)
SELECT $1, $2, 1 + (SELECT count(*) FROM identity.judgement WHERE left_id = $1 AND right_id = $2), $3, $4, $5, $6
"""

_STANDING = f"""
SELECT DISTINCT ON (left_id, right_id) {_JUDGEMENT} FROM identity.judgement ORDER BY left_id, right_id, at DESC, ordinal DESC
"""  # noqa: S608 - our own column list

_STANDING_TOUCHING = f"""
SELECT DISTINCT ON (left_id, right_id) {_JUDGEMENT} FROM (
    SELECT * FROM identity.judgement WHERE left_id = ANY($1::uuid[])
    UNION
    SELECT * FROM identity.judgement WHERE right_id = ANY($1::uuid[])
) AS j ORDER BY left_id, right_id, at DESC, ordinal DESC
"""  # noqa: S608 - our own column list


class PostgresEdgeStore:
    """Fulfils ``EdgeStore``."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def touching(self, record_ids: Collection[RecordId]) -> list[Edge]:
        return [_edge(row) for row in await self._link.fetch(_TOUCHING, list(record_ids))]

    async def replace_for(self, record_ids: Collection[RecordId], edges: Iterable[Edge]) -> None:
        ids = list(record_ids)
        await self._link.execute(_DROP_LEFT, ids)
        await self._link.execute(_DROP_RIGHT, ids)
        if rows := _rows(edges):
            await self._link.execute(_PUT, *([row[i] for row in rows] for i in range(5)))

    async def replace_all(self, edges: Iterable[Edge]) -> None:
        await self._link.execute("DELETE FROM identity.edge")
        rows = _rows(edges)
        if len(rows) >= BULK_FROM:
            columns = ("left_id", "right_id", "match_weight", "decision_weight", "grade")
            await self._link.copy_records_to_table("edge", schema_name="identity", columns=columns, records=sorted(rows))
        elif rows:
            await self._link.execute(_PUT, *([row[i] for row in rows] for i in range(5)))

    async def review(self, *, after: tuple[float, RecordId, RecordId] | None, limit: int, centre: float) -> list[Edge]:
        return [_edge(row) for row in await self._link.fetch(_REVIEW, centre, *(after or (None, None, None)), limit)]

    async def scan(self, *, batch: int = 20000) -> AsyncIterator[list[Edge]]:
        last = (BEFORE_ALL, BEFORE_ALL)
        while rows := await self._link.fetch(_SCAN, *last, batch):
            last = (rows[-1]["left_id"], rows[-1]["right_id"])
            yield [_edge(row) for row in rows]

    async def count(self) -> int:
        total: int = await self._link.fetchval("SELECT count(*) FROM identity.edge")
        return total


class PostgresJudgementStore:
    """Fulfils ``JudgementStore``."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def add(self, judgement: Judgement) -> None:
        given = judgement
        await self._link.execute(_JUDGE, given.left, given.right, given.verdict.value, int(given.authority), given.author, given.at)

    async def touching(self, record_ids: Collection[RecordId]) -> list[Judgement]:
        return [_judgement(row) for row in await self._link.fetch(_STANDING_TOUCHING, list(record_ids))]

    async def all(self) -> list[Judgement]:
        return [_judgement(row) for row in await self._link.fetch(_STANDING)]


def _edge(row: Row) -> Edge:
    left, right, match_weight, decision_weight, grade = row
    return Edge(left, right, match_weight, decision_weight, EdgeGrade(grade))


def _rows(edges: Iterable[Edge]) -> list[tuple[RecordId, RecordId, float, float, str]]:
    """Return one row per pair; of a pair given twice, the later."""
    by_pair = {(edge.left, edge.right): edge for edge in edges}
    return [(edge.left, edge.right, edge.match_weight, edge.decision_weight, edge.grade.value) for edge in by_pair.values()]


def _judgement(row: Row) -> Judgement:
    left, right, verdict, authority, author, at = row
    return Judgement(left, right, Verdict(verdict), Authority(authority), author, at)
