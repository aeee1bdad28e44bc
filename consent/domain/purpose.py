"""Purposes and notices: what data may be used for, on what ground, and what people were told.

Rules
- A purpose version and a notice version, once published, never change; each is named by the hash of its canonical form.
- A newer version says whether it is *compatible* with the one before: no new recipient, attribute, or use (GDPR Art. 6(4), 13(3)). Only
  an unbroken chain of compatible versions carries an older permission over.
- Every purpose names its legal basis (GDPR Art. 6(1)) and the law it rests on; only consent needs a grant, and only consent takes one.
- A purpose names the attributes it needs. What it does not name is never released for it (GDPR Art. 5(1)(c), minimisation).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class LegalBasis(StrEnum):
    """The ground of a use, GDPR Art. 6(1)(a) to (f)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal-obligation"
    VITAL_INTEREST = "vital-interest"
    PUBLIC_TASK = "public-task"
    LEGITIMATE_INTEREST = "legitimate-interest"


OBJECTABLE = frozenset({LegalBasis.LEGITIMATE_INTEREST, LegalBasis.PUBLIC_TASK})
"""Grounds against which a person may object (GDPR Art. 21(1))."""


CHANNELS = frozenset({"email", "sms", "phone", "post", "push", "web", "chat", "store"})
"""How people are reached: ``web`` is a site or an application, ``push`` a message to a device, ``store`` a counter or a till."""


class Obligation(StrEnum):
    """What whoever uses the data must do; it goes out with every permit. Documented in docs/decisions.md."""

    SHOW_WITHDRAW_LINK = "show-withdraw-link"  # CPCE L34-5, GDPR Art. 21(4)
    IDENTIFY_SENDER = "identify-sender"  # CPCE L34-5, C. conso. L221-16
    STOP_WHEN_ASKED = "stop-when-asked"  # C. conso. L221-16
    EXISTING_CUSTOMERS_ONLY = "existing-customers-only"  # CPCE L34-5, al. 4
    SIMILAR_GOODS_ONLY = "similar-goods-only"  # CPCE L34-5, al. 4
    NO_FURTHER_SHARING = "no-further-sharing"  # GDPR Art. 5(1)(b)
    FIGURES_ONLY = "figures-only"  # GDPR Art. 89
    HUMAN_REVIEW = "human-review"  # GDPR Art. 22
    KEEP_APART = "keep-apart"  # an archive is kept apart from what is in daily use: CNIL 2005-213
    DELETE_AFTER_USE = "delete-after-use"  # GDPR Art. 5(1)(e)


class Minors(StrEnum):
    """What a purpose asks where the subject is a minor for consent (under 15 in France)."""

    JOINT = "joint"  # the child's consent and a guardian's, both
    NEVER = "never"
    ALIKE = "alike"  # the ground does not depend on age


@dataclass(frozen=True, slots=True)
class Wording:
    """A text in the languages of the deployment, by ISO 639-1 code; French and English are always there."""

    texts: Mapping[str, str]

    def in_language(self, language: str) -> str:
        """Return the text in a language, or in French."""
        return self.texts.get(language) or self.texts["fr"]


@dataclass(frozen=True, slots=True)
class Purpose:
    """A version of a purpose. ``valid_days`` ends a permission that was not renewed; ``retention`` is an ISO 8601 duration.

    ``channels`` and ``recipients`` are those it covers; empty channels mean that it reaches nobody (no contact is made for it).
    ``prospecting`` marks direct marketing, to which objection is absolute (GDPR Art. 21(2), (3)). ``law`` names the source.
    ``obligations`` are what whoever uses the data must do.
    """

    purpose_id: str
    version: int
    basis: LegalBasis
    title: Wording
    description: Wording
    attributes: frozenset[str]
    recipients: frozenset[str]
    channels: frozenset[str]
    retention: str
    law: str
    notice: str = ""
    compatible: bool = False
    valid_days: int | None = None
    minors: Minors = Minors.ALIKE
    prospecting: bool = False
    signal: bool = False
    """Whether a global privacy signal (GPC) counts as an objection to it."""
    obligations: tuple[str, ...] = ()
    soft_opt_in: bool = False
    """Whether it writes to existing customers about similar goods without consent (CPCE L34-5, al. 4): a ground of its own, which is a
    legitimate interest with the objection in every message, and not a consent."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A version of a notice: what people are shown before they choose."""

    notice_id: str
    version: int
    text: Wording
    compatible: bool = False
    digest: bytes = b""
    """SHA-256 of the canonical form (``catalogue_codec.py``)."""


@dataclass(frozen=True, slots=True)
class Published:
    """All published versions, oldest first; asks never meet an unpublished one."""

    purposes: Mapping[str, tuple[Purpose, ...]] = field(default_factory=dict)
    notices: Mapping[str, tuple[Notice, ...]] = field(default_factory=dict)

    def purpose(self, purpose_id: str) -> Purpose | None:
        """Return the version in force."""
        versions = self.purposes.get(purpose_id)
        return versions[-1] if versions else None

    def notice(self, notice_id: str, version: int | None = None) -> Notice | None:
        """Return a version of a notice, the newest if none is named."""
        versions = self.notices.get(notice_id, ())
        if version is None:
            return versions[-1] if versions else None
        return next((notice for notice in versions if notice.version == version), None)

    def carries_over(self, purpose_id: str, version: int | None) -> bool:
        """Whether a permission under a version still counts: each version since then says that it is compatible.

        A version that nobody published carries nothing.
        """
        versions = self.purposes.get(purpose_id, ())
        if version is None or version not in {published.version for published in versions}:
            return False
        return all(published.compatible for published in versions if published.version > version)
