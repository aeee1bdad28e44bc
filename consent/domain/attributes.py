"""The attributes that a purpose may need: those that Entente knows by name (DESIGN §3), and declared extras under ``x_``.

The contexts never meet, so consent has its own list; a test holds it equal to the one of identity.
"""

from __future__ import annotations

import re
from typing import Final

CANONICAL: Final = frozenset(
    {
        "title", "given_name", "family_name", "birth_name", "full_name", "sex", "birth_date", "birth_place", "email", "phone",
        "address_line", "postal_code", "city", "address", "country", "national_id", "loyalty_id",
    }
)  # fmt: skip
_EXTRA: Final = re.compile(r"x_[a-z][a-z0-9_]{0,60}")


def is_attribute(name: str) -> bool:
    """Whether a name can be an attribute: a canonical one, or an extra that some mapping may declare."""
    return name in CANONICAL or _EXTRA.fullmatch(name) is not None
