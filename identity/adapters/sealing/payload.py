"""A record's content as bytes: a schema byte, then texts one after the other, the first of which tells what the others are.

Rules
- Every attribute of every record is written and read here, so the form is made to be joined and split, not parsed:
  half the time of JSON.
- The head lists the names of raw and standard attributes, of extras and of assurances; known names are written as short codes.
- Declared date formats stand in the head, percent-encoded: a source has few, so that writing and reading them costs once, not per record.
- Codes are never reused for another name. A name without a code is written as it is (it begins with ``x_``, which no code does).
- A separator inside a text is escaped, so that any text survives.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, TypeAlias
from urllib.parse import quote, unquote

from identity.domain.attributes import Assurance, ComparisonKind
from identity.domain.source_record import RecordRef
from identity.ports.sealer import RecordContent

SCHEMA: Final = 1

_SCHEMA_BYTE: Final = bytes((SCHEMA,))
_SEPARATOR, _ESCAPE = "\x1f", "\x1b"
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

Names: TypeAlias = tuple[str, ...]


def encode_content(content: RecordContent) -> bytes:
    """Return the content as bytes; the source is not in it, since the record's address carries and binds it."""
    ref, raw, standard, _, extras, assurance, formats = content
    kept = tuple([name for name, value in standard.items() if value is not None])
    head = _head(tuple(raw), kept, tuple(extras), tuple(assurance), tuple(formats.items()))
    fields = [head, ref.key, *raw.values(), *[value for value in standard.values() if value is not None]]
    if extras or assurance:
        fields += [*extras.values(), *assurance.values()]
    text = _SEPARATOR.join(fields)
    if text.count(_SEPARATOR) >= len(fields) or _ESCAPE in text:
        text = _SEPARATOR.join([_escaped(field) for field in fields])
    return _SCHEMA_BYTE + text.encode("utf-8", "surrogatepass")


def decode_content(payload: bytes, source: str, standardiser: int) -> RecordContent:
    """Return the content that ``encode_content`` wrote.

    Raises:
        ValueError: if the payload is not of a known schema.
    """
    if payload[:1] != _SCHEMA_BYTE:
        raise ValueError("unknown payload schema")
    text = payload[1:].decode("utf-8", "surrogatepass")
    fields = text.split(_SEPARATOR)
    if _ESCAPE in text:
        fields = [_unescaped(field) for field in fields]
    raw, standard, extras, assurance, formats = _read_head(fields[0])
    if len(fields) != 2 + len(raw) + len(standard) + len(extras) + len(assurance):
        raise ValueError("payload of the wrong length")
    ref = RecordRef(source, fields[1])
    middle = 2 + len(raw)
    given, derived = dict(zip(raw, fields[2:middle], strict=True)), dict(zip(standard, fields[middle:], strict=False))
    if not extras and not assurance:
        return RecordContent(ref, given, derived, standardiser, formats=formats)
    middle += len(standard)
    kinds = {name: ComparisonKind(kind) for name, kind in zip(extras, fields[middle:], strict=False)}
    vouched = {name: Assurance(value) for name, value in zip(assurance, fields[middle + len(extras) :], strict=True)}
    return RecordContent(ref, given, derived, standardiser, kinds, vouched, formats)


@lru_cache(maxsize=4096)
def _head(raw: Names, standard: Names, extras: Names, assurance: Names, formats: tuple[tuple[str, str], ...]) -> str:
    """Return the head for these names and formats; a source's records have few different ones."""
    written = [f"{_CODES.get(name, name)}={quote(form, safe='/ :', errors='surrogatepass')}" for name, form in formats]
    lists = [[_CODES.get(name, name) for name in names] for names in (raw, standard, extras, assurance)]
    return ";".join(",".join(part) for part in (*lists, written))


@lru_cache(maxsize=4096)
def _read_head(head: str) -> tuple[Names, Names, Names, Names, Mapping[str, str]]:
    *lists, written = ([part for part in listed.split(",") if part] for listed in head.split(";"))
    raw, standard, extras, assurance = (tuple(_NAMES.get(code, code) for code in codes) for codes in lists)
    pairs = (part.partition("=") for part in written)
    return raw, standard, extras, assurance, {_NAMES.get(code, code): unquote(form, errors="surrogatepass") for code, _, form in pairs}


def _escaped(field: str) -> str:
    return field.replace(_ESCAPE, _ESCAPE + "e").replace(_SEPARATOR, _ESCAPE + "s")


def _unescaped(field: str) -> str:
    return field.replace(_ESCAPE + "s", _SEPARATOR).replace(_ESCAPE + "e", _ESCAPE)
