"""What the purpose gate lets a use learn, asked for many identities at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from identity.domain.source_record import IdentityId
from identity.ports.purpose_gate import PurposeGate, Release, Use
from identity.ports.transactor import Transaction
from identity.usecases.subjects import SubjectReader


@dataclass(frozen=True, slots=True)
class Released:
    """The identities that may be told, and the warnings that go out with whatever is told of them."""

    permitted: frozenset[IdentityId]
    warnings: tuple[str, ...]


class Releasing:
    """Asks the gate, with what it needs to know of the subjects as the caller's transaction sees them."""

    def __init__(self, *, gate: PurposeGate, subjects: SubjectReader) -> None:
        self._gate = gate
        self._subjects = subjects

    def warnings_for(self, use: Use) -> tuple[str, ...]:
        """Return what the gate says with every answer to a use."""
        return self._gate.warnings_for(use)

    async def answers(self, tx: Transaction, use: Use, identities: Iterable[IdentityId]) -> dict[IdentityId, Release]:
        """Ask the gate for each identity once; what it raises, if it cannot answer, passes through."""
        asked = sorted(set(identities))
        subjects = await self._subjects.of_identities(tx, asked)
        return dict(zip(asked, await self._gate.may_release(use, [subjects[identity] for identity in asked]), strict=True))

    async def released(self, tx: Transaction, use: Use, identities: Iterable[IdentityId]) -> Released:
        """Return what may be told of the identities."""
        answers = await self.answers(tx, use, identities)
        permitted = frozenset(identity for identity, release in answers.items() if release.permitted)
        own = (warning for identity in sorted(permitted) for warning in answers[identity].warnings)
        return Released(permitted, tuple(dict.fromkeys((*self.warnings_for(use), *own))))
