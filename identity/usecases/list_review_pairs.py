"""List the pairs that wait for a steward, hardest first."""

from __future__ import annotations

import base64
import math
import struct
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from identity.domain.edge import EdgeGrade
from identity.domain.errors import IdentityError, Reason
from identity.domain.refusal import LinkRefusal, Place, Waiting
from identity.domain.source_record import RecordId
from identity.ports.purpose_gate import Use
from identity.ports.transactor import Transaction, Transactor
from identity.usecases.releasing import Releasing

DEFAULT_PAGE = 50
LARGEST_PAGE = 500
EVEN_ODDS = 0.0
"""A decision weight of 0 is one half: nothing is harder to decide."""

_TOKEN = struct.Struct(">dd16s16s")


@dataclass(frozen=True, slots=True)
class ListReviewPairs:
    """One page of the queue, for this use. ``page_size`` 0 means 50, more than 500 is read as 500; ``page_token`` is the page before's."""

    use: Use
    page_size: int = 0
    page_token: str = ""


@dataclass(frozen=True, slots=True)
class ReviewPair:
    """A pair the machine cannot decide: ids, source systems and weights (log2 odds), never values.

    ``refusal`` tells why a pair of grade link is none; any other waits for its grade.
    """

    left: RecordId
    right: RecordId
    left_source: str
    right_source: str
    grade: EdgeGrade
    match_weight: float
    decision_weight: float
    refusal: LinkRefusal | None = None


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Pairs, and where the next page begins (empty on the last one). ``warnings`` are the purpose gate's."""

    pairs: tuple[ReviewPair, ...]
    next_page_token: str
    warnings: tuple[str, ...] = ()


class ReviewQueue:
    """Reads the queue. A page may repeat or miss pairs that were scored anew between two calls; it never fails for that.

    Pairs of which an identity may not be released to the use are left out: a page may then be short, or empty, and still not the last.
    Quarantined identities are shown: somebody has to look at them.
    """

    def __init__(self, *, transactor: Transactor, releasing: Releasing) -> None:
        self._transactor = transactor
        self._releasing = releasing

    async def __call__(self, command: ListReviewPairs) -> ReviewPage:
        """Return one page.

        Raises:
            IdentityError: ``INVALID_PAGE_TOKEN`` if the token is not one of ours.
        """
        size = min(command.page_size, LARGEST_PAGE) if command.page_size > 0 else DEFAULT_PAGE
        after = _opened(command.page_token) if command.page_token else None

        async def read(tx: Transaction) -> ReviewPage:
            waiting = await tx.edges.review(after=after, limit=size + 1, centre=EVEN_ODDS)
            page = waiting[:size]
            records = {record for one in page for record in (one.edge.left, one.edge.right)}
            current = await tx.identities.current(records)
            release = await self._releasing.released(tx, command.use, current.values())
            heads = await tx.records.heads(records)
            sources = {record: heads[record].address.source for record, identity in current.items() if identity in release.permitted}
            pairs = tuple(_shown(one, sources) for one in page if one.edge.left in sources and one.edge.right in sources)
            token = _sealed(page[-1].place(EVEN_ODDS)) if len(waiting) > size else ""
            return ReviewPage(pairs, token, release.warnings)

        return await self._transactor.run(read, read_only=True)


def _shown(waiting: Waiting, sources: Mapping[RecordId, str]) -> ReviewPair:
    edge = waiting.edge
    left, right = sources[edge.left], sources[edge.right]
    return ReviewPair(edge.left, edge.right, left, right, edge.grade, edge.match_weight, edge.decision_weight, waiting.refusal)


def _sealed(place: Place) -> str:
    hard, distance, left, right = place
    return base64.urlsafe_b64encode(_TOKEN.pack(hard, distance, left.bytes, right.bytes)).decode("ascii")


def _opened(token: str) -> Place:
    try:
        hard, distance, left, right = _TOKEN.unpack(base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True))
    except (NotBase64, UnicodeEncodeError, struct.error):
        raise IdentityError(Reason.INVALID_PAGE_TOKEN) from None
    if not (math.isfinite(hard) and math.isfinite(distance)):
        raise IdentityError(Reason.INVALID_PAGE_TOKEN)
    return hard, distance, RecordId(UUID(bytes=left)), RecordId(UUID(bytes=right))
