"""Which attributes of somebody a use may have, and why: the purpose gate's answer in detail, for profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from identity.domain.source_record import RecordAddress
from identity.ports.purpose_gate import PurposeGate, Subject, Use


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of one attribute, and on what ground; identity passes the words on and does not know what they mean.

    ``reason`` is always there (docs/decisions.md); ``event`` is the id of the consent that a permit rests on, if one does.
    """

    permitted: bool
    reason: str
    basis: str = ""
    event: str = ""
    purpose_version: int = 0
    notice: str = ""
    valid_until: datetime | None = None

    def __bool__(self) -> bool:
        raise TypeError("a Ruling has no truth value: read .permitted")


@dataclass(frozen=True, slots=True)
class ProfileRelease:
    """The gate's answer to one profile.

    ``wanted`` are the attributes that it ruled on, in the order asked; all that the purpose needs, by name, if none was named.
    ``by_record`` has a ruling on each of them for every record of the subject. ``otherwise`` is what holds of each for the record that was
    asked about: it is told where no record releases the attribute. ``use`` is the ruling on the use itself, for that record.
    """

    use: Ruling
    wanted: tuple[str, ...]
    otherwise: Mapping[str, Ruling]
    by_record: Mapping[RecordAddress, Mapping[str, Ruling]] = field(default_factory=dict)
    obligations: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class ProfileGate(Protocol):
    """The part of the purpose gate that rules on single attributes. Asked outside transactions. What it raises when it cannot rule passes
    through the use case: nothing is told then.
    """

    async def may_use(
        self, use: Use, asked: RecordAddress, subject: Subject | None, wanted: Sequence[str], channel: str | None
    ) -> ProfileRelease:
        """Rule on the attributes ``wanted`` (none: all that the purpose needs) of the subject of the record ``asked``.

        ``subject`` is None where nobody may be told of: unknown, erased, held back. It is answered as somebody who refused, after the same
        work.
        """
        ...


class Gate(PurposeGate, ProfileGate, Protocol):
    """The whole purpose gate, as wiring makes it: one rule for every way in which data are used."""
