"""The form that receipts have, as a JSON Schema (draft 2020-12) that ships with Entente: ``receipt.schema.json``."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from consent.domain.errors import ConsentError, Reason

if TYPE_CHECKING:  # a tenth of a second, for those who verify
    from jsonschema.protocols import Validator


def check_profile(receipt: object) -> None:
    """Make sure that a receipt has the form.

    Raises:
        ConsentError: ``RECEIPT_INVALID`` with ``fault`` ``profile`` and ``at``, the JSON Pointer (RFC 6901) of the first thing amiss.
    """
    fault = min(_validator().iter_errors(cast("Any", receipt)), key=lambda error: [str(step) for step in error.absolute_path], default=None)
    if fault is not None:
        pointer = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in fault.absolute_path)
        raise ConsentError(Reason.RECEIPT_INVALID, fault="profile", at=pointer or "/")


def schema() -> dict[str, Any]:
    """Return the JSON Schema."""
    parsed: dict[str, Any] = json.loads(files("consent.adapters.receipts").joinpath("receipt.schema.json").read_bytes())
    return parsed


@cache
def _validator() -> Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - see above

    return Draft202012Validator(schema())
