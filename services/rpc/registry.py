"""The caller registry: a TOML file that says which caller may use which method, purpose, recipient and source system.

    [callers.callcentre]
    methods = ["ResolveIdentity"]       # or the full path: "entente.identity.v1.ResolutionService/ResolveIdentity"
    purposes = ["service"]
    recipients = ["callcentre"]
    sources = []                        # source systems whose records it may name: ask by key, explain, write

Rules
- What is not listed is not allowed; there is no wildcard.
- An unknown key, an unknown method or a malformed name is refused, with its line.
- A running service takes up a changed file within a second; a file that cannot be read leaves the last good one in force, and says so.
"""

from __future__ import annotations

import os
import re
import time
import tomllib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from services.rpc.caller import NAME, Caller

KEYS = frozenset({"methods", "purposes", "recipients", "sources"})
_WORD = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_RELOAD_SECONDS = 1.0


class RegistryError(Exception):
    """The registry file cannot be used; ``faults`` has one sentence for each fault, with its line."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(faults))


def parse_registry(text: str, methods: Collection[str]) -> dict[str, Caller]:
    """Read a registry. ``methods`` are the full paths that the server knows.

    Raises:
        RegistryError: naming every fault with its line.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = found.group(1) if found else len(text.splitlines())  # the end of the document
        raise RegistryError([f"line {line}: not TOML"]) from None
    reader = _Reader(text, methods)
    callers = reader.callers(document)
    if reader.faults:
        raise RegistryError(reader.faults)
    return callers


def read_registry(path: Path) -> str:
    """Return the text of a registry file.

    Raises:
        RegistryError: if it cannot be read, or others may write it: they could make themselves callers.
    """
    try:
        with path.open("r", encoding="utf-8") as file:
            stat = os.fstat(file.fileno())
            text = file.read()
    except (OSError, UnicodeDecodeError):
        raise RegistryError([f"{path.name} cannot be read"]) from None
    if stat.st_uid not in {0, os.geteuid()} or stat.st_mode & 0o022:
        raise RegistryError(
            [f"{path.name} belongs to somebody else or may be written by others: make it 0600 and yours, and check what it says"]
        )
    return text


class CallerRegistry:
    """The registry of a running service, re-read when its file changes."""

    def __init__(self, path: Path, methods: Collection[str], on_fault: Callable[[RegistryError], None]) -> None:
        """Read ``path``.

        Raises:
            RegistryError: if the file cannot be used; a service does not start so.
        """
        self._path, self._methods, self._on_fault = path, methods, on_fault
        self._stamp = self._read_stamp()
        self._callers = self._read()
        self._next_look = time.monotonic() + _RELOAD_SECONDS

    def knows(self, method: str) -> bool:
        """Whether anybody can be registered for a method."""
        return method in self._methods

    def find(self, name: str) -> Caller | None:
        """Return a caller, or None if it is not registered."""
        return self.callers().get(name)

    def callers(self) -> Mapping[str, Caller]:
        """Return every caller by name: the same object for as long as the file is the same."""
        if time.monotonic() >= self._next_look:
            self._look()
        return self._callers

    def _look(self) -> None:
        self._next_look = time.monotonic() + _RELOAD_SECONDS
        stamp = self._read_stamp()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._callers = self._read()
        except RegistryError as error:
            self._on_fault(error)

    def _read(self) -> dict[str, Caller]:
        return parse_registry(read_registry(self._path), self._methods)

    def _read_stamp(self) -> tuple[int, int, int] | None:
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return (stat.st_mtime_ns, stat.st_size, stat.st_ino)


class _Reader:
    """Turns a parsed document into callers and remembers what was wrong, with lines."""

    def __init__(self, text: str, methods: Collection[str]) -> None:
        self.faults: list[str] = []
        self._lines = text.splitlines()
        self._methods = _by_short_and_full_name(methods)

    def callers(self, document: Mapping[str, object]) -> dict[str, Caller]:
        for key in document:
            if key != "callers":
                self._fault(None, key, "unknown key; only [callers.NAME] tables are known")
        tables = document.get("callers", {})
        if not isinstance(tables, dict):
            self._fault(None, "callers", "takes [callers.NAME] tables")
            return {}
        return {name: self._caller(name, table) for name, table in tables.items()}

    def _caller(self, name: str, table: object) -> Caller:
        if not NAME.fullmatch(name):
            self._fault(name, None, "a caller's name is lower-case letters, digits and dashes")
        if not isinstance(table, dict):
            self._fault(name, None, "takes a table")
            return Caller(name)
        for key in table.keys() - KEYS:
            self._fault(name, key, f"unknown key; known are {', '.join(sorted(KEYS))}")
        return Caller(
            name=name,
            methods=frozenset(self._methods[method] for method in self._words(name, table, "methods", None) if method in self._methods),
            purposes=self._words(name, table, "purposes", _WORD),
            recipients=self._words(name, table, "recipients", _WORD),
            sources=self._words(name, table, "sources", _WORD),
        )

    def _words(self, name: str, table: Mapping[str, object], key: str, form: re.Pattern[str] | None) -> frozenset[str]:
        values = table.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            self._fault(name, key, "takes a list of names")
            return frozenset()
        for value in values:
            if form is None and value not in self._methods:
                self._fault(name, key, "names a method that is unknown, or that two services have: give its full path")
            if form is not None and not form.fullmatch(value):
                self._fault(name, key, "takes names of lower-case letters, digits, dashes and underscores; no wildcard")
        return frozenset(values)

    def _fault(self, caller: str | None, key: str | None, sentence: str) -> None:
        where = ".".join(part for part in ("callers" if caller else None, caller, key) if part)
        self.faults.append(f"line {self._line(caller, key)}: {where}: {sentence}")

    def _line(self, caller: str | None, key: str | None) -> int:
        """Return the line of a key, or of its table's beginning, or 1; the parser of the standard library keeps no lines."""
        inside, start = caller is None, 1
        for number, line in enumerate(self._lines, 1):
            if header := re.match(r"\s*\[\s*([^\]]+?)\s*\]", line):
                title = header.group(1).replace('"', "").replace("'", "").replace(" ", "")
                inside = title == (f"callers.{caller}" if caller else title)
                start = number if inside else start
                if key is not None and caller is None and title.split(".")[0] == key:
                    return number
            elif caller is not None and not inside and re.match(rf"\s*{re.escape(caller)}\s*=", line):
                start = number
            if inside and key is not None and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", line):
                return number
        return start


def _by_short_and_full_name(methods: Collection[str]) -> dict[str, str]:
    """Map full paths to themselves, and method names that only one service has to their full path."""
    shorts = [method.rsplit("/", 1)[1] for method in methods]
    unique = {method.rsplit("/", 1)[1]: method for method in methods if shorts.count(method.rsplit("/", 1)[1]) == 1}
    return {**unique, **{method: method for method in methods}}
