"""Files of consents: a CSV with a header, one expression a row.

    source,key,purpose,event,channel,recipient,at,assurance,method,notice_version,language,evidence,valid_until
    crm,42,offers-email,given,email,,2025-11-03T10:12:00+01:00,contact,form,1,fr,form:2025/118,
    crm,42,,,,,2026-01-05,,,,,gpc:1,

Rules
- ``source``, ``key`` and ``event`` are columns that every file has; ``actor`` is known too; a column that is not known is refused, since a
  misspelt ``channel`` would widen a permission.
- Commas, semicolons, tabs or bars; UTF-8, or else Windows-1252, which is told.
- ``evidence`` may begin with what it is: ``tcf:`` and ``gpp:`` before a consent string, ``gpc:1`` for a browser's signal, which needs no
  event and no purpose. It says how the row was expressed where ``method`` does not.
- What is wrong is told by line and column; a value reaches neither a message nor the list of rejects.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from pathlib import Path
from typing import Final, TextIO, TypeVar

from consent.domain.anchor import Anchor
from consent.domain.event import DENIALS, Actor, Assurance, EventKind, Method
from consent.usecases.import_consents import ImportRow, RowRefused
from consent.usecases.record_consent import Expression
from services.consent.parsing import LONGEST_KEY, NameAnchor, is_source, is_word

T = TypeVar("T")

REQUIRED: Final = ("source", "key", "event")
COLUMNS: Final = (
    "source", "key", "purpose", "event", "channel", "recipient", "at", "assurance", "method", "notice_version", "language", "evidence",
    "valid_until", "actor",
)  # fmt: skip
LONGEST_EVIDENCE: Final = 4096
"""Characters; a consent string that names every vendor of the TCF has about a thousand."""
EVENTS: Final = {kind.value: kind for kind in EventKind if kind is not EventKind.ERASED}
ASSURANCES: Final = {one.name.lower(): one for one in Assurance}
METHODS: Final = {one.value: one for one in Method}
ACTORS: Final = {one.value: one for one in Actor}
_DELIMITERS: Final = ",;\t|"
_BLOCK: Final = 1 << 20
_SIGNAL: Final = "gpc:1"


class FileFault(Enum):
    """Why a file cannot be read, or its rejects not be listed."""

    UNREADABLE = auto()
    UNWRITABLE = auto()
    COLUMN_MISSING = auto()
    COLUMN_UNKNOWN = auto()
    COLUMN_TWICE = auto()
    NOT_CSV = auto()


class ConsentFileError(Exception):
    """A file cannot be read at all. ``facts`` (``why``, ``columns``, ``place``, ``line``) never hold a value of the file."""

    def __init__(self, fault: FileFault, **facts: str | int) -> None:
        self.fault = fault
        self.facts = facts
        super().__init__(fault.name, facts)


@dataclass(frozen=True, slots=True)
class ConsentFile:
    """A file that can be read. ``size`` in bytes."""

    path: Path
    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    size: int


def open_consents(path: Path) -> ConsentFile:
    """Look at a file: its encoding, delimiter and header.

    Raises:
        ConsentFileError: if it cannot be read, or its header is none.
    """
    try:
        encoding = _encoding(path)
        with path.open(encoding=encoding, newline="") as file:
            header = file.readline(_BLOCK)
        size = path.stat().st_size
    except OSError as error:
        raise ConsentFileError(FileFault.UNREADABLE, why=os.strerror(error.errno or 0)) from None
    delimiter = max(_DELIMITERS, key=lambda sign: len(set(_names(header, sign)) & set(COLUMNS)))
    columns = _names(header, delimiter)
    if missing := [name for name in REQUIRED if name not in columns]:
        raise ConsentFileError(FileFault.COLUMN_MISSING, columns=", ".join(missing))
    for place, name in enumerate(columns, 1):
        if name not in COLUMNS:
            raise ConsentFileError(FileFault.COLUMN_UNKNOWN, place=place)
        if columns.index(name) != place - 1:
            raise ConsentFileError(FileFault.COLUMN_TWICE, place=place)
    return ConsentFile(path, encoding, delimiter, columns, size)


def read_consents(file: ConsentFile, anchor: NameAnchor, progress: Callable[[int], None]) -> Iterator[ImportRow | RowRefused]:
    """Iterate over the rows: sound ones as expressions, the others by what is wrong with them. ``progress`` is told the bytes read.

    Raises:
        ConsentFileError: if the file cannot be read on.
    """
    try:
        with file.path.open(encoding=file.encoding, newline="") as text:
            rows = csv.reader(_lines(text, progress), delimiter=file.delimiter, strict=True)
            next(rows)
            for values in rows:
                if any(value.strip() for value in values):
                    yield _row(rows.line_num, file.columns, values, anchor)
    except OSError as error:
        raise ConsentFileError(FileFault.UNREADABLE, why=os.strerror(error.errno or 0)) from None
    except csv.Error:
        raise ConsentFileError(FileFault.NOT_CSV, line=rows.line_num) from None


def rejects_path(data: Path) -> Path:
    """Return where the rows of a file that were refused are listed."""
    return data.with_name(data.name + ".rejects.csv")


def write_rejects(data: Path, refused: Sequence[RowRefused]) -> None:
    """List the refused rows beside the file, for its owner only; nothing refused, no list.

    Raises:
        ConsentFileError: if the list cannot be written.
    """
    path = rejects_path(data)
    try:
        path.unlink(missing_ok=True)  # an earlier run's
        if refused:
            with os.fdopen(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "w", encoding="utf-8", newline=""
            ) as file:
                csv.writer(file, lineterminator="\n").writerows(
                    [("line", "column", "reason"), *((r.line, r.column, r.reason) for r in refused)]
                )
    except OSError as error:
        raise ConsentFileError(FileFault.UNWRITABLE, why=os.strerror(error.errno or 0)) from None


def _encoding(path: Path) -> str:
    """Return the encoding in which the whole file reads."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            while file.read(_BLOCK):
                pass
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _names(header: str, delimiter: str) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in next(csv.reader([header], delimiter=delimiter), ()))


