"""Edges and judgements in PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping

from identity.adapters.postgres.bulk import BULK_FROM
from identity.adapters.postgres.link import BEFORE_ALL, Link, Row
from identity.domain.cluster import Pair
from identity.domain.edge import Edge, EdgeGrade
from identity.domain.judgement import Authority, Judgement, Verdict
from identity.domain.refusal import LinkRefusal, Place, Waiting
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
SET match_weight = excluded.match_weight, decision_weight = excluded.decision_weight, grade = excluded.grade, refusal = NULL
"""  # noqa: S608 - our own column list

_MARK = """
UPDATE identity.edge AS e SET refusal = m.refusal
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS m (left_id, right_id, refusal)
WHERE e.left_id = m.left_id AND e.right_id = m.right_id AND e.grade = 'link' AND e.refusal IS DISTINCT FROM m.refusal
"""

# Two partial indexes; no edge is in both.
_REVIEW = f"""
SELECT {_EDGE}, refusal FROM (
    SELECT {_EDGE}, refusal, abs(decision_weight - $1) AS hard, abs(decision_weight - $1) AS distance FROM identity.edge
    WHERE grade IN ('hold', 'review')
    UNION ALL
    SELECT {_EDGE}, refusal, 0, abs(decision_weight - $1) FROM identity.edge WHERE refusal IS NOT NULL
) AS e
WHERE ($2::float8 IS NULL OR (hard, distance, left_id, right_id) > ($2, $3::float8, $4::uuid, $5::uuid))
  AND NOT EXISTS (SELECT FROM identity.judgement AS j WHERE j.left_id = e.left_id AND j.right_id = e.right_id)
ORDER BY hard, distance, left_id, right_id LIMIT $6
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

    async def mark_refused(self, marks: Mapping[Pair, LinkRefusal | None]) -> None:
        lefts, rights = [left for left, _ in marks], [right for _, right in marks]
        await self._link.execute(_MARK, lefts, rights, [refusal and refusal.value for refusal in marks.values()])

    async def review(self, *, after: Place | None, limit: int, centre: float) -> list[Waiting]:
        rows = await self._link.fetch(_REVIEW, centre, *(after or (None, None, None, None)), limit)
        return [Waiting(_edge(row), LinkRefusal(row["refusal"]) if row["refusal"] else None) for row in rows]

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
    left, right, match_weight, decision_weight, grade, *_ = row
    return Edge(left, right, match_weight, decision_weight, EdgeGrade(grade))


def _rows(edges: Iterable[Edge]) -> list[tuple[RecordId, RecordId, float, float, str]]:
    """Return one row per pair; of a pair given twice, the later."""
    by_pair = {(edge.left, edge.right): edge for edge in edges}
    return [(edge.left, edge.right, edge.match_weight, edge.decision_weight, edge.grade.value) for edge in by_pair.values()]


def _judgement(row: Row) -> Judgement:
    left, right, verdict, authority, author, at = row
    return Judgement(left, right, Verdict(verdict), Authority(authority), author, at)
