"""From wire answers to plain values, for processes that know nothing of protobuf."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from entente.consent.v1 import decision_pb2
from entente.consent.v1 import decision_service_pb2 as pb


@dataclass(frozen=True, slots=True)
class ToldDecision:
    """What a caller was told: the outcome by name (``permit``, ``partial``, ``deny``), why, and the same in words, by language."""

    outcome: str
    reason: str
    explanation: Mapping[str, str]


def read_decision(response: pb.DecideResponse) -> ToldDecision:
    """Read the answer to ``Decide``."""
    told = response.decision
    return ToldDecision(
        outcome=decision_pb2.Outcome.Name(told.outcome).removeprefix("OUTCOME_").lower(),
        reason=decision_pb2.ReasonCode.Name(told.use.reason_code).removeprefix("REASON_CODE_"),
        explanation=dict(told.explanation),
    )
