"""A mapping: how the columns of one source become canonical attributes (DESIGN §9.3).

Rules
- The source's name is a lower-case identifier, since it goes into storage, file names and reports.
- A column serves at most one attribute; an attribute may join several columns by a space; an empty value is no value.
- A record's key and values are text as the source wrote it, without surrounding white space; standardising comes later.
- A row without a key, without any value, or with a value no person has (too long) is refused, and says why without its values.
- Whatever changes how values are read (formats, kinds) is the mapping's ``treatment``: when it changes, records get new versions.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple, final

from identity.domain.attributes import EXTRA_PREFIX, Assurance, Attributes, ComparisonKind

EXTRA_NAME: Final = re.compile(EXTRA_PREFIX + r"[a-z][a-z0-9_]{0,40}")
"""How a declared extra is called inside: its name ends up in column names and sealed payloads."""
MAX_KEY: Final = 512
"""Longest record key, in characters."""
MAX_VALUE: Final = 4096
"""Longest value of an attribute, in characters."""
MAX_EXTRAS: Final = 32
"""Most extras that a request declares, and that a record has."""


class Refusal(StrEnum):
    """Why a row or record is not taken. Stable words; they go into rejects files, reports and answers."""

    NO_KEY = "no-record-key"
    KEY_TOO_LONG = "record-key-too-long"
    KEY_UNPRINTABLE = "record-key-unprintable"
    KEY_NO_TEXT = "record-key-neither-text-nor-number"
    DUPLICATE_KEY = "record-key-seen-before"
    NO_ATTRIBUTE = "no-attribute-has-a-value"
    VALUE_TOO_LONG = "value-too-long"
    UNKNOWN_ATTRIBUTE = "unknown-attribute"
    TOO_FEW_FIELDS = "too-few-fields"
    TOO_MANY_FIELDS = "too-many-fields"
    UNCLOSED_QUOTE = "quote-never-closes"
    UNDECODABLE = "bytes-not-in-the-encoding"
    NOT_JSON = "not-json"
    NOT_AN_OBJECT = "not-a-json-object"
    NESTED_VALUE = "nested-value"


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that was not taken: where it begins (line, or row in a file without lines, from 1), in which column, why. No value."""

    line: int
    column: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class FieldSource:
    """Where an attribute's value comes from: ``columns`` joined by a space; ``format`` is the one its dates are written in."""

    columns: tuple[str, ...]
    format: str | None = None


@dataclass(frozen=True, slots=True)
class FileFormat:
    """What the mapping declares about a CSV file; None is found out from the file."""

    delimiter: str | None = None
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class DeletionMark:
    """The column that says a record is deleted, and the (lower-case) values that mean it is."""

    column: str
    values: frozenset[str] = frozenset({"1", "true", "t", "yes", "y", "oui", "o", "vrai", "x", "deleted", "supprime", "supprimé"})


@dataclass(frozen=True, slots=True)
class Reading:
    """How values are read, whichever way a record comes: date formats and kinds by attribute name, and what the source vouches for."""

    formats: Mapping[str, str] = field(default_factory=dict)
    extras: Mapping[str, ComparisonKind] = field(default_factory=dict)
    assurance: Mapping[str, Assurance] = field(default_factory=dict)

    def treatment(self, standardiser: int) -> str:
        """Return a short text that differs whenever the same values would be read differently; short, for each record's MAC covers it."""
        parts = (standardiser, sorted(self.formats.items()), sorted(self.extras.items()), sorted(self.assurance.items()))
        return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """A source's mapping. ``attributes`` has canonical names and ``x_<name>`` for extras, in the order of the file."""

    source: str
    key: str
    attributes: Mapping[str, FieldSource]
    reading: Reading = field(default_factory=Reading)
    format: FileFormat = field(default_factory=FileFormat)
    deleted: DeletionMark | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the mapping reads: the key's first, none twice."""
        rest = [column for place in self.attributes.values() for column in place.columns]
        mark = [self.deleted.column] if self.deleted else []
        return tuple(dict.fromkeys([self.key, *rest, *mark]))


class MappedRow(NamedTuple):
    """A row read through its mapping. Holds personal values: never shown, never kept."""

    line: int
    key: str
    raw: Attributes
    deleted: bool = False

    def __repr__(self) -> str:
        return f"MappedRow(line={self.line!r}, deleted={self.deleted!r})"


@final
class RowMapper:
    """Reads rows whose values stand in the order of ``mapping.columns``."""

    __slots__ = ("_deleted", "_joined", "_marks", "_single", "mapping")

    def __init__(self, mapping: SourceMapping) -> None:
        self.mapping = mapping
        at = {column: position for position, column in enumerate(mapping.columns)}
        self._single = [(name, at[place.columns[0]]) for name, place in mapping.attributes.items() if len(place.columns) == 1]
        self._joined = [
            (name, [at[column] for column in place.columns]) for name, place in mapping.attributes.items() if len(place.columns) > 1
        ]
        self._deleted = at[mapping.deleted.column] if mapping.deleted else None
        self._marks = mapping.deleted.values if mapping.deleted else frozenset()

    def map(self, line: int, values: Sequence[str | None]) -> MappedRow | Rejection:
        """Return the record that a row holds, or why it holds none."""
        key = (values[0] or "").strip()
        fault = key_fault(key)
        if fault is not None:
            return Rejection(line, self.mapping.key, fault)
        deleted = self._deleted is not None and (values[self._deleted] or "").strip().lower() in self._marks
        if deleted:
            return MappedRow(line, key, {}, deleted=True)
        raw = {name: text for name, position in self._single if (value := values[position]) and (text := value.strip())}
        for name, positions in self._joined:
            if joined := " ".join([text for position in positions if (value := values[position]) and (text := value.strip())]):
                raw[name] = joined
        if not raw:
            return Rejection(line, "", Refusal.NO_ATTRIBUTE)
        if max(map(len, raw.values())) > MAX_VALUE:
            name = next(name for name, text in raw.items() if len(text) > MAX_VALUE)
            return Rejection(line, self.mapping.attributes[name].columns[0], Refusal.VALUE_TOO_LONG)
        return MappedRow(line, key, raw)


def key_fault(key: str) -> Refusal | None:
    """Return what is wrong with a record key, if anything."""
    if not key:
        return Refusal.NO_KEY
    if len(key) > MAX_KEY:
        return Refusal.KEY_TOO_LONG
    return None if key.isprintable() else Refusal.KEY_UNPRINTABLE


def attributes_fault(raw: Attributes, extras: Mapping[str, ComparisonKind], known: frozenset[str]) -> tuple[str, Refusal] | None:
    """Return what is wrong with attributes that come without a mapping (attribute, reason), if anything."""
    if not any(value.strip() for value in raw.values()):
        return "", Refusal.NO_ATTRIBUTE
    for name, value in raw.items():
        if name not in known and not (name in extras and EXTRA_NAME.fullmatch(name)):
            return "", Refusal.UNKNOWN_ATTRIBUTE
        if len(value) > MAX_VALUE:
            return name, Refusal.VALUE_TOO_LONG
    return None
