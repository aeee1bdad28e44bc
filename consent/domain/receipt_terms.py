"""The vocabulary of receipts: our words in those of W3C DPV 2.3 and its extensions for the GDPR and for personal data.

Rules
- Terms that DPV 2.3 has, and no other; what it has no term for is in a namespace of our own (``ent:``), and never under a DPV prefix.
- The context is in each receipt: reading one needs no network, and no change of a published context changes what a receipt says.
- A status of consent is one of DPV's ten. What a person does under Art. 17, 18 and 21 is no status of consent: it is a right exercised.
- An attribute is the narrowest category that surely holds it; a declared extra is personal data, without more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from consent.domain.event import EventKind
from consent.domain.purpose import LegalBasis

CONTEXT: Final[Mapping[str, str | float]] = {
    "@version": 1.1,
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "dpv-27560": "https://w3id.org/dpv/schema/dpv-27560#",
    "ent": "https://entente.example/ns/receipt/1#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "loc": "https://w3id.org/dpv/loc#",
    "pd": "https://w3id.org/dpv/pd#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

STATUSES: Final[Mapping[EventKind, str]] = {
    EventKind.REQUESTED: "dpv:ConsentRequested",
    EventKind.UNKNOWN: "dpv:ConsentUnknown",
    EventKind.GIVEN: "dpv:ConsentGiven",
    EventKind.RENEWED: "dpv:RenewedConsentGiven",
    EventKind.REFUSED: "dpv:ConsentRefused",
    EventKind.WITHDRAWN: "dpv:ConsentWithdrawn",
    EventKind.EXPIRED: "dpv:ConsentExpired",
    EventKind.INVALIDATED: "dpv:ConsentInvalidated",
    EventKind.REVOKED: "dpv:ConsentRevoked",
}

EXERCISED: Final[Mapping[EventKind, tuple[str, ...]]] = {
    EventKind.OBJECTED: ("eu-gdpr:A21",),
    EventKind.RESTRICTED: ("eu-gdpr:A18",),
    EventKind.ERASED: ("eu-gdpr:A17",),
    EventKind.LIFTED: ("eu-gdpr:A18", "eu-gdpr:A21"),
}
"""The rights that are exercised, or for ``lifted`` no longer."""

BASES: Final[Mapping[LegalBasis, str]] = {
    LegalBasis.CONSENT: "eu-gdpr:A6-1-a",
    LegalBasis.CONTRACT: "eu-gdpr:A6-1-b",
    LegalBasis.LEGAL_OBLIGATION: "eu-gdpr:A6-1-c",
    LegalBasis.VITAL_INTEREST: "eu-gdpr:A6-1-d",
    LegalBasis.PUBLIC_TASK: "eu-gdpr:A6-1-e",
    LegalBasis.LEGITIMATE_INTEREST: "eu-gdpr:A6-1-f",
}

_ALWAYS: Final = ("eu-gdpr:A15", "eu-gdpr:A16", "eu-gdpr:A18", "eu-gdpr:A77")
_MORE: Final[Mapping[LegalBasis, tuple[str, ...]]] = {
    LegalBasis.CONSENT: ("eu-gdpr:A7-3", "eu-gdpr:A17", "eu-gdpr:A20"),
    LegalBasis.CONTRACT: ("eu-gdpr:A17", "eu-gdpr:A20"),
    LegalBasis.LEGAL_OBLIGATION: (),  # no erasure (Art. 17(3)(b)), no portability (Art. 20(1)), no objection
    LegalBasis.VITAL_INTEREST: ("eu-gdpr:A17",),
    LegalBasis.PUBLIC_TASK: ("eu-gdpr:A21",),  # no erasure (Art. 17(3)(b)), no portability (Art. 20(3))
    LegalBasis.LEGITIMATE_INTEREST: ("eu-gdpr:A17", "eu-gdpr:A21"),
}

_CATEGORIES: Final[Mapping[str, str]] = {
    "title": "pd:Name",
    "given_name": "pd:Name",
    "family_name": "pd:Name",
    "birth_name": "pd:Name",
    "full_name": "pd:Name",
    "sex": "pd:Gender",
    "birth_date": "pd:BirthDate",
    "birth_place": "pd:BirthPlace",
    "email": "pd:EmailAddress",
    "phone": "pd:TelephoneNumber",
    "address_line": "pd:PhysicalAddress",
    "postal_code": "pd:PhysicalAddress",
    "address": "pd:PhysicalAddress",
    "city": "pd:City",
    "country": "pd:Country",
    "national_id": "pd:OfficialID",
    "loyalty_id": "pd:UID",
}


def category(attribute: str) -> str:
    """Return the category of personal data that an attribute is of."""
    return _CATEGORIES.get(attribute, "dpv:PersonalData")


def rights(basis: LegalBasis | None) -> list[str]:
    """Return the rights a person has where data are used on a ground; on any ground if it is open (GDPR Art. 7, 15 to 21, 77)."""
    grounds = tuple(LegalBasis) if basis is None else (basis,)
    return sorted({*_ALWAYS, *(right for ground in grounds for right in _MORE[ground])})
