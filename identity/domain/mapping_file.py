"""Reads a mapping file: every fault is found, named with its line, and reported together.

Rules
- Unknown keys and attributes are faults, with the nearest known name; so a typing error never silently drops a column.
- Pure: text in, mapping out. The faults name lines, keys and columns of the mapping, which are not personal.
"""

from __future__ import annotations

import codecs
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, TypeAlias

from identity.domain.attributes import EXTRA_PREFIX, Assurance, Attribute, ComparisonKind
from identity.domain.errors import IdentityError, Reason
from identity.domain.mapping import EXTRA_NAME, DeletionMark, FieldSource, FileFormat, Reading, SourceMapping
from identity.domain.mapping_lines import key_lines
from identity.domain.source_record import SOURCE_NAME
from identity.domain.standardise.dates import format_fault

_TOML_PLACE: Final = re.compile(r" \((?:at line (\d+), column \d+|at end of document)\)$")
_DIRECTIVE: Final = re.compile(r"%(.)", re.DOTALL)
_DIRECTIVES: Final = frozenset("dmYybBhaAHIMSfpzT%")
_TOP: Final = ("source", "key", "format", "assurance", "attributes", "extra", "deleted")
_ATTRIBUTES: Final = tuple(attribute.value for attribute in Attribute)
_DELIMITERS: Final = frozenset(";,\t|:^~")

Table: TypeAlias = dict[str, Any]
Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MappingFault:
    """One thing wrong with a mapping file, on a line (from 1; 0 if it concerns the whole file)."""

    line: int
    message: str


class MappingError(IdentityError):
    """A mapping file cannot be used; ``faults`` has everything that is wrong with it, in order of lines."""

    def __init__(self, filename: str, faults: Iterable[MappingFault]) -> None:
        self.filename = filename
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        super().__init__(Reason.INVALID_MAPPING, faults=len(self.faults), first_line=self.faults[0].line, first=self.faults[0].message)

    def __str__(self) -> str:
        return "\n".join(
            f"{self.filename}:{fault.line}: {fault.message}" if fault.line else f"{self.filename}: {fault.message}" for fault in self.faults
        )


def parse_mapping(text: str, filename: str = "mapping.toml") -> SourceMapping:
    """Return the mapping that ``text`` (TOML) declares; ``filename`` is for messages.

    Raises:
        MappingError: with every fault and its line.
    """
    text = text.replace("\r\n", "\n").removeprefix("\ufeff")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(filename, [_syntax_fault(str(error), text)]) from None
    return _Reader(filename, document, key_lines(text)).read()


