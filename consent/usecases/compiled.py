"""The tables in force: compiled anew when the catalogue or the registry of callers changed, and only then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from consent.domain.purpose import Published
from consent.domain.tables import Scope, Tables


@final
class CompiledTables:
    """Keeps the newest tables. ``scopes`` may be a live view of a registry: what it holds is looked at each time."""

    def __init__(self, scopes: Mapping[str, Scope]) -> None:
        self._scopes = scopes
        self._tables: Tables | None = None

    def of(self, published: Published) -> Tables:
        """Return the tables of a catalogue, told apart from another one by being the same object (``Heard.published``)."""
        tables = self._tables
        if tables is None or tables.published is not published or tables.scopes != self._scopes:
            self._tables = tables = Tables(published, self._scopes)
        return tables
