"""Whether a use of data may go ahead. Identity passes purposes on; it does not know what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from identity.domain.source_record import IdentityId, RecordAddress, RecordId


@dataclass(frozen=True, slots=True)
class Use:
    """Who asks, for what, on whose behalf: opaque names, checked against the caller registry before they come here."""

    caller: str
    purpose: str
    recipient: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data it is: an identity, and the records in it, in groups each proved to be one person's (``identity.domain.proof``).

    It comes with the question, so that a gate never asks back while a transaction is open. ``minor``: a record says that the person is
    under 15. An identity without records has no groups, and nothing of it may be released.
    """

    identity: IdentityId
    groups: frozenset[frozenset[RecordAddress]]
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    """The gate's answer to one release. ``warnings`` go out with the answer."""

    permitted: bool
    ground: str
    warnings: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        raise TypeError("a Release has no truth value: read .permitted")


class PurposeGate(Protocol):
    """Stands in the path of every release and of linking (DESIGN §4.7). Anything unknown is refused.

    Called inside transactions, so it must not open one on identity's stores. What it raises when it cannot answer passes through the
    use case that asked: nothing is released or linked then.
    """

    async def may_release(self, use: Use, subjects: Sequence[Subject]) -> list[Release]:
        """Decide, for each subject, whether ``use`` may learn of its identity: if any one record of it permits. Order is kept.

        Asked even when there is nobody to decide on, so that nobody found takes as long as somebody withheld.
        """
        ...

    async def may_link(self, records: Mapping[RecordId, RecordAddress]) -> frozenset[RecordId]:
        """Return the records whose subjects do not object to unification; the others stay alone."""
        ...

    def warnings_for(self, use: Use) -> tuple[str, ...]:
        """Return what every answer to ``use`` must say, whoever it is about and whether anybody was found: that nothing can be permitted
        to it, and why. Asked after ``may_release``.
        """
        ...