def _syntax_fault(message: str, text: str) -> MappingFault:
    place = _TOML_PLACE.search(message)
    line = int(place[1]) if place and place[1] else text.rstrip("\n").count("\n") + 1
    return MappingFault(line, "not TOML: " + _TOML_PLACE.sub("", message)[:200])


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `` (did you mean "…"?)`` with the nearest known names, or nothing."""
    folded = {candidate.lower(): candidate for candidate in known}
    found = get_close_matches(name.lower(), folded, n=2, cutoff=0.6)
    return " (did you mean " + " or ".join(f'"{folded[candidate]}"' for candidate in found) + "?)" if found else ""


class _Reader:
    """Reads one document, collecting faults as it goes."""

    def __init__(self, filename: str, document: Table, lines: dict[Path, int]) -> None:
        self._filename = filename
        self._document = document
        self._lines = lines
        self._faults: list[MappingFault] = []
        self._formats: dict[str, str] = {}
        self._kinds: dict[str, ComparisonKind] = {}

    def read(self) -> SourceMapping:
        self._known((), self._document, _TOP)
        source = self._text(("source",), required=True)
        if source and not SOURCE_NAME.fullmatch(source):
            self._fault(
                ("source",), f'"{source[:64]}" cannot name a source: lower-case letters, digits, "-" and "_", beginning with a letter'
            )
        key = self._text(("key",), required=True)
        attributes = self._attributes()
        attributes.update(self._extras())
        if not attributes and not self._faults:
            self._fault(("attributes",), "no attribute is mapped: add at least one line under [attributes]")
        self._once_each(attributes)
        file_format = self._format()
        assurance = self._assurance(attributes)
        deleted = self._deleted()
        if self._faults:
            raise MappingError(self._filename, self._faults)
        return SourceMapping(source, key, attributes, Reading(self._formats, self._kinds, assurance), file_format, deleted)

    # Attributes and extras

    def _attributes(self) -> dict[str, FieldSource]:
        found = {}
        for name, value in self._table(("attributes",)).items():
            path = ("attributes", name)
            if name not in _ATTRIBUTES:
                self._fault(path, f'unknown attribute "{name}"{nearest(name, _ATTRIBUTES)}; any other one is declared as [extra.{name}]')
                continue
            place = self._field(path, value, dated=name == Attribute.BIRTH_DATE)
            if place:
                found[name] = place
                self._keep_formats(name, place)
        return found

    def _extras(self) -> dict[str, FieldSource]:
        found = {}
        for name, value in self._table(("extra",)).items():
            path = ("extra", name)
            if not EXTRA_NAME.fullmatch(EXTRA_PREFIX + name):
                self._fault(
                    path, f'"{name[:64]}" cannot name an extra attribute: lower-case letters, digits and "_", beginning with a letter'
                )
            elif name in _ATTRIBUTES:
                self._fault(path, f'"{name}" is a known attribute: write it under [attributes]')
            elif not isinstance(value, dict):
                self._fault(path, f"an extra attribute is a table: [extra.{name}] with column and compare")
            else:
                kind = self._kind(path, value)
                place = self._field(path, {k: v for k, v in value.items() if k != "compare"}, dated=kind is ComparisonKind.DATE)
                if place and kind:
                    found[EXTRA_PREFIX + name] = place
                    self._kinds[EXTRA_PREFIX + name] = kind
                    self._keep_formats(EXTRA_PREFIX + name, place)
        return found

    def _kind(self, path: Path, value: Table) -> ComparisonKind | None:
        kind = value.get("compare")
        known = tuple(ComparisonKind)
        if kind in known:
            return ComparisonKind(kind)
        if kind is None:
            self._fault(path, f"say how it is compared: compare = {_choice(known)}")
        else:
            self._fault((*path, "compare"), f"compare is one of {_choice(known)}, not {_shown(kind)}{nearest(str(kind), known)}")
        return None

    def _field(self, path: Path, value: object, *, dated: bool) -> FieldSource | None:
        if isinstance(value, str):
            value = {"column": value}
        if not isinstance(value, dict):
            self._fault(path, 'give a column name, or { column = "…" }, or { columns = ["…", "…"] }')
            return None
        self._known(path, value, ("column", "columns", "format"))
        columns = self._columns(path, value)
        date_format = self._date_format((*path, "format"), value["format"], dated=dated) if "format" in value else None
        return FieldSource(columns, date_format) if columns else None

    def _columns(self, path: Path, value: Table) -> tuple[str, ...]:
        if ("column" in value) == ("columns" in value):
            self._fault(path, "give either column or columns")
            return ()
        columns = [value["column"]] if "column" in value else value["columns"]
        if not isinstance(columns, list) or not columns or not all(isinstance(column, str) and column.strip() for column in columns):
            self._fault(path, "a column is named by a text that is not empty; columns is a list of such")
            return ()
        return tuple(columns)

    def _keep_formats(self, name: str, place: FieldSource) -> None:
        if place.format:
            self._formats[name] = place.format

    def _date_format(self, path: Path, value: object, *, dated: bool) -> str | None:
        fault = date_format_fault(value) if dated else "only birth_date and extra attributes compared as dates have a format"
        if fault:
            self._fault(path, fault)
            return None
        return str(value)

    def _once_each(self, attributes: dict[str, FieldSource]) -> None:
        taken: dict[str, str] = {}
        for name, place in attributes.items():
            shown = name.removeprefix(EXTRA_PREFIX)
            path = ("extra", shown) if name in self._kinds else ("attributes", name)
            for column in place.columns:
                if column in taken:
                    self._fault(path, f'column "{column}" already serves {taken[column]}: a column serves one attribute')
                taken.setdefault(column, shown)

    # The rest

    def _format(self) -> FileFormat:
        table = self._table(("format",))
        self._known(("format",), table, ("delimiter", "encoding"))
        delimiter = self._text(("format", "delimiter")) or None
        if delimiter and (len(delimiter) != 1 or delimiter not in _DELIMITERS):
            self._fault(("format", "delimiter"), f"delimiter is one of {_choice(sorted(_DELIMITERS))}, not {_shown(delimiter)}")
        encoding = self._text(("format", "encoding")) or None
        if encoding and not _is_text_encoding(encoding):
            known = ("utf-8", "utf-16", "latin-1", "cp1252", "iso-8859-15", "mac-roman")
            self._fault(("format", "encoding"), f"unknown encoding {_shown(encoding)}{nearest(encoding, known)}")
        return FileFormat(delimiter, encoding)

    def _assurance(self, attributes: dict[str, FieldSource]) -> dict[str, Assurance]:
        found = {}
        known = tuple(Assurance)
        mapped = [name.removeprefix(EXTRA_PREFIX) for name in attributes]
        for name, value in self._table(("assurance",)).items():
            path = ("assurance", name)
            if name not in mapped:
                self._fault(path, f'assurance of "{name}", which is not mapped{nearest(name, mapped)}')
            elif value not in known:
                self._fault(path, f"assurance is one of {_choice(known)}, not {_shown(value)}{nearest(str(value), known)}")
            else:
                found[name if name in attributes else EXTRA_PREFIX + name] = Assurance(value)
        return found

    def _deleted(self) -> DeletionMark | None:
        value = self._document.get("deleted")
        if value is None:
            return None
        table = {"column": value} if isinstance(value, str) else value
        if not isinstance(table, dict) or not isinstance(table.get("column"), str) or not table["column"].strip():
            self._fault(("deleted",), 'give a column name, or { column = "…", values = ["…"] }')
            return None
        self._known(("deleted",), table, ("column", "values"))
        if "values" not in table:
            return DeletionMark(table["column"])
        values = table["values"]
        if not isinstance(values, list) or not values or not all(isinstance(text, str) and text.strip() for text in values):
            self._fault(("deleted", "values"), "values is a list of texts that mean the record is deleted")
            return None
        return DeletionMark(table["column"], frozenset(text.strip().lower() for text in values))

    # Faults

    def _table(self, path: Path) -> Table:
        value = self._document.get(path[0], {})
        if isinstance(value, dict):
            return value
        self._fault(path, f"{path[0]} is a table")
        return {}

    def _text(self, path: Path, *, required: bool = False) -> str:
        table: Any = self._document
        for piece in path[:-1]:
            table = table.get(piece) if isinstance(table, dict) else None
        value = table.get(path[-1]) if isinstance(table, dict) else None
        if value is None:
            if required:
                self._faults.append(MappingFault(0, f'{path[-1]} is missing: {path[-1]} = "…"'))
            return ""
        if not isinstance(value, str) or not value.strip(" "):
            self._fault(path, f"{path[-1]} is a text that is not empty")
            return ""
        return value

    def _known(self, path: Path, table: Table, known: tuple[str, ...]) -> None:
        for name in table:
            if name not in known:
                hint = nearest(name, known) or f"; known are {', '.join(known)}"
                self._fault((*path, name), f'unknown key "{name}"{hint}')

    def _fault(self, path: Path, message: str) -> None:
        line = next((self._lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self._lines), 0)
        self._faults.append(MappingFault(line, message))


def date_format_fault(value: object) -> str | None:
    """Return what is wrong with a date format, if anything: it must say day, month and year, in known directives, nothing twice."""
    if not isinstance(value, str) or not value:
        return 'format is a text such as "%d/%m/%Y"'
    directives = "".join(_DIRECTIVE.findall(value)).replace("F", "Ymd")
    unknown = sorted(set(directives) - _DIRECTIVES)
    if unknown or value.endswith("%"):
        return f"unknown date directive %{''.join(unknown[:1])} in {_shown(value)}"
    for part, letters in (("year (%Y or %y)", "Yy"), ("month (%m, %b or %B)", "mbBh"), ("day (%d)", "d")):
        if sum(directives.count(letter) for letter in letters) != 1:
            return f"{_shown(value)} must have one {part}"
    fault = format_fault(value)
    return f"{_shown(value)} {fault}" if fault else None


def _is_text_encoding(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding  # noqa: SLF001 - the only mark that tells utf-8 from rot13
    except (LookupError, ValueError, AttributeError):
        return False


def _choice(known: Iterable[str]) -> str:
    return ", ".join(_shown(name) for name in known)


def _shown(value: object) -> str:
    return f'"{value}"'.replace("\t", "\\t")[:80] if isinstance(value, str) else repr(value)[:80]
