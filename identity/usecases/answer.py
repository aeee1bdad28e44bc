"""The question "who is this?" and its answer, for one and for many (DESIGN §4.6)."""

from __future__ import annotations

from dataclasses import dataclass, field

from identity.domain.attributes import PersonalAttributes
from identity.domain.resolution import ResolveGrade
from identity.domain.source_record import IdentityId, RecordRef
from identity.ports.purpose_gate import Use


@dataclass(frozen=True, slots=True)
class ResolveIdentity:
    """Who is this? Exactly one of ``attributes`` (canonical names, as typed by anybody) and ``record`` (a source key) is given."""

    use: Use
    attributes: PersonalAttributes | None = None
    record: RecordRef | None = None


@dataclass(frozen=True, slots=True)
class MatchReason:
    """What one comparison said: its name, the label of the level found, and its weight (log2 odds). Never a value."""

    comparison: str
    level: str
    weight: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """One identity that the query may mean, for this recipient. ``match_probability`` is that of the decision weight.

    ``identity_id`` is for the operator who holds the keys anyway: it never goes on the wire.

    An identity found by its record's key was not scored: weights 0, probability 1, no reasons.
    """

    identity_id: IdentityId = field(repr=False)
    pseudonym: str
    match_weight: float
    decision_weight: float
    match_probability: float
    reasons: tuple[MatchReason, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    """The answer. Unknown and withheld look alike: grade ``none``, no candidate.

    ``identity`` is the one meant (grades certain, probable, possible); ``candidates`` are given when ambiguous, best first.
    Where a quarantined identity is meant, nothing of it is told. ``notes`` are stable words: ``quarantined``, ``truncated``.
    ``warnings`` are the purpose gate's.
    """

    grade: ResolveGrade
    identity: Candidate | None
    candidates: tuple[Candidate, ...]
    bundle: str
    truncated: bool
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
