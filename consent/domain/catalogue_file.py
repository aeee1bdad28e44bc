"""Reads a catalogue file (TOML): every fault is found, named with its line, and reported together.

Rules
- Unknown keys, attributes, channels and obligations are faults, with the nearest known name: a typing error never silently drops a word of
  what people are told, or widens what may be used.
- What is left out is the stricter: no channel, no term beyond the law's, a child's consent joined by its guardian's.
- Pure: text in, catalogue out.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final, TypeAlias, TypeVar

from consent.domain.catalogue import Catalogue, CatalogueError, Fault, LineFault, Place, line_of
from consent.domain.catalogue_codec import digest, notice_to_json
from consent.domain.catalogue_lines import key_lines
from consent.domain.purpose import LegalBasis, Minors, Notice, Purpose, Wording
from consent.domain.purpose_checks import ground_faults, nearest, notice_faults, purpose_faults, shown

_TOML_PLACE: Final = re.compile(r" \((?:at line (\d+), column \d+|at end of document)\)$")
_TOP: Final = ("purposes", "notices")
_PURPOSE: Final = (
    "version", "basis", "title", "description", "attributes", "recipients", "channels", "retention", "law", "notice", "compatible",
    "valid_days", "minors", "prospecting", "signal", "obligations", "soft_opt_in",
)  # fmt: skip
_NOTICE: Final = ("version", "compatible", "text")

Table: TypeAlias = dict[str, Any]
Choice = TypeVar("Choice", LegalBasis, Minors)


def parse_catalogue(text: str, filename: str = "catalogue.toml") -> Catalogue:
    """Return the catalogue that ``text`` (TOML) declares; ``filename`` is for messages.

    Raises:
        CatalogueError: with every fault and its line.
    """
    text = text.replace("\r\n", "\n").removeprefix("\ufeff")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(filename, [_syntax_fault(str(error), text)]) from None
    return _Reader(filename, document, key_lines(text)).read()


def _syntax_fault(message: str, text: str) -> LineFault:
    place = _TOML_PLACE.search(message)
    line = int(place[1]) if place and place[1] else text.rstrip("\n").count("\n") + 1
    return LineFault(line, "not TOML: " + _TOML_PLACE.sub("", message)[:200])


class _Reader:
    """Reads one document, collecting faults as it goes. What cannot be read is taken for something harmless, to find the rest."""

    def __init__(self, filename: str, document: Table, lines: dict[Place, int]) -> None:
        self._filename = filename
        self._document = document
        self._lines = lines
        self._faults: list[Fault] = []

    def read(self) -> Catalogue:
        self._known((), self._document, _TOP)
        notices = tuple(self._notice(place, table) for place, table in self._tables("notices"))
        purposes = tuple(self._purpose(place, table) for place, table in self._tables("purposes"))
        catalogue = Catalogue(purposes, notices, self._filename, self._lines)
        self._check(catalogue)
        if not self._faults and not notices and not purposes:
            self._faults.append(Fault((), "the catalogue is empty: declare [purposes.<name>] and [notices.<name>]"))
        if self._faults:
            raise catalogue.error(self._faults)
        return replace(catalogue, notices=tuple(replace(notice, digest=digest(notice_to_json(notice))) for notice in notices))

    def _check(self, catalogue: Catalogue) -> None:
        """Find what is wrong with what could be read, but not again with what could not."""
        told = {self._told(fault) for fault in self._faults}
        grounded = [one for one in catalogue.purposes if self._told(Fault(("purposes", one.purpose_id, "basis"), "")) not in told]
        found = [fault for notice in catalogue.notices for fault in notice_faults(notice)]
        found += [fault for purpose in catalogue.purposes for fault in purpose_faults(purpose)]
        found += [fault for purpose in grounded for fault in ground_faults(purpose, self._declared())]
        self._faults += [fault for fault in found if self._told(fault) not in told]

    def _told(self, fault: Fault) -> tuple[Place, int]:
        """What tells whether the same thing was found before: one fault for each key is enough."""
        return fault.place, line_of(fault.place, self._lines)

    def _declared(self) -> list[str]:
        """Names of notices that are declared, however badly: a purpose that names one is not at fault."""
        notices = self._document.get("notices")
        return list(notices) if isinstance(notices, dict) else []

    def _notice(self, place: Place, table: Table) -> Notice:
        self._known(place, table, _NOTICE)
        return Notice(
            notice_id=place[-1],
            version=self._version(place, table),
            text=self._wording((*place, "text"), table.get("text")),
            compatible=self._flag(place, table, "compatible"),
        )

    def _purpose(self, place: Place, table: Table) -> Purpose:
        self._known(place, table, _PURPOSE)
        basis = self._choice(place, table, "basis", LegalBasis, None)
        strict = Minors.JOINT if basis is LegalBasis.CONSENT else Minors.ALIKE
        return Purpose(
            purpose_id=place[-1],
            version=self._version(place, table),
            basis=basis,
            title=self._wording((*place, "title"), table.get("title")),
            description=self._wording((*place, "description"), table.get("description")),
            attributes=frozenset(self._names(place, table, "attributes", required=True)),
            recipients=frozenset(self._names(place, table, "recipients", required=True)),
            channels=frozenset(self._names(place, table, "channels")),
            retention=self._text(place, table, "retention", required=True),
            law=self._text(place, table, "law", required=True),
            notice=self._text(place, table, "notice"),
            compatible=self._flag(place, table, "compatible"),
            valid_days=self._days(place, table),
            minors=self._choice(place, table, "minors", Minors, strict),
            prospecting=self._flag(place, table, "prospecting"),
            signal=self._flag(place, table, "signal"),
            obligations=tuple(self._names(place, table, "obligations")),
            soft_opt_in=self._flag(place, table, "soft_opt_in"),
        )

    # Values

    def _tables(self, name: str) -> list[tuple[Place, Table]]:
        tables = self._document.get(name, {})
        if not isinstance(tables, dict):
            self._fault((name,), f"{name} is a table of tables: [{name}.<name>]")
            return []
        for key, value in tables.items():
            if not isinstance(value, dict):
                self._fault((name, key), f"{shown(key)} is a table: [{name}.{key}]")
        return [((name, key), value) for key, value in tables.items() if isinstance(value, dict)]

    def _version(self, place: Place, table: Table) -> int:
        value = table.get("version")
        if isinstance(value, bool) or not isinstance(value, int):
            said = "version is missing: version = 1" if value is None else f"version is a whole number from 1, not {shown(value)}"
            self._fault((*place, "version"), said)
            return 1
        return value

    def _days(self, place: Place, table: Table) -> int | None:
        value = table.get("valid_days")
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            self._fault((*place, "valid_days"), f"valid_days is a whole number of days, not {shown(value)}")
            return None
        return value

    def _choice(self, place: Place, table: Table, key: str, kind: type[Choice], default: Choice | None) -> Choice:
        value = table.get(key)
        known = tuple(choice.value for choice in kind)
        if isinstance(value, str) and value in known:
            return kind(value)
        if value is None and default is not None:
            return default
        choices = ", ".join(shown(choice) for choice in known)
        said = f"{key} is missing: one of {choices}" if value is None else f"{key} is one of {choices}, not {shown(value)}"
        self._fault((*place, key), said + ("" if value is None else nearest(str(value), known)))
        return default or next(iter(kind))

    def _wording(self, place: Place, value: object) -> Wording:
        if value is None:
            return Wording({})
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            self._fault(place, f'{place[-1]} is a text in each language: {{ fr = "…", en = "…" }}')
            return Wording({})
        return Wording({language: text.strip() for language, text in value.items()})

    def _names(self, place: Place, table: Table, key: str, *, required: bool = False) -> list[str]:
        value = table.get(key)
        if value is None:
            if required:
                self._fault((*place, key), f'{key} is missing: {key} = ["…"]')
            return []
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            self._fault((*place, key), f"{key} is a list of texts")
            return []
        if len(set(value)) != len(value):
            self._fault((*place, key), f"{key} names something twice")
        return list(dict.fromkeys(value))

    def _text(self, place: Place, table: Table, key: str, *, required: bool = False) -> str:
        value = table.get(key)
        if value is None and not required:
            return ""
        if not isinstance(value, str) or not value.strip():
            self._fault((*place, key), f'{key} is missing: {key} = "…"' if value is None else f"{key} is a text that is not empty")
            return ""
        return value.strip()

    def _flag(self, place: Place, table: Table, key: str) -> bool:
        value = table.get(key, False)
        if not isinstance(value, bool):
            self._fault((*place, key), f"{key} is true or false, not {shown(value)}")
            return False
        return value

    # Faults

    def _known(self, place: Place, table: Table, known: Iterable[str]) -> None:
        names = tuple(known)
        for name in table:
            if name not in names:
                hint = nearest(name, names) or f"; known are {', '.join(names)}"
                self._fault((*place, name), f"unknown key {shown(name)}{hint}")

    def _fault(self, place: Place, message: str) -> None:
        self._faults.append(Fault(place, message))
