"""What the purpose gate lets a use learn, asked for many identities at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from identity.domain.source_record import IdentityId
from identity.ports.purpose_gate import PurposeGate, Use


@dataclass(frozen=True, slots=True)
class Released:
    """The identities that may be told, and the warnings that go out with whatever is told of them."""

    permitted: frozenset[IdentityId]
    warnings: tuple[str, ...]


async def released(gate: PurposeGate, use: Use, identities: Iterable[IdentityId]) -> Released:
    """Ask the gate for each identity once."""
    asked = sorted(set(identities))
    answers = dict(zip(asked, await gate.may_release(use, asked), strict=True))
    permitted = frozenset(identity for identity, release in answers.items() if release.permitted)
    own = (warning for identity in sorted(permitted) for warning in answers[identity].warnings)
    return Released(permitted, tuple(dict.fromkeys((*gate.warnings, *own))))
