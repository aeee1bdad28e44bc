"""The history of an identity: every id ever issued answers, as of any time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from identity.domain.errors import IdentityError, Reason
from identity.domain.source_record import IdentityId
from identity.domain.unified_identity import Assignment, IdentityEvent, IdentityState, UnifiedIdentity
from identity.ports.purpose_gate import Use
from identity.ports.transactor import Transaction, Transactor
from identity.usecases.releasing import Releasing


@dataclass(frozen=True, slots=True)
class GetIdentityHistory:
    """What happened to this id, up to ``as_of`` (None: now)?"""

    use: Use
    identity_id: IdentityId
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class IdentityHistoryAnswer:
    """The identity as it stood, its assignments and events up to then (oldest first), and the current ids that answer for it today:
    itself, its survivor, its parts, or none if it was retired. ``warnings`` are the purpose gate's.
    """

    identity: UnifiedIdentity
    assignments: tuple[Assignment, ...]
    events: tuple[IdentityEvent, ...]
    answered_by: tuple[IdentityId, ...]
    warnings: tuple[str, ...] = ()


class HistoryReader:
    """Reads histories, for whoever may learn of every identity that occurs in them. Quarantined ones are told: this is how a steward
    looks at them.
    """

    def __init__(self, *, transactor: Transactor, releasing: Releasing) -> None:
        self._transactor = transactor
        self._releasing = releasing

    async def __call__(self, command: GetIdentityHistory) -> IdentityHistoryAnswer:
        """Return what is known of an identity as of a time.

        Raises:
            IdentityError: ``IDENTITY_NOT_FOUND`` if the id was never issued, or not yet, or the gate withholds it or an identity that
                its history names (they look alike).
        """

        async def read(tx: Transaction) -> IdentityHistoryAnswer:
            answer = await self._read(tx, command)
            named = _named(answer)
            release = await self._releasing.released(tx, command.use, named)
            if not named <= release.permitted:
                raise _not_found(command)
            return replace(answer, warnings=release.warnings)

        return await self._transactor.run(read, read_only=True)

    async def _read(self, tx: Transaction, command: GetIdentityHistory) -> IdentityHistoryAnswer:
        known = await tx.identities.history(command.identity_id)
        as_of = command.as_of
        if known is None or (as_of is not None and known.identity.created_at > as_of):
            raise _not_found(command)
        answered_by = await answering(tx, command.identity_id)
        if as_of is None:
            return IdentityHistoryAnswer(known.identity, known.assignments, known.events, answered_by)
        events = tuple(event for event in known.events if event.at <= as_of)
        return IdentityHistoryAnswer(_as_it_stood(known.identity, events), _known_by(as_of, known.assignments), events, answered_by)


async def answering(tx: Transaction, identity_id: IdentityId) -> tuple[IdentityId, ...]:
    """Return the current identities that answer for an id: redirects followed to their ends, each once, in order of id.

    Redirects lead to ids that were current when they were written, so following them comes to an end.
    """
    ends: set[IdentityId] = set()
    seen: set[IdentityId] = set()
    frontier = {identity_id}
    while frontier:
        seen |= frontier
        found = await tx.identities.read(frontier)
        ends |= {identity.identity_id for identity in found.values() if identity.state is IdentityState.CURRENT}
        onward = {target for identity in found.values() for target in (*identity.split_into, identity.superseded_by) if target is not None}
        frontier = onward - seen
    return tuple(sorted(ends))


def _not_found(command: GetIdentityHistory) -> IdentityError:
    return IdentityError(Reason.IDENTITY_NOT_FOUND, identity_id=str(command.identity_id))


def _named(answer: IdentityHistoryAnswer) -> set[IdentityId]:
    """Return every identity that occurs in an answer."""
    identity = answer.identity
    others = chain(identity.split_into, answer.answered_by, *(event.others for event in answer.events))
    return {identity.identity_id, *others} | ({identity.superseded_by} if identity.superseded_by is not None else set())


def _known_by(as_of: datetime, assignments: Sequence[Assignment]) -> tuple[Assignment, ...]:
    begun = (life for life in assignments if life.valid_from <= as_of)
    return tuple(
        replace(life, valid_to=None, end_cause=None) if life.valid_to is not None and life.valid_to > as_of else life for life in begun
    )


def _as_it_stood(identity: UnifiedIdentity, events: Sequence[IdentityEvent]) -> UnifiedIdentity:
    """Replay the events that had happened by then."""
    stood = UnifiedIdentity(identity.identity_id, IdentityState.CURRENT, identity.created_at)
    for event in events:
        if event.kind in ("quarantined", "released"):
            stood = replace(stood, quarantined=event.kind == "quarantined")
        elif event.kind in ("superseded", "split", "retired", "revived"):
            stood = replace(
                stood,
                state=IdentityState.CURRENT if event.kind == "revived" else IdentityState(event.kind),
                superseded_by=event.others[0] if event.kind == "superseded" else None,
                split_into=event.others if event.kind == "split" else (),
            )
    return stood
