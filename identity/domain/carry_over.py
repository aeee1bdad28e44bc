"""Carrying ids over: which id each cluster answers to, so that an id means the same person for as long as it can.

Rules (DESIGN §4.5, research/identity.md §6)
- Old identities and new clusters are matched one to one by the records they share: pinned ids first, then the most shared records,
  then the records that have been in the identity the longest, then the oldest identity, then the lower id.
- A cluster left without an id revives one its records had before, if it holds more of that id's records than any other cluster:
  so a split that undoes a merge gives every id back. A retired id never comes back.
- Any other cluster gets a fresh id. An id is never given to other people.
- An identity left without a cluster is superseded if its records went to one identity, split if they went to several, and
  retired if none of them lives.
- The answer does not depend on the order of anything given, apart from which fresh id goes where.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from identity.domain.cluster import Cluster
from identity.domain.source_record import IdentityId, RecordId
from identity.domain.unified_identity import AssignmentPlan, IdentityState, UnifiedIdentity

REVIVABLE = frozenset({IdentityState.SUPERSEDED, IdentityState.SPLIT})


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand before: all records of every identity concerned, deleted ones included.

    ``identities`` knows every id in ``current`` and ``former`` (former ids newest first, needed only for records whose identity
    falls apart); ``joined`` tells when a record came to its identity, needed only where a cluster's claim would otherwise be tied.
    """

    current: Mapping[RecordId, IdentityId]
    identities: Mapping[IdentityId, UnifiedIdentity]
    former: Mapping[RecordId, Sequence[IdentityId]] = field(default_factory=dict)
    joined: Mapping[RecordId, datetime] = field(default_factory=dict)
    pinned: frozenset[IdentityId] = frozenset()


def carry_over(
    clusters: Sequence[Cluster],
    standing: Standing,
    *,
    fresh: Callable[[], IdentityId],
    quarantined: Collection[Cluster] = (),
) -> AssignmentPlan:
    """Plan the step from the identities as they stand to the clusters.

    ``fresh`` mints an id. Records of ``standing.current`` that are in no cluster are deleted ones.
    """
    ordered = sorted(clusters, key=min)
    place = {record: number for number, members in enumerate(ordered) for record in members}
    ids = _carried(place, standing)
    revived = _revived(place, ids, standing)
    ids |= revived
    created = {number: fresh() for number in range(len(ordered)) if number not in ids}
    ids |= created
    superseded, split, retired = _ends(place, ids, standing)
    wanted = {ids[place[min(members)]] for members in quarantined}
    marked = {identity for identity in ids.values() if identity in standing.identities and standing.identities[identity].quarantined}
    return AssignmentPlan(
        created=tuple(created.values()),
        revived=tuple(sorted(revived.values())),
        assigned={record: ids[number] for record, number in place.items() if standing.current.get(record) != ids[number]},
        unassigned=tuple(sorted(standing.current.keys() - place.keys())),
        superseded=superseded,
        split=split,
        retired=retired,
        quarantined=tuple(sorted(wanted - marked)),
        released=tuple(sorted(marked - wanted)),
    )


def contested(clusters: Sequence[Cluster], current: Mapping[RecordId, IdentityId]) -> set[IdentityId]:
    """Return the identities whose records are in several clusters: for their records ``former`` and ``joined`` matter."""
    homes: defaultdict[IdentityId, set[int]] = defaultdict(set)
    for number, members in enumerate(clusters):
        for record in members:
            if record in current:
                homes[current[record]].add(number)
    return {identity for identity, numbers in homes.items() if len(numbers) > 1}


