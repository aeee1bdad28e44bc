"""Survivorship: of what an identity's records say of an attribute, the value that is told.

Rules (DESIGN §5; research/identity.md)
- Attribute by attribute: the most assured value, and of equally assured ones the most recent version's.
- A value that standardising cannot read (a placeholder, an impossible date) is told only where no record has a better one.
- At a tie the first source in order, then the first value, then the first record: the answer never depends on the order of reading.
- A value is told as its source wrote it; none is made up from other attributes.
- Which records may speak at all is decided before: this sees only those whose own anchor permits the attribute.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from identity.domain.attributes import Assurance, Attribute, Attributes, StandardAttributes
from identity.domain.source_record import RecordAddress, RecordId


@dataclass(frozen=True, slots=True)
class Voice:
    """A record as a profile sees it. ``at`` is when its newest version was stored; ``attributes`` are as its source gave them."""

    record: RecordId
    address: RecordAddress
    at: datetime
    attributes: Attributes = field(repr=False)
    standard: StandardAttributes = field(repr=False)
    assurance: Mapping[str, Assurance] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Survivor:
    """The value that is told of an attribute, whose it is, and how sure its source is of it."""

    value: str = field(repr=False)
    address: RecordAddress
    assurance: Assurance


def survivor(attribute: str, voices: Iterable[Voice]) -> Survivor | None:
    """Return what is told of an attribute, or None if no record has a value for it."""
    holding = [voice for voice in voices if _value(voice, attribute)]
    if not holding:
        return None
    best = max(_worth(voice, attribute) for voice in holding)
    equals = [voice for voice in holding if _worth(voice, attribute) == best]
    chosen = min(equals, key=lambda voice: (voice.address.source, _value(voice, attribute), voice.record.bytes))
    return Survivor(_value(chosen, attribute), chosen.address, _assurance(chosen, attribute))


_RANK: Final[Mapping[Assurance, int]] = {Assurance.DECLARED: 0, Assurance.VERIFIED: 1, Assurance.CHECKED_BY_AGENT: 2}
_READ_AS: Final[Mapping[str, str]] = {
    name: name
    for name in (
        Attribute.GIVEN_NAME, Attribute.FAMILY_NAME, Attribute.BIRTH_NAME, Attribute.SEX, Attribute.BIRTH_DATE, Attribute.BIRTH_PLACE,
        Attribute.EMAIL, Attribute.PHONE, Attribute.ADDRESS_LINE, Attribute.POSTAL_CODE, Attribute.CITY, Attribute.COUNTRY,
        Attribute.NATIONAL_ID, Attribute.LOYALTY_ID,
    )
}  # fmt: skip
"""The standard column that says whether a value means anything; other attributes are parsed into several, and are taken as they are."""


def _worth(voice: Voice, attribute: str) -> tuple[bool, int, datetime]:
    return _readable(voice, attribute), _RANK[_assurance(voice, attribute)], voice.at


def _readable(voice: Voice, attribute: str) -> bool:
    column = _READ_AS.get(attribute)
    return column is None or voice.standard.get(column) is not None


def _value(voice: Voice, attribute: str) -> str:
    return voice.attributes.get(attribute, "").strip()


def _assurance(voice: Voice, attribute: str) -> Assurance:
    return voice.assurance.get(attribute, Assurance.DECLARED)
