"""Judging: whether a new judgement can stand beside those that already do.

Rules (DESIGN §4.5)
- Nobody judges a record against itself.
- Must-links are transitive: judging A and B the same, and B and C, says that A and C are the same.
- A judgement that contradicts what judgements of at least its own authority imply is refused; lower ones give way.
- Judging the same pair anew replaces the judgement that stood, if the new authority is at least as high.
"""

from __future__ import annotations

from collections.abc import Iterable

from identity.domain.cluster import Cluster, components
from identity.domain.errors import IdentityError, Reason
from identity.domain.judgement import Judgement, Verdict
from identity.domain.source_record import RecordId


def require_consistent(new: Judgement, standing: Iterable[Judgement]) -> None:
    """Accept a judgement, given the standing ones that touch what the must-links make of its two records.

    Raises:
        IdentityError: ``JUDGEMENT_ON_ITSELF``, or ``JUDGEMENT_CONTRADICTS`` with the ids of the pair.
    """
    if new.left == new.right:
        raise IdentityError(Reason.JUDGEMENT_ON_ITSELF, record_id=str(new.left))
    binding = [judgement for judgement in standing if judgement.authority >= new.authority]
    same_pair = [j for j in binding if (j.left, j.right) == (new.left, new.right)]
    if any(j.authority > new.authority and j.verdict is not new.verdict for j in same_pair) or _contradicts(new, binding):
        raise IdentityError(Reason.JUDGEMENT_CONTRADICTS, left_record_id=str(new.left), right_record_id=str(new.right))


def _contradicts(new: Judgement, binding: Iterable[Judgement]) -> bool:
    """Whether the binding judgements, the new pair's own aside, imply the opposite of the new verdict."""
    others = [judgement for judgement in binding if (judgement.left, judgement.right) != (new.left, new.right)]
    same = [(j.left, j.right) for j in others if j.verdict is Verdict.SAME]
    records = {new.left, new.right, *(record for pair in same for record in pair)}
    persons = components(records, same)
    left, right = _person(new.left, persons), _person(new.right, persons)
    if new.verdict is Verdict.DIFFERENT:
        return left == right
    if new.verdict is Verdict.SAME:
        return any(j.verdict is Verdict.DIFFERENT and _between(j, left, right) for j in others)
    return False


def _person(record: RecordId, persons: Iterable[Cluster]) -> Cluster:
    return next(person for person in persons if record in person)


def _between(judgement: Judgement, left: Cluster, right: Cluster) -> bool:
    ends = (judgement.left, judgement.right)
    return (ends[0] in left and ends[1] in right) or (ends[0] in right and ends[1] in left)
