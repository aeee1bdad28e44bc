"""Ingest: what becomes of a record that arrives, and what is counted.

Rules
- Equal content (by keyed MAC) changes nothing; changed content is a new version of the same record; a deletion un-links it.
- A deleted record that arrives again lives again, as a new version, in an identity of its own.
- Within one file or request the first row of a key stands and every later one is refused: were the last to win, ingesting the
  same file twice would write versions to and fro.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from identity.domain.attributes import EXTRA_PREFIX, Attributes, PersonalAttributes, StandardAttributes
from identity.domain.mapping import Refusal
from identity.domain.personal import Personal
from identity.domain.source_record import IdentityId, RecordHead, RecordId, RecordRef

NOTHING: PersonalAttributes = Personal({})


class Outcome(StrEnum):
    """What became of a record that arrived."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DELETED = "deleted"
    ABSENT = "absent"  # to be deleted, but not there
    REJECTED = "rejected"


FRESH: Final = frozenset({Outcome.CREATED, Outcome.UPDATED})
"""The outcomes that make a new version."""


@dataclass(frozen=True, slots=True)
class IncomingRecord:
    """A record that arrives: how its source names it, and its attributes as given; ``deleted`` means it is to go."""

    ref: RecordRef
    raw: PersonalAttributes = NOTHING
    deleted: bool = False


class RecordResult(NamedTuple):
    """What became of one record, in the order of arrival. ``record_id`` and ``version`` are absent when it was rejected or absent.

    ``identity_id`` is its identity when the work was done; ``refusal`` and ``attribute`` say why it was rejected; ``unread`` names the
    attributes of a stored record whose value could not be understood, or stood for none (01/01/1900).
    """

    outcome: Outcome
    record_id: RecordId | None = None
    version: int = 0
    identity_id: IdentityId | None = None
    refusal: Refusal | None = None
    attribute: str = ""
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IngestCounts:
    """How many rows came to which end (``absent``: to be deleted, but not there); ``refusals`` counts rejected ones by reason."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    absent: int = 0
    rejected: int = 0
    refusals: Mapping[str, int] = field(default_factory=dict)
    unread: Mapping[str, int] = field(default_factory=dict)

    @property
    def read(self) -> int:
        """Rows read."""
        return self.created + self.updated + self.unchanged + self.deleted + self.absent + self.rejected

    def __add__(self, other: IngestCounts) -> IngestCounts:
        return IngestCounts(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.deleted + other.deleted,
            self.absent + other.absent,
            self.rejected + other.rejected,
            dict(Counter(self.refusals) + Counter(other.refusals)),
            dict(Counter(self.unread) + Counter(other.unread)),
        )


_CHECKED = frozenset({"birth_date", "email", "phone", "sex", "postal_code", "country"})


def unread(raw: Attributes, standard: StandardAttributes) -> tuple[str, ...]:
    """Return the attributes with a form of their own that were given, and of which the standardiser made nothing."""
    return tuple([name for name in _checked(tuple(raw)) if standard.get(name) is None])


@lru_cache(maxsize=1024)
def _checked(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the attributes with a form of their own; a source's records have few different sets of names."""
    return tuple([name for name in names if name in _CHECKED or name.startswith(EXTRA_PREFIX)])


def decide(head: RecordHead | None, content_mac: bytes, *, deleted: bool) -> Outcome:
    """Decide what becomes of a record, given what is stored of it."""
    gone = head is None or head.deleted
    if deleted:
        return Outcome.ABSENT if gone else Outcome.DELETED
    if head is None:
        return Outcome.CREATED
    return Outcome.UNCHANGED if not head.deleted and head.content_mac == content_mac else Outcome.UPDATED
