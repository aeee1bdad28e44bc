"""``UnsafeNoGate``: a purpose gate that is none. It permits everything, and says so loudly.

It stands in until decisions on consent exist: whoever runs it releases and links data on nobody's permission but the caller registry's.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import final

from identity.domain.source_record import RecordAddress, RecordId
from identity.ports.profile_gate import ProfileRelease, Ruling
from identity.ports.purpose_gate import Release, Subject, Use

WARNING = "UNSAFE: no purpose gate is in force (UnsafeNoGate). Every release and every link is permitted, whatever people chose."
GROUND = "unsafe-no-gate"
_log = logging.getLogger(__name__)


@final
class UnsafeNoGate:
    """Permits every release and every link, with a warning in each answer. Fulfils ``PurposeGate``."""

    __slots__ = ()

    def __init__(self) -> None:
        """Warn in the log: nobody runs this by accident without being told."""
        _log.warning(WARNING)

    async def may_release(self, use: Use, subjects: Sequence[Subject]) -> list[Release]:
        """Permit each, with the warning. ``use`` is not looked at."""
        del use
        return [Release(permitted=True, ground=GROUND, warnings=self.warnings) for _ in subjects]

    async def may_use(
        self, use: Use, asked: RecordAddress, subject: Subject | None, wanted: Sequence[str], channel: str | None
    ) -> ProfileRelease:
        """Refuse all: values leave on a decision only, and this gate makes none."""
        del use, asked, subject, channel
        refused = Ruling(permitted=False, reason="NOT_EVALUABLE")
        return ProfileRelease(refused, tuple(wanted), dict.fromkeys(wanted, refused), warnings=self.warnings)

    async def may_link(self, records: Mapping[RecordId, RecordAddress]) -> frozenset[RecordId]:
        """Permit all."""
        return frozenset(records)

    @property
    def warnings(self) -> tuple[str, ...]:
        return (WARNING,)
