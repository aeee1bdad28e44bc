"""From wire answers to plain values, for processes that know nothing of protobuf."""

from __future__ import annotations

from dataclasses import dataclass

from entente.identity.v1 import comparison_pb2
from entente.identity.v1 import resolution_service_pb2 as pb

from identity.usecases.answer import MatchReason


@dataclass(frozen=True, slots=True)
class ToldResolution:
    """What a caller was told: a grade by name (``certain``, ``none`` …), its own pseudonym, weights and reasons."""

    grade: str
    pseudonym: str
    match_weight: float
    decision_weight: float
    match_probability: float
    reasons: tuple[MatchReason, ...]
    candidates: int
    warnings: tuple[str, ...]


def read_resolution(response: pb.ResolveIdentityResponse) -> ToldResolution:
    """Read the answer to ``ResolveIdentity``."""
    told = response.resolution
    return ToldResolution(
        grade=comparison_pb2.Grade.Name(told.grade).removeprefix("GRADE_").lower(),
        pseudonym=told.pseudonym,
        match_weight=told.match_weight,
        decision_weight=told.decision_weight,
        match_probability=told.match_probability,
        reasons=tuple(MatchReason(reason.comparison, reason.level, reason.weight) for reason in told.reasons),
        candidates=len(told.candidates),
        warnings=tuple(response.warnings),
    )


@dataclass(frozen=True, slots=True)
class ToldAttribute:
    """One attribute of a profile: whether it may be used, why, and if so its value and the source it comes from."""

    name: str
    permitted: bool
    reason: str
    value: str
    source: str


def read_profile(response: pb.GetProfileResponse) -> tuple[ToldAttribute, ...]:
    """Read the answer to ``GetProfile``."""
    return tuple(
        ToldAttribute(one.name, one.ruling.permitted, one.ruling.reason_code, one.value, one.source) for one in response.attributes
    )