def _carried(place: Mapping[RecordId, int], standing: Standing) -> dict[int, IdentityId]:
    """Match clusters and current identities, one to one, the strongest claim first."""
    shared: defaultdict[int, dict[IdentityId, int]] = defaultdict(dict)
    home: dict[IdentityId, int] = {}
    contested: set[IdentityId] = set()
    for record, identity in standing.current.items():
        number = place.get(record)
        if number is not None:
            claims = shared[number]
            claims[identity] = claims.get(identity, 0) + 1
            if home.setdefault(identity, number) != number:
                contested.add(identity)
    carried: dict[int, IdentityId] = {}
    rivals: dict[int, dict[IdentityId, int]] = {}
    for number, claims in shared.items():
        if not contested.isdisjoint(claims):
            rivals[number] = claims
        elif len(claims) == 1:
            carried[number] = next(iter(claims))
        else:
            carried[number] = min((_strength(standing, identity, count), identity) for identity, count in claims.items())[1]
    return carried | _matched_rivals(rivals, place, standing)


def _strength(standing: Standing, identity: IdentityId, count: int, since: datetime | None = None) -> tuple[bool, int, datetime, datetime]:
    """Return what orders claims, the strongest first."""
    created = standing.identities[identity].created_at
    return identity not in standing.pinned, -count, since or created, created


def _matched_rivals(
    rivals: Mapping[int, Mapping[IdentityId, int]], place: Mapping[RecordId, int], standing: Standing
) -> dict[int, IdentityId]:
    """Match the clusters among which some identity falls apart."""
    since: dict[tuple[IdentityId, int], datetime] = {}
    for record, joined in standing.joined.items():
        if record in place:
            claim = (standing.current[record], place[record])
            since[claim] = min(since.get(claim, joined), joined)
    claims = sorted(
        (_strength(standing, identity, count, since.get((identity, number))), identity, number)
        for number, held in rivals.items()
        for identity, count in held.items()
    )
    return _matched((identity, number) for _, identity, number in claims)


def _revived(place: Mapping[RecordId, int], carried: Mapping[int, IdentityId], standing: Standing) -> dict[int, IdentityId]:
    """Match clusters without an id to former ids of their records; an id follows most of the records it once had, or nobody."""
    shared: Counter[tuple[IdentityId, int]] = Counter()
    age: Counter[tuple[IdentityId, int]] = Counter()
    for record, past in standing.former.items():
        if record in place:
            for rank, identity in enumerate(past):
                if standing.identities[identity].state in REVIVABLE:
                    shared[identity, place[record]] += 1
                    age[identity, place[record]] += rank
    most: Counter[IdentityId] = Counter()
    for (identity, _), count in shared.items():
        most[identity] = max(most[identity], count)
    claims = sorted(
        (-count, age[identity, number], standing.identities[identity].created_at, identity, number)
        for (identity, number), count in shared.items()
        if count == most[identity] and number not in carried
    )
    return _matched((identity, number) for *_, identity, number in claims)


def _matched(claims: Iterable[tuple[IdentityId, int]]) -> dict[int, IdentityId]:
    matched: dict[int, IdentityId] = {}
    taken: set[IdentityId] = set()
    for identity, number in claims:
        if identity not in taken and number not in matched:
            matched[number] = identity
            taken.add(identity)
    return matched


def _ends(
    place: Mapping[RecordId, int], ids: Mapping[int, IdentityId], standing: Standing
) -> tuple[dict[IdentityId, IdentityId], dict[IdentityId, tuple[IdentityId, ...]], tuple[IdentityId, ...]]:
    """Say what becomes of identities that no cluster carries on: superseded, split, or retired."""
    kept = set(ids.values())
    heirs: dict[IdentityId, set[IdentityId]] = {}
    for record, identity in standing.current.items():
        if identity not in kept:
            heirs.setdefault(identity, set()).update((ids[place[record]],) if record in place else ())
    gone = sorted(heirs)
    return (
        {identity: next(iter(heirs[identity])) for identity in gone if len(heirs[identity]) == 1},
        {identity: tuple(sorted(heirs[identity])) for identity in gone if len(heirs[identity]) > 1},
        tuple(identity for identity in gone if not heirs[identity]),
    )
