"""What a decision was made under: one digest for all published versions.

Rules
- A function of the set of published versions and of nothing else: the same catalogue has the same digest wherever it was published.
- Whoever has the versions can make it again from their canonical forms (``catalogue_codec.py``).
"""

from __future__ import annotations

import hashlib

from consent.domain.catalogue_codec import digest, notice_to_json, purpose_to_json
from consent.domain.purpose import Published


def policy_version(published: Published) -> str:
    """Return the SHA-256, in hexadecimal, of the sorted digests of every published version."""
    purposes = (digest(purpose_to_json(purpose)) for versions in published.purposes.values() for purpose in versions)
    notices = (digest(notice_to_json(notice)) for versions in published.notices.values() for notice in versions)
    return hashlib.sha256(b"".join(sorted((*purposes, *notices)))).hexdigest()
