"""Consent's directory of subjects, over identity: who belongs together, asked anew each time, so that there is nothing to keep in step."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from typing import final

from consent.domain.anchor import Anchor
from consent.domain.anchor import Subject as ConsentSubject
from consent.domain.errors import ConsentError, Reason
from identity.domain.errors import IdentityError
from identity.domain.source_record import RecordAddress
from identity.ports.purpose_gate import Subject
from identity.usecases.subjects import SubjectsOf


@final
class IdentityDirectory:
    """Fulfils ``SubjectDirectory``. Anchors of which identity has no record are left out: they are nobody's that we know."""

    def __init__(self, subjects_of: Callable[[SubjectsOf], Awaitable[Mapping[RecordAddress, Subject]]]) -> None:
        self._subjects_of = subjects_of

    async def subjects(self, anchors: Collection[Anchor], *, as_of: datetime | None = None) -> Mapping[Anchor, ConsentSubject]:
        """Return the subject of each anchor that identity knows.

        Raises:
            ConsentError: ``DIRECTORY_UNAVAILABLE`` (``cause``: identity's reason); nobody is taken to be alone for want of an answer.
        """
        asked = frozenset(RecordAddress(anchor.source, anchor.mac) for anchor in anchors)
        try:
            found = await self._subjects_of(SubjectsOf(asked, as_of))
        except IdentityError as error:
            raise ConsentError(Reason.DIRECTORY_UNAVAILABLE, cause=error.reason.value) from error
        return {Anchor(*address): subject_of(subject) for address, subject in found.items()}


def subject_of(subject: Subject) -> ConsentSubject:
    """Return a subject in consent's terms: its anchors are the addresses of its records."""
    return ConsentSubject(frozenset(frozenset(Anchor(*address) for address in group) for group in subject.groups), subject.minor)