def _lines(text: TextIO, progress: Callable[[int], None]) -> Iterator[str]:
    """Iterate over lines, telling how far the file is read."""
    for line in text:
        progress(len(line.encode(text.encoding.removesuffix("-sig"), "replace")))
        yield line


def _row(line: int, columns: tuple[str, ...], values: list[str], anchor: NameAnchor) -> ImportRow | RowRefused:
    if len(values) != len(columns):
        return RowRefused(line, "", "as many values as columns are expected")
    try:
        return _Row(dict(zip(columns, (value.strip() for value in values), strict=True))).read(line, anchor)
    except _FaultError as fault:
        return RowRefused(line, fault.column, fault.reason)


class _FaultError(Exception):
    """A value cannot be used."""

    def __init__(self, column: str, reason: str) -> None:
        self.column, self.reason = column, reason
        super().__init__(column, reason)


class _Row:
    """Reads the values of one row."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def read(self, line: int, anchor: NameAnchor) -> ImportRow:
        evidence = self._text("evidence")
        self._require(len(evidence) <= LONGEST_EVIDENCE and evidence.isprintable(), "evidence", f"at most {LONGEST_EVIDENCE} characters")
        method = self._one_of("method", METHODS, METHODS.get(evidence.partition(":")[0], Method.IMPORT))
        signal = (
            method is Method.GPC and evidence in {_SIGNAL, ""} and self._text("event") in {"", "objected"} and not self._text("purpose")
        )
        kind = EventKind.OBJECTED if signal else self._one_of("event", EVENTS, None)
        purpose = self._word("purpose")
        self._require(bool(purpose) or kind in DENIALS or kind is EventKind.LIFTED, "purpose", "required for this event")
        language = self._text("language") or "fr"
        self._require(len(language) == 2 and language.isascii() and language.islower(), "language", "two letters (ISO 639-1)")  # noqa: PLR2004 - ISO's
        said = Expression(
            anchor=self._anchor(anchor),
            kind=kind,
            purpose=purpose,
            channel=self._word("channel"),
            recipient=self._word("recipient"),
            expressed_at=self._time("at"),
            method=method,
            actor=self._one_of("actor", ACTORS, Actor.SELF),
            assurance=self._one_of("assurance", ASSURANCES, Assurance.DECLARED),
            notice_version=self._version(),
            language=language,
            valid_until=self._time("valid_until"),
            evidence=evidence,
        )
        return ImportRow(line, said, signal=signal)

    def _anchor(self, anchor: NameAnchor) -> Anchor:
        source, key = self._text("source"), self._text("key")
        self._require(is_source(source), "source", "lower-case letters, digits, - and _, at most 63, starting with a letter")
        self._require(0 < len(key) <= LONGEST_KEY and key.isprintable(), "key", f"required, at most {LONGEST_KEY} characters")
        return anchor(source, key)

    def _text(self, column: str) -> str:
        return self._values.get(column, "")

    def _word(self, column: str) -> str | None:
        text = self._text(column)
        self._require(not text or is_word(text), column, "lower-case letters, digits, - and _, at most 63")
        return text or None

    def _one_of(self, column: str, known: Mapping[str, T], default: T | None) -> T:
        text = self._text(column).lower()
        found = known.get(text) if text else default
        if found is None:
            raise _FaultError(column, f"one of {', '.join(known)}")
        return found

    def _time(self, column: str) -> datetime | None:
        text = self._text(column)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise _FaultError(column, "a time as in 2026-03-01T12:00:00+01:00") from None

    def _version(self) -> int | None:
        text = self._text("notice_version")
        if not text:
            return None
        self._require(text.isascii() and text.isdigit() and int(text[:9]) > 0 and len(text) < 10, "notice_version", "a whole number from 1")  # noqa: PLR2004 - an int4
        return int(text)

    @staticmethod
    def _require(holds: bool, column: str, reason: str) -> None:  # noqa: FBT001 - reads as it is said
        if not holds:
            raise _FaultError(column, reason)
