"""Answer queries within a transaction: find, ask the gate, grade, and tell in the recipient's own pseudonyms.

Rules
- What the gate withholds is taken out before grading: the answer is the one that somebody unknown would get.
- A quarantined identity counts in grading, and nothing of it is told (``identity.domain.resolution``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from identity.domain.errors import IdentityError, Reason
from identity.domain.model.explanation import contributions, probability
from identity.domain.model.model import Model
from identity.domain.personal import Access
from identity.domain.resolution import Fit, ResolveGrade, grade
from identity.domain.source_record import IdentityId
from identity.domain.standardise import STANDARDISER, Standardiser
from identity.ports.model_source import ModelSource
from identity.ports.purpose_gate import Release, Use
from identity.ports.sealer import Sealer
from identity.ports.transactor import Transaction
from identity.usecases.answer import Candidate, MatchReason, Resolution, ResolveIdentity
from identity.usecases.releasing import Releasing
from identity.usecases.searching import Found, Search

_REFUSED = Release(permitted=False, ground="")


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the gate says of each identity, and which are quarantined."""

    releases: Mapping[tuple[Use, IdentityId], Release]
    quarantined: frozenset[IdentityId]

    def permitted(self, use: Use, identity: IdentityId) -> bool:
        return self.releases.get((use, identity), _REFUSED).permitted


class Answering:
    """Answers queries, in order. One transaction sees one model, one set of identities, one state of the gate."""

    def __init__(
        self, *, models: ModelSource, sealer: Sealer, releasing: Releasing, access: Access, standardiser: Standardiser = STANDARDISER
    ) -> None:
        self._models = models
        self._sealer = sealer
        self._releasing = releasing
        self._access = access
        self._search = Search(sealer=sealer, access=access, standardiser=standardiser)

    async def within(self, tx: Transaction, queries: Sequence[ResolveIdentity]) -> list[Resolution]:
        """Answer the queries.

        Raises:
            IdentityError: ``INVALID_ATTRIBUTES`` if a query gives both attributes and a record, or neither.
        """
        model = await self._models.active(tx)
        found = await self._find(tx, model, queries)
        standing = await self._standing(tx, queries, found)
        return [self._answer(model, query.use, one, standing) for query, one in zip(queries, found, strict=True)]

    async def _find(self, tx: Transaction, model: Model, queries: Sequence[ResolveIdentity]) -> list[Found]:
        if any((query.attributes is None) == (query.record is None) for query in queries):
            raise IdentityError(Reason.INVALID_ATTRIBUTES, why="either attributes or a record")
        addresses = [self._sealer.address(query.record) for query in queries if query.record is not None]
        attributes = [query.attributes.reveal(self._access) for query in queries if query.attributes is not None]
        by_address = iter(await self._search.by_address(tx, addresses))
        by_attributes = iter(await self._search.by_attributes(tx, model, attributes))
        return [next(by_attributes if query.record is None else by_address) for query in queries]

    async def _standing(self, tx: Transaction, queries: Sequence[ResolveIdentity], found: Sequence[Found]) -> _Standing:
        asked: dict[Use, set[IdentityId]] = {}
        for query, one in zip(queries, found, strict=True):
            asked.setdefault(query.use, set()).update(one.identities)
        releases: dict[tuple[Use, IdentityId], Release] = {}
        for use, identities in asked.items():
            answers = await self._releasing.answers(tx, use, identities)
            releases.update(((use, identity), release) for identity, release in answers.items())
        concerned = {identity for identities in asked.values() for identity in identities}
        known = await tx.identities.read(concerned) if concerned else {}
        return _Standing(releases, frozenset(identity for identity in concerned if identity not in known or known[identity].quarantined))

    def _answer(self, model: Model, use: Use, found: Found, standing: _Standing) -> Resolution:
        truncated = ("truncated",) if found.truncated else ()
        nobody = Resolution(ResolveGrade.NONE, None, (), model.digest, found.truncated, truncated, self._releasing.warnings_for(use))
        if found.known is not None:
            return self._known(use, found.known, standing, nobody)
        fits = [
            replace(fit, quarantined=fit.identity in standing.quarantined) for fit in found.fits if standing.permitted(use, fit.identity)
        ]
        graded = grade(fits, model.bundle.thresholds)
        told = tuple(self._candidate(model, use, fit) for fit in graded.fits)
        ambiguous = graded.grade is ResolveGrade.AMBIGUOUS
        return replace(
            nobody,
            grade=graded.grade,
            identity=told[0] if told and not ambiguous else None,
            candidates=told if ambiguous else (),
            notes=(*truncated, *(("quarantined",) if graded.quarantined else ())),
            warnings=tuple(dict.fromkeys((*nobody.warnings, *_warnings(use, graded.fits, standing)))),
        )

    def _known(self, use: Use, identity: IdentityId, standing: _Standing, nobody: Resolution) -> Resolution:
        """Answer for a record's own identity."""
        if not standing.permitted(use, identity):
            return nobody
        if identity in standing.quarantined:
            return replace(nobody, grade=ResolveGrade.POSSIBLE, notes=("quarantined",))
        meant = Candidate(identity, self._sealer.pseudonym(use.recipient, identity), 0.0, 0.0, 1.0)
        warnings = tuple(dict.fromkeys((*nobody.warnings, *standing.releases[use, identity].warnings)))
        return replace(nobody, grade=ResolveGrade.CERTAIN, identity=meant, warnings=warnings)

    def _candidate(self, model: Model, use: Use, fit: Fit) -> Candidate:
        return Candidate(
            identity_id=fit.identity,
            pseudonym=self._sealer.pseudonym(use.recipient, fit.identity),
            match_weight=fit.score.match_weight,
            decision_weight=fit.decision_weight,
            match_probability=probability(fit.decision_weight),
            reasons=tuple(MatchReason(*contribution) for contribution in contributions(model, fit.score)),
        )


def _warnings(use: Use, fits: Sequence[Fit], standing: _Standing) -> Iterator[str]:
    return (warning for fit in fits for warning in standing.releases[use, fit.identity].warnings)
