"""The keys consent works with, one for each use. Who holds the key ring derives them; consent never sees the ring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ConsentKeys:
    """Five 256-bit keys: MACs of rows, sealed evidence, revision tokens, MACs of requests, pseudonyms. Never shown."""

    rows: bytes = field(repr=False)
    evidence: bytes = field(repr=False)
    revisions: bytes = field(repr=False)
    requests: bytes = field(repr=False)
    pseudonyms: bytes = field(repr=False)


def derive_keys(derive: Callable[[str], bytes]) -> ConsentKeys:
    """Return the keys, each from ``derive`` under a name of its own; names end in the number of their scheme."""
    return ConsentKeys(
        rows=derive("consent-rows/1"),
        evidence=derive("consent-evidence/1"),
        revisions=derive("consent-revisions/1"),
        requests=derive("consent-requests/1"),
        pseudonyms=derive("consent-pseudonyms/1"),
    )
