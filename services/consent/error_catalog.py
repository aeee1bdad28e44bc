"""How the consent context's errors are told to callers: for each reason a code, a public sentence and the facts that may go out.

A test proves that this catalogue, ``Reason`` and ``error_reason.proto`` are the same set.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from grpc import StatusCode

from consent.domain.catalogue import CatalogueError
from consent.domain.errors import ConsentError, Reason
from services.consent.catalogue_fields import field_of_line
from services.rpc.errors import ErrorSpec, Failure, FieldViolation

DOMAIN = "consent.entente"

_ON_THE_WIRE: Final = {"expressed_at": "express_time", "concerns": "concerns_event_id"}
"""Fields of an expression that the wire names otherwise."""


def _spec(code: StatusCode, sentence: str, *keys: str, retry_after: float | None = None) -> ErrorSpec:
    return ErrorSpec(code, sentence, frozenset(keys), retry_after)


CATALOG: Mapping[Reason, ErrorSpec] = {
    Reason.INVALID_EVENT: _spec(StatusCode.INVALID_ARGUMENT, "An expression cannot be recorded.", "item", "field"),
    Reason.INVALID_CATALOGUE: _spec(StatusCode.INVALID_ARGUMENT, "The purpose or notice cannot be published.", "faults"),
    Reason.INVALID_REVISION: _spec(StatusCode.INVALID_ARGUMENT, "The revision token is not one this service gave."),
    Reason.INVALID_PAGE_TOKEN: _spec(StatusCode.INVALID_ARGUMENT, "The page token is not one this service gave."),
    Reason.TOO_MANY_ITEMS: _spec(StatusCode.INVALID_ARGUMENT, "The request holds no item, or too many.", "given", "most"),
    Reason.PURPOSE_NOT_FOUND: _spec(StatusCode.INVALID_ARGUMENT, "Nobody published such a purpose.", "item"),
    Reason.NOTICE_NOT_FOUND: _spec(StatusCode.NOT_FOUND, "No such notice.", "notice"),
    Reason.VERSION_IS_PUBLISHED: _spec(
        StatusCode.FAILED_PRECONDITION, "The version was published with another content; publish a newer one.", "name", "version"
    ),
    Reason.REVISION_NOT_REACHED: _spec(StatusCode.UNAVAILABLE, "The revision asked for is not there yet.", retry_after=0.2),
    Reason.READER_TOO_SLOW: _spec(StatusCode.ABORTED, "The reader is too slow; resume from the last revision read."),
    Reason.REQUEST_ID_REUSED: _spec(StatusCode.INVALID_ARGUMENT, "The request id was used before with another body."),
    Reason.EVENT_ALTERED: _spec(StatusCode.INTERNAL, "A stored event is not as it was written."),
    Reason.EVENT_NOT_FOUND: _spec(StatusCode.NOT_FOUND, "No such event."),
    Reason.RECEIPT_INVALID: _spec(StatusCode.INVALID_ARGUMENT, "The receipt does not verify."),
    Reason.DIRECTORY_UNAVAILABLE: _spec(StatusCode.UNAVAILABLE, "Who belongs together cannot be had.", retry_after=1.0),
    Reason.STORE_UNAVAILABLE: _spec(StatusCode.UNAVAILABLE, "The database cannot be reached, or is too busy.", retry_after=1.0),
}


class ConsentCatalog:
    """Tells the consent context's errors."""

    def describe(self, error: Exception) -> Failure | None:
        """Return how to tell ``error``, or None if it is not a ``ConsentError``."""
        if not isinstance(error, ConsentError):
            return None
        return Failure(DOMAIN, error.reason.value, CATALOG[error.reason], error.facts, _violations(error))


def _violations(error: ConsentError) -> tuple[FieldViolation, ...]:
    """Return the fields concerned, by their paths in the request."""
    if isinstance(error, CatalogueError):
        return tuple(FieldViolation(field_of_line(error.filename, fault.line), fault.message) for fault in error.faults)
    item, field = error.facts.get("item"), str(error.facts.get("field", ""))
    if error.reason is Reason.PURPOSE_NOT_FOUND and item is not None:
        return (FieldViolation(f"expressions[{item}].purpose", "names a published purpose"),)
    if error.reason is Reason.INVALID_EVENT and item is not None:
        return (FieldViolation(f"expressions[{item}].{_ON_THE_WIRE.get(field, field)}", "cannot be recorded so"),)
    return ()
