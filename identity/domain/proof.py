"""Which records of one identity are *proved* to be the same person's, and whether that person is a child.

Rules
- Two records are proved one person's if both hold the same national number, or the same given name with the same e-mail, phone or loyalty
  number, and each source vouches for its own: verified, or checked by an agent. A household shares a phone, and a card, not a given name;
  an address with a tag is another mailbox wherever the provider says so.
- A link that the machine or a steward made, however probable, proves nothing.
- Proof carries on: what is proved with one is proved with all that one is proved with.
- A person is taken for a child if any record says so: of several birth dates the youngest one counts.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from datetime import date, datetime
from typing import Final, TypeAlias, TypeVar

from identity.domain.attributes import Assurance, StandardAttributes

T = TypeVar("T", bound=Hashable)

AGE_OF_CONSENT: Final = 15
"""Years (loi 78-17, art. 45)."""
_PROVING: Final = {"email": "email", "phone": "phone", "national_id": "national_id", "loyalty_id": "loyalty_id"}
"""Attributes that prove, as sources name them, and where their standard form is."""
_ALONE: Final = "national_id"
"""What proves without a given name beside it."""
_VOUCHED: Final = frozenset({Assurance.VERIFIED, Assurance.CHECKED_BY_AGENT})

Proof: TypeAlias = tuple[str, str]
"""An attribute and its standard value: personal, so it stays where it was unsealed."""


def proofs(standard: StandardAttributes, assurance: Mapping[str, Assurance]) -> frozenset[Proof]:
    """Return what a record proves of the person who holds it."""
    held = ((name, standard.get(column)) for name, column in _PROVING.items() if assurance.get(name) in _VOUCHED)
    given = standard.get("given_root") or ""
    return frozenset((name, f"{value} {given}" if name != _ALONE else value) for name, value in held if value and (given or name == _ALONE))


def proved_groups(records: Mapping[T, Iterable[Proof]]) -> frozenset[frozenset[T]]:
    """Return the records in groups each proved to be one person's: a partition, linear in records and proofs."""
    groups: dict[T, set[T]] = {record: {record} for record in records}
    holder: dict[Proof, T] = {}
    for record, held in records.items():
        for proof in held:
            mine, theirs = groups[record], groups[holder.setdefault(proof, record)]
            if mine is not theirs:
                larger, smaller = (mine, theirs) if len(mine) >= len(theirs) else (theirs, mine)
                larger |= smaller
                groups.update(dict.fromkeys(smaller, larger))
    return frozenset(frozenset(group) for group in groups.values())


def says_child(standard: StandardAttributes, at: datetime) -> bool:
    """Whether a record says that its person is under the age of consent. Days are those of UTC: a child comes of age hours late at most."""
    given = standard.get("birth_date")
    if not given:
        return False
    born, today = date.fromisoformat(given), at.date()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) < AGE_OF_CONSENT
