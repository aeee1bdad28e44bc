"""Purpose and notice versions as canonical JSON (RFC 8785), and back, strictly.

Rules
- Encoding is a function of the value: equal versions give equal bytes, so that their SHA-256 names them.
- The bytes say what they are (``is``) and in which form (``format``): a purpose never passes for a notice.
- A notice's digest is that of its canonical form, which does not contain it: what people were shown can be proved with the text alone.
- Decoding refuses what it does not know: a field too many or too few, another format, bytes that are not canonical.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

import rfc8785

from consent.domain.errors import ConsentError, Reason
from consent.domain.purpose import LegalBasis, Minors, Notice, Purpose, Wording

T = TypeVar("T")

_FORMAT: Final = 1


def digest(document: bytes) -> bytes:
    """Return the name of a version: the SHA-256 of its canonical JSON (32 bytes)."""
    return hashlib.sha256(document).digest()


def purpose_to_json(purpose: Purpose) -> bytes:
    """Return the canonical JSON of a purpose version.

    Raises:
        ConsentError: ``INVALID_CATALOGUE`` if it holds what JSON cannot (a lone surrogate, a number past 2^53).
    """
    return _canonical(
        {
            "is": "purpose",
            "format": _FORMAT,
            "purpose_id": purpose.purpose_id,
            "version": purpose.version,
            "basis": purpose.basis.value,
            "title": dict(purpose.title.texts),
            "description": dict(purpose.description.texts),
            "attributes": sorted(purpose.attributes),
            "recipients": sorted(purpose.recipients),
            "channels": sorted(purpose.channels),
            "retention": purpose.retention,
            "law": purpose.law,
            "notice": purpose.notice,
            "compatible": purpose.compatible,
            "valid_days": purpose.valid_days,
            "minors": purpose.minors.value,
            "prospecting": purpose.prospecting,
            "signal": purpose.signal,
            "obligations": list(purpose.obligations),
            "soft_opt_in": purpose.soft_opt_in,
        }
    )


def purpose_from_json(document: bytes) -> Purpose:
    """Return the purpose version that ``document`` is the canonical JSON of.

    Raises:
        ConsentError: ``INVALID_CATALOGUE``.
    """
    return _read(document, "purpose", _purpose, purpose_to_json)


def notice_to_json(notice: Notice) -> bytes:
    """Return the canonical JSON of a notice version, without its digest; raises as ``purpose_to_json``."""
    return _canonical(
        {
            "is": "notice",
            "format": _FORMAT,
            "notice_id": notice.notice_id,
            "version": notice.version,
            "text": dict(notice.text.texts),
            "compatible": notice.compatible,
        }
    )


def notice_from_json(document: bytes) -> Notice:
    """Return the notice version that ``document`` is the canonical JSON of, with its digest.

    Raises:
        ConsentError: ``INVALID_CATALOGUE``.
    """
    return replace(_read(document, "notice", _notice, notice_to_json), digest=digest(document))


def _purpose(said: Mapping[str, Any]) -> Purpose:
    return Purpose(
        purpose_id=said["purpose_id"],
        version=said["version"],
        basis=LegalBasis(said["basis"]),
        title=Wording(said["title"]),
        description=Wording(said["description"]),
        attributes=frozenset(said["attributes"]),
        recipients=frozenset(said["recipients"]),
        channels=frozenset(said["channels"]),
        retention=said["retention"],
        law=said["law"],
        notice=said["notice"],
        compatible=said["compatible"],
        valid_days=said["valid_days"],
        minors=Minors(said["minors"]),
        prospecting=said["prospecting"],
        signal=said["signal"],
        obligations=tuple(said["obligations"]),
        soft_opt_in=said["soft_opt_in"],
    )


def _notice(said: Mapping[str, Any]) -> Notice:
    return Notice(notice_id=said["notice_id"], version=said["version"], text=Wording(said["text"]), compatible=said["compatible"])


def _canonical(content: dict[str, Any]) -> bytes:
    try:
        return rfc8785.dumps(content)
    except (rfc8785.CanonicalizationError, UnicodeError):
        raise ConsentError(Reason.INVALID_CATALOGUE, fault="not encodable") from None


def _read(document: bytes, kind: str, make: Callable[[Mapping[str, Any]], T], encode: Callable[[T], bytes]) -> T:
    try:
        said = json.loads(document)
        if said["is"] == kind and said["format"] == _FORMAT and encode(made := make(said)) == document:
            return made
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    raise ConsentError(Reason.INVALID_CATALOGUE, fault=f"not a {kind} of a known format")
