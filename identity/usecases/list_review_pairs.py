"""List the pairs that wait for a steward, hardest first."""

from __future__ import annotations

import base64
import math
import struct
from binascii import Error as NotBase64
from dataclasses import dataclass
from uuid import UUID

from identity.domain.edge import EdgeGrade
from identity.domain.errors import IdentityError, Reason
from identity.domain.source_record import RecordId
from identity.ports.transactor import Transaction, Transactor

DEFAULT_PAGE = 50
LARGEST_PAGE = 500
EVEN_ODDS = 0.0
"""A decision weight of 0 is one half: nothing is harder to decide."""

_TOKEN = struct.Struct(">d16s16s")


@dataclass(frozen=True, slots=True)
class ListReviewPairs:
    """One page of the queue. ``page_size`` 0 means 50, more than 500 is read as 500; ``page_token`` is the previous page's."""

    page_size: int = 0
    page_token: str = ""


@dataclass(frozen=True, slots=True)
class ReviewPair:
    """A pair the machine cannot decide: ids, source systems and weights (log2 odds), never values."""

    left: RecordId
    right: RecordId
    left_source: str
    right_source: str
    grade: EdgeGrade
    match_weight: float
    decision_weight: float


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Pairs, and where the next page begins (empty on the last one)."""

    pairs: tuple[ReviewPair, ...]
    next_page_token: str


class ReviewQueue:
    """Reads the queue. A page may repeat or miss pairs that were scored anew between two calls; it never fails for that."""

    def __init__(self, *, transactor: Transactor) -> None:
        self._transactor = transactor

    async def __call__(self, command: ListReviewPairs) -> ReviewPage:
        """Return one page.

        Raises:
            IdentityError: ``INVALID_PAGE_TOKEN`` if the token is not one of ours.
        """
        size = min(command.page_size, LARGEST_PAGE) if command.page_size > 0 else DEFAULT_PAGE
        after = _opened(command.page_token) if command.page_token else None

        async def read(tx: Transaction) -> ReviewPage:
            edges = await tx.edges.review(after=after, limit=size + 1, centre=EVEN_ODDS)
            page = edges[:size]
            heads = await tx.records.heads({record for edge in page for record in (edge.left, edge.right)})
            sources = {record: head.address.source for record, head in heads.items()}
            pairs = tuple(
                ReviewPair(e.left, e.right, sources[e.left], sources[e.right], e.grade, e.match_weight, e.decision_weight) for e in page
            )
            more = len(edges) > size
            return ReviewPage(pairs, _sealed(abs(page[-1].decision_weight - EVEN_ODDS), page[-1].left, page[-1].right) if more else "")

        return await self._transactor.run(read, read_only=True)


def _sealed(distance: float, left: RecordId, right: RecordId) -> str:
    return base64.urlsafe_b64encode(_TOKEN.pack(distance, left.bytes, right.bytes)).decode("ascii")


def _opened(token: str) -> tuple[float, RecordId, RecordId]:
    try:
        distance, left, right = _TOKEN.unpack(base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True))
    except (NotBase64, UnicodeEncodeError, struct.error):
        raise IdentityError(Reason.INVALID_PAGE_TOKEN) from None
    if not math.isfinite(distance):
        raise IdentityError(Reason.INVALID_PAGE_TOKEN)
    return distance, RecordId(UUID(bytes=left)), RecordId(UUID(bytes=right))
