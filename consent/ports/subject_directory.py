"""Who belongs together: asked of whoever knows, each time, so that consent never decides on yesterday's links."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from consent.domain.anchor import Anchor, Subject


class SubjectDirectory(Protocol):
    """Knows the links between anchors."""

    async def subjects(self, anchors: Collection[Anchor], *, as_of: datetime | None = None) -> Mapping[Anchor, Subject]:
        """Return the subject of each anchor, now or as of a time; an anchor that nobody knows is alone.

        Raises:
            ConsentError: ``DIRECTORY_UNAVAILABLE``; nobody is taken to be alone for want of an answer.
        """
        ...
