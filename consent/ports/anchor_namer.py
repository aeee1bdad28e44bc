"""How an identifier of a silo becomes an anchor, whose name says nothing about it."""

from __future__ import annotations

from typing import Protocol

from consent.domain.anchor import Anchor


class AnchorNamer(Protocol):
    """Names anchors."""

    def anchor(self, source: str, key: str) -> Anchor:
        """Return the anchor of an identifier in a source system: always the same, and of no other identifier."""
        ...
