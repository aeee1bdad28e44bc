"""What a server shows and trusts in TLS."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Credentials:
    """PEM texts: the server's key and certificate chain, and the CA that signs callers."""

    key: bytes = field(repr=False)
    chain: bytes
    authority: bytes
