"""A record's content as bytes: compact JSON whose known names are written as short codes.

Rules
- The first element is the payload's schema; a reader refuses one it does not know.
- Codes are never reused for another name. A name without a code is written as it is (it holds an underscore, a code does not).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from identity.domain.attributes import Assurance, ComparisonKind
from identity.domain.source_record import RecordRef
from identity.ports.sealer import RecordContent

SCHEMA: Final = 1

_CODES: Final = {
    name: f"{index:x}"
    for index, name in enumerate(
        (
            "title", "given_name", "family_name", "birth_name", "full_name", "sex", "birth_date", "birth_place", "email", "phone",
            "address_line", "postal_code", "city", "address", "country", "national_id", "loyalty_id",
            "given_root", "surnames", "family_sound", "given_sound", "email_canonical", "address_number", "address_street",
        )
    )  # the order is the schema: append only
}  # fmt: skip
_NAMES: Final = {code: name for name, code in _CODES.items()}

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def encode_content(content: RecordContent) -> bytes:
    """Return the content as bytes; the source is not in it, since the record's address carries and binds it."""
    code = _CODES.get
    document: list[Any] = [
        SCHEMA,
        content.ref.key,
        {code(name, name): value for name, value in content.raw.items()},
        {code(name, name): value for name, value in content.standard.items() if value is not None},
    ]
    if content.extras or content.assurance:
        document += [dict(content.extras), {code(name, name): value for name, value in content.assurance.items()}]
    return _encode(document).encode("utf-8", "surrogatepass")


def decode_content(payload: bytes, source: str, standardiser: int) -> RecordContent:
    """Return the content that ``encode_content`` wrote.

    Raises:
        ValueError: if the payload is not of a known schema.
    """
    document = json.loads(payload.decode("utf-8", "surrogatepass"))
    if not isinstance(document, list) or len(document) < 4 or document[0] != SCHEMA:  # noqa: PLR2004 - schema, key, raw, standard
        raise ValueError("unknown payload schema")
    raw, standard = _named(document[2]), _named(document[3])
    ref = RecordRef(source, document[1])
    if len(document) == 4:  # noqa: PLR2004 - without kinds and assurance
        return RecordContent(ref, raw, standard, standardiser)
    extras = {name: ComparisonKind(kind) for name, kind in document[4].items()}
    assurance = {name: Assurance(value) for name, value in _named(document[5]).items()}
    return RecordContent(ref, raw, standard, standardiser, extras, assurance)


def _named(values: Mapping[str, str]) -> dict[str, str]:
    name = _NAMES.get
    return {name(code, code): value for code, value in values.items()}
