"""Anchors: the identifiers on which people express themselves, and how the anchors of one subject hang together.

Rules (DESIGN §5.2, research/consent.md §5.2)
- An anchor is a source system and a keyed MAC of the identifier there (a record key, an account, a device): the consent context never
  learns the identifier itself.
- An event belongs to the anchor on which it was expressed. Linking and splitting identities moves no event.
- A link is *verified* if the same person proved both ends: a contact confirmed by code in both, one login, an identity checked by an agent.
  Every other link, however probable, is not.
"""

from __future__ import annotations

from dataclasses import dataclass, field

MAC_BYTES = 16


@dataclass(frozen=True, slots=True, order=True)
class Anchor:
    """Where an expression was made. ``mac`` is 16 bytes, keyed, over (source, identifier)."""

    source: str
    mac: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Subject:
    """The anchors of one subject: groups of anchors proved to be one person's, which hang together by unproved links.

    A partition: no anchor is in two groups. One anchor alone is a subject too.
    """

    groups: frozenset[frozenset[Anchor]]
    minor: bool = False
    """Whether a record says that the person is under the age of consent."""

    @property
    def anchors(self) -> frozenset[Anchor]:
        """Every anchor of the subject."""
        return frozenset(anchor for group in self.groups for anchor in group)

    def group_of(self, anchor: Anchor) -> frozenset[Anchor]:
        """Return the anchors proved to be of the same person as ``anchor``; itself if it is not of this subject."""
        return next((group for group in self.groups if anchor in group), frozenset((anchor,)))


def alone(anchor: Anchor) -> Subject:
    """Return the subject of an anchor that is linked to nothing."""
    return Subject(frozenset((frozenset((anchor,)),)))
