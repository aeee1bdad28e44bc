"""How the identity context's errors are told to callers: for each reason a code, a public sentence and the facts that may go out.

A test proves that this catalogue, ``Reason`` and ``error_reason.proto`` are the same set.
"""

from __future__ import annotations

from collections.abc import Mapping

from grpc import StatusCode

from identity.domain.errors import IdentityError, Reason
from services.rpc.errors import ErrorSpec, Failure

DOMAIN = "identity.entente"


def _spec(code: StatusCode, sentence: str, *keys: str, retry_after: float | None = None) -> ErrorSpec:
    return ErrorSpec(code, sentence, frozenset(keys), retry_after)


CATALOG: Mapping[Reason, ErrorSpec] = {
    Reason.INVALID_ATTRIBUTES: _spec(StatusCode.INVALID_ARGUMENT, "An attribute cannot be taken in.", "attribute"),
    Reason.INVALID_MAPPING: _spec(StatusCode.INVALID_ARGUMENT, "The mapping cannot be used.", "line"),
    Reason.INVALID_PAGE_TOKEN: _spec(StatusCode.INVALID_ARGUMENT, "The page token is not one this service gave."),
    Reason.TOO_MANY_ITEMS: _spec(StatusCode.INVALID_ARGUMENT, "The request holds too many items.", "limit", "given"),
    Reason.RECORD_NOT_FOUND: _spec(StatusCode.NOT_FOUND, "No such record."),
    Reason.IDENTITY_NOT_FOUND: _spec(StatusCode.NOT_FOUND, "No such identity."),
    Reason.IDENTITY_NOT_CURRENT: _spec(
        StatusCode.FAILED_PRECONDITION, "The identity no longer stands for itself; its history says what does.", "identity_id"
    ),
    Reason.SPLIT_NOT_APPLICABLE: _spec(
        StatusCode.FAILED_PRECONDITION, "The records are not all in the identity, or they are all of it.", "records", "members"
    ),
    Reason.JUDGEMENT_CONTRADICTS: _spec(
        StatusCode.FAILED_PRECONDITION, "Earlier judgements imply the opposite.", "left_record_id", "right_record_id"
    ),
    Reason.JUDGEMENT_ON_ITSELF: _spec(StatusCode.INVALID_ARGUMENT, "Both sides of the pair are one record.", "record_id"),
    Reason.BUNDLE_INVALID: _spec(StatusCode.INTERNAL, "The model bundle does not verify.", "digest"),
    Reason.BUNDLE_NOT_FOUND: _spec(StatusCode.NOT_FOUND, "No such model bundle.", "digest"),
    Reason.MODEL_NOT_TRAINED: _spec(StatusCode.FAILED_PRECONDITION, "The model has parts that no data trained.", "comparison", "level"),
    Reason.NOT_ENOUGH_DATA: _spec(StatusCode.FAILED_PRECONDITION, "There is too little to learn from.", "records", "needed"),
    Reason.CHURN_OVER_BUDGET: _spec(
        StatusCode.FAILED_PRECONDITION, "The change would disturb too many identities.", "disturbed", "established", "moved", "budget"
    ),
    Reason.REQUEST_ID_REUSED: _spec(StatusCode.INVALID_ARGUMENT, "The request id was used before with another body."),
    Reason.SEAL_BROKEN: _spec(StatusCode.INTERNAL, "A sealed record does not open."),
    Reason.KEY_RING_UNUSABLE: _spec(StatusCode.UNAVAILABLE, "The keys cannot be had.", retry_after=5.0),
    Reason.STORE_UNAVAILABLE: _spec(StatusCode.UNAVAILABLE, "The database cannot be reached, or is too busy.", retry_after=1.0),
    Reason.LINKER_FAILED: _spec(StatusCode.INTERNAL, "The linkage worker failed."),
}


class IdentityCatalog:
    """Tells the identity context's errors."""

    def describe(self, error: Exception) -> Failure | None:
        """Return how to tell ``error``, or None if it is not an ``IdentityError``."""
        if not isinstance(error, IdentityError):
            return None
        return Failure(DOMAIN, error.reason.value, CATALOG[error.reason], error.facts)
