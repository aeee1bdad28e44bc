"""Canonical attributes of a person (DESIGN §3) and how an extra one is declared.

Rules
- A mapping names canonical attributes, or declares extras with a comparison kind (DESIGN §9.3).
- ``Attributes`` holds the values as the source gave them; ``StandardAttributes`` what the
  standardiser made of them: lower-case ASCII text or None, never an empty string.
- Extras are carried under ``x_<name>`` so that a declared extra can never shadow a canonical attribute.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

from identity.domain.personal import Personal

Attributes: TypeAlias = Mapping[str, str]
"""Attribute name (``Attribute`` value, or ``x_<name>``) to the value as the source gave it."""

StandardAttributes: TypeAlias = Mapping[str, str | None]
"""Standard column (``identity.domain.standardise.COLUMNS``, or ``x_<name>``) to its canonical value."""

PersonalAttributes: TypeAlias = Personal[Attributes]

EXTRA_PREFIX = "x_"


class Attribute(StrEnum):
    """The attributes that Entente knows by name."""

    TITLE = "title"
    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    BIRTH_NAME = "birth_name"
    FULL_NAME = "full_name"
    SEX = "sex"
    BIRTH_DATE = "birth_date"
    BIRTH_PLACE = "birth_place"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS_LINE = "address_line"
    POSTAL_CODE = "postal_code"
    CITY = "city"
    ADDRESS = "address"
    COUNTRY = "country"
    NATIONAL_ID = "national_id"
    LOYALTY_ID = "loyalty_id"


class ComparisonKind(StrEnum):
    """How values of a declared extra attribute are compared (DESIGN §9.3)."""

    EXACT = "exact"
    NAME = "name"
    TEXT = "text"
    DATE = "date"
    NUMBER = "number"
    IDENTIFIER = "identifier"


class Assurance(StrEnum):
    """How sure a source is of an attribute it holds."""

    DECLARED = "declared"
    VERIFIED = "verified"
    CHECKED_BY_AGENT = "checked-by-agent"
