"""A catalogue to publish, and what can be wrong with one.

A fault is told about a place (``Place``), so that whoever read a file can name its line, and whoever read a request its field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from consent.domain.errors import ConsentError, Reason
from consent.domain.purpose import Notice, Purpose

Place: TypeAlias = tuple[str, ...]
"""Where something stands: ``("purposes", "offers-email", "basis")``."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a catalogue."""

    place: Place
    message: str


@dataclass(frozen=True, slots=True)
class LineFault:
    """One thing wrong with a catalogue file, on a line (from 1; 0 if it concerns the whole file)."""

    line: int
    message: str


class CatalogueError(ConsentError):
    """A catalogue cannot be published; ``faults`` has everything that is wrong with it, in order of lines."""

    def __init__(self, filename: str, faults: Iterable[LineFault]) -> None:
        self.filename = filename
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        first = self.faults[0]
        super().__init__(Reason.INVALID_CATALOGUE, faults=len(self.faults), first_line=first.line, first=first.message)

    def __str__(self) -> str:
        return "\n".join(
            f"{self.filename}:{fault.line}: {fault.message}" if fault.line else f"{self.filename}: {fault.message}" for fault in self.faults
        )


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Versions of purposes and notices to publish together. ``filename`` and ``lines`` say where they were read, if from a file."""

    purposes: tuple[Purpose, ...] = ()
    notices: tuple[Notice, ...] = ()
    filename: str = "catalogue"
    lines: Mapping[Place, int] = field(default_factory=dict, compare=False, repr=False)

    def purpose(self, purpose_id: str) -> Purpose | None:
        """Return a purpose that is to be published."""
        return next((purpose for purpose in self.purposes if purpose.purpose_id == purpose_id), None)

    def notice(self, notice_id: str) -> Notice | None:
        """Return a notice that is to be published."""
        return next((notice for notice in self.notices if notice.notice_id == notice_id), None)

    def error(self, faults: Iterable[Fault]) -> CatalogueError:
        """Return the error that tells faults with their lines."""
        return CatalogueError(self.filename, [LineFault(line_of(fault.place, self.lines), fault.message) for fault in faults])


def line_of(place: Place, lines: Mapping[Place, int]) -> int:
    """Return the line of a place, or of the nearest thing around it; 0 if nobody knows."""
    return next((lines[place[:end]] for end in range(len(place), 0, -1) if place[:end] in lines), 0)
